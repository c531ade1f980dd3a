"""What a view of the comparison page says of itself."""

from frontend.clients.changes import Scenario
from frontend.clients.types import Service
from frontend.compare_view import CompareView
from frontend.edits import Edits
from frontend.remote import Failed, Ready
from services.common.errors import InvalidInput, NotFound, Unavailable, Violation

SAVED = Scenario("id", "Less credit", {"AMT_CREDIT": 5.0, "GONE": 1.0}, ("GONE",), "2026-05-01T12:00:00Z")


def test_the_open_scenario_is_the_one_of_the_address() -> None:
    assert CompareView(scenario_id="id", scenarios=Ready((SAVED,))).scenario is SAVED
    assert CompareView(scenario_id="other", scenarios=Ready((SAVED,))).scenario is None
    assert CompareView(scenario_id="id").scenario is None


def test_what_is_obsolete_is_left_out() -> None:
    assert SAVED.usable == {"AMT_CREDIT": 5.0}


def test_the_browser_keeps_edits_and_scenario_of_the_client() -> None:
    edits = Edits().change("AMT_CREDIT", None, 7.0, "1")
    view = CompareView(choice="100001", edits=edits, scenario_id="id")
    assert view.draft == {"key": "100001", "edits": {"AMT_CREDIT": None}, "scenario": "id"}


def test_only_edited_fields_are_refused() -> None:
    faults = InvalidInput([Violation("AMT_CREDIT", "is out of range"), Violation("AMT_ANNUITY", "is out of range")])
    view = CompareView(edits=Edits({"AMT_CREDIT": -5.0}), score_after=Failed(faults))
    assert view.refused == {"AMT_CREDIT": "is out of range"}
    assert CompareView(score_after=Failed(Unavailable("away"))).refused == {}


def test_each_service_is_missed_by_what_waits_for_it() -> None:
    view = CompareView(scenarios=Failed(NotFound("no client")), comparison=Failed(Unavailable("away")))
    assert view.outages == {Service.EXPLAIN}
