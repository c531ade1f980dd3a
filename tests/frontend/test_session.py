"""What a view says of itself."""

import pytest

from frontend.clients.types import Service
from frontend.page_session import parse_id
from frontend.remote import Failed
from frontend.session import View
from services.common.errors import DeadlineExceeded, FailedPrecondition, NotFound, Unavailable


@pytest.mark.parametrize(
    ("text", "sk_id_curr"),
    [("100001", 100_001), ("1", 1), ("", None), ("0", None), ("-5", None), ("abc", None), ("1.5", None), ("²", None)],
)
def test_an_identifier_is_a_positive_whole_number(text: str, sk_id_curr: int | None) -> None:
    assert parse_id(text) == sk_id_curr


def test_an_identifier_must_fit_the_contract() -> None:
    assert parse_id(str(2**63)) is None


def test_outages_are_what_the_health_check_and_the_calls_say() -> None:
    view = View(silent=frozenset({Service.PORTFOLIO}), score=Failed(DeadlineExceeded("slow")))

    assert view.outages == {Service.PORTFOLIO, Service.SCORING}


def test_an_unknown_client_is_no_outage() -> None:
    assert View(client=Failed(NotFound("no such client"))).outages == frozenset()


def test_nothing_published_is_no_outage() -> None:
    view = View(portfolio=Failed(FailedPrecondition("nothing published")))

    assert view.nothing_published
    assert view.outages == frozenset()
    assert not View(portfolio=Failed(Unavailable("away"))).nothing_published
