"""What the dashboard tells Prometheus of its pages, after a browser has opened and left one."""

import pytest
from playwright.sync_api import expect
from support.scoring import scrape
from support.stack import Stack, Visit
from support.waiting import until

pytestmark = pytest.mark.browser

_PAGE = '{page="/modeles"}'
_SESSIONS = f"clairscore_dashboard_sessions{_PAGE}"
_OPENED = f"clairscore_dashboard_pages_opened_total{_PAGE}"
_DRAWN = f"clairscore_dashboard_draw_seconds_count{_PAGE}"
# A page that was left is forgotten some seconds later.
_SECONDS = 60.0


def _wait(stack: Stack, name: str, value: float) -> None:
    def found() -> float:
        return scrape(stack.metrics_address).get(name, 0.0)

    assert until(lambda: found() == value, seconds=_SECONDS), f"{name} is {found()}, not {value}"


def test_a_page_counts_as_opened_drawn_and_left(stack: Stack, visit: Visit) -> None:
    # What the warm-up has opened, without a browser, goes first.
    _wait(stack, _OPENED, max(1.0, scrape(stack.metrics_address).get(_OPENED, 0.0)))
    _wait(stack, _SESSIONS, 0)
    before = scrape(stack.metrics_address)
    visit.page.goto(f"{stack.url}modeles")
    expect(visit.page.locator("html.ready")).to_be_attached()
    _wait(stack, _DRAWN, before[_DRAWN] + 1)
    _wait(stack, _SESSIONS, 1)
    _wait(stack, _OPENED, before[_OPENED] + 1)
    visit.page.goto("about:blank")
    _wait(stack, _SESSIONS, 0)


def test_calls_that_failed_are_counted_where_officers_meet_them(stack: Stack, visit: Visit) -> None:
    failed = (
        'grpc_client_handled_total{grpc_code="UNAVAILABLE",grpc_method="GetModel",'
        'grpc_service="clairscore.scoring.v1.ScoringService"}'
    )
    before = scrape(stack.metrics_address).get(failed, 0.0)
    stack.stop("scoring")
    visit.page.goto(f"{stack.url}?client=100001")
    # What officers read: the failure is not a figure alone.
    expect(visit.page.get_by_text("Le service de score ne répond pas")).to_be_visible(timeout=1000 * _SECONDS)
    assert scrape(stack.metrics_address)[failed] > before
