"""What a view of the feature page says of itself."""

from support.dictionary import real_dictionary

from frontend.clients.types import Client, Publication, Service
from frontend.feature_session import FeatureView
from frontend.page_session import Portfolio
from frontend.remote import Failed, Pending, Ready
from services.common.errors import FailedPrecondition, NotFound, Unavailable

PUBLICATION = Publication(10, True, "2026-11-22T00:00:00Z", "contract")
PORTFOLIO = Ready(Portfolio(PUBLICATION, real_dictionary()))


def test_a_value_is_the_chosen_clients_of_the_chosen_feature() -> None:
    client = Ready(Client(1, {"AMT_CREDIT": 5.0}, {"CREDIT_TERM": 12.0}))

    assert FeatureView(feature="AMT_CREDIT", client=client).value == 5.0
    assert FeatureView(feature="CREDIT_TERM", client=client).value == 12.0
    assert FeatureView(feature="AMT_ANNUITY", client=client).value is None
    assert FeatureView(feature="AMT_CREDIT", client=Pending()).value is None


def test_an_unknown_feature_has_no_entry() -> None:
    entry = FeatureView(feature="AMT_CREDIT", portfolio=PORTFOLIO).entry

    assert entry is not None
    assert entry.name == "AMT_CREDIT"
    assert FeatureView(feature="NO", portfolio=PORTFOLIO).entry is None
    assert FeatureView(feature="AMT_CREDIT").entry is None


def test_explanations_that_are_still_being_computed_are_no_outage() -> None:
    assert FeatureView(effect=Failed(Unavailable("…", progress="0.2"))).outages == frozenset()
    assert FeatureView(effect=Failed(FailedPrecondition("…"))).outages == frozenset()
    assert FeatureView(effect=Failed(NotFound("…"))).outages == frozenset()
    assert FeatureView(effect=Failed(Unavailable("…"))).outages == {Service.EXPLAIN}


def test_a_service_that_the_page_does_not_need_is_not_reported() -> None:
    assert FeatureView(silent=frozenset(Service)).outages == {Service.PORTFOLIO, Service.SCORING, Service.EXPLAIN}
