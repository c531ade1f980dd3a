"""Messages of the contracts become plain types, and a record survives the way there and back."""

import pytest
from clairscore.common.v1 import record_pb2
from clairscore.portfolio.v1 import portfolio_pb2
from clairscore.scoring.v1 import scoring_pb2
from hypothesis import given
from hypothesis import strategies as st

from frontend.clients import convert
from frontend.clients.types import Band, Decision, Label, Role, Unit, Value
from services.common.errors import ClairscoreError

VALUES = st.one_of(st.none(), st.text(), st.floats(allow_nan=False, allow_infinity=False))


@given(st.dictionaries(st.text(min_size=1), VALUES))
def test_a_record_survives_the_way_there_and_back(record: dict[str, Value]) -> None:
    client = portfolio_pb2.Client(sk_id_curr=1, record=convert.from_record(record))

    assert convert.to_client(client).record == record


@pytest.mark.parametrize("number", [n for n in record_pb2.RiskBand.values() if n])
def test_every_band_of_the_contract_is_known(number: record_pb2.RiskBand) -> None:
    message = record_pb2.Score(probability_of_repayment=0.5, band=number, decision=record_pb2.DECISION_REFUSE)

    assert convert.to_score(message).band is list(Band)[number - 1]


@pytest.mark.parametrize("number", [n for n in portfolio_pb2.FeatureRole.values() if n])
def test_every_role_of_the_contract_is_known(number: portfolio_pb2.FeatureRole) -> None:
    feature = portfolio_pb2.Feature(name="F", unit=portfolio_pb2.UNIT_COUNT, role=number)
    message = portfolio_pb2.ListFeaturesResponse(features=[feature])
    expected = Role(portfolio_pb2.FeatureRole.Name(number).removeprefix("FEATURE_ROLE_").lower())

    assert convert.to_dictionary(message).features["F"].role is expected


@pytest.mark.parametrize("number", [n for n in portfolio_pb2.Unit.values() if n])
def test_every_unit_of_the_contract_is_known(number: portfolio_pb2.Unit) -> None:
    message = portfolio_pb2.ListFeaturesResponse(
        features=[portfolio_pb2.Feature(name="F", unit=number, role=portfolio_pb2.FEATURE_ROLE_HISTORY)]
    )
    expected = Unit(portfolio_pb2.Unit.Name(number).removeprefix("UNIT_").lower())

    assert convert.to_dictionary(message).features["F"].unit is expected


def test_a_score_without_band_is_a_fault_of_the_service() -> None:
    message = record_pb2.Score(probability_of_repayment=0.5, decision=record_pb2.DECISION_ACCEPT)

    with pytest.raises(ClairscoreError, match="RISK_BAND_UNSPECIFIED"):
        convert.to_score(message)


def test_a_model_keeps_threshold_and_bands() -> None:
    bands = [scoring_pb2.BandRange(band=record_pb2.RISK_BAND_VERY_HIGH, lower=0.0, upper=0.25)]
    model = convert.to_model(scoring_pb2.Model(version="v", threshold=0.52, bands=bands))

    assert model.threshold == 0.52
    assert [(b.band, b.lower, b.upper) for b in model.bands] == [(Band.VERY_HIGH, 0.0, 0.25)]


def test_what_a_summary_does_not_know_is_none() -> None:
    score = record_pb2.Score(band=record_pb2.RISK_BAND_LOW, decision=record_pb2.DECISION_ACCEPT)
    clients = [
        portfolio_pb2.ClientSummary(sk_id_curr=7, age=0.0, published_score=score),
        portfolio_pb2.ClientSummary(sk_id_curr=8, published_score=score),
    ]
    results = convert.to_results(portfolio_pb2.SearchClientsResponse(clients=clients, total=2))

    assert [(c.sk_id_curr, c.age, c.credit) for c in results.clients] == [(7, 0.0, None), (8, None, None)]
    assert results.total == 2


def test_category_labels_are_kept_by_language() -> None:
    category = portfolio_pb2.Category(value="Married", label_fr="Marié", label_en="Married")
    feature = portfolio_pb2.Feature(
        name="F", unit=portfolio_pb2.UNIT_NONE, role=portfolio_pb2.FEATURE_ROLE_APPLICATION, categories=[category]
    )
    dictionary = convert.to_dictionary(portfolio_pb2.ListFeaturesResponse(features=[feature]))

    assert dictionary.features["F"].categories == {"Married": Label("Marié", "Married")}


def test_a_decision_is_read() -> None:
    message = record_pb2.Score(band=record_pb2.RISK_BAND_LOW, decision=record_pb2.DECISION_ACCEPT)

    assert convert.to_score(message).decision is Decision.ACCEPT
