"""Services that go away while the page is open: it says so, stays usable, and recovers without being loaded again."""

import re

import pytest
from playwright.sync_api import Page, expect
from support.accessibility import violations
from support.journeys import FIRST, PATIENCE, shown
from support.stack import Stack, Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PORTFOLIO_DOWN = "Le service des clients ne répond pas"
EXPLAIN_DOWN = "Le service d’explication ne répond pas"
SCORING_DOWN = "Le service de score ne répond pas"


def open_page(stack: Stack, page: Page, query: str = f"?client={FIRST}") -> None:
    page.goto(stack.url + query)
    expect(page.locator("html.ready")).to_be_attached()
    page.evaluate("window.notReloaded = true")


def choose(page: Page, sk_id_curr: int) -> None:
    page.get_by_role("combobox").fill(str(sk_id_curr))
    page.get_by_role("combobox").press("Enter")


def expect_score(page: Page) -> None:
    expect(page.get_by_text(re.compile("Accord proposé|Refus proposé"))).to_be_visible(timeout=PATIENCE)


def test_the_portfolio_goes_and_comes_back(stack: Stack, visit: Visit) -> None:
    """Slow: a service has to end and to start again."""
    page = visit.page
    open_page(stack, page)
    expect_score(page)
    stack.stop("portfolio")
    # An idle page notices by itself, and keeps what it shows.
    expect(page.get_by_text(PORTFOLIO_DOWN)).to_be_visible(timeout=PATIENCE)
    expect_score(page)
    choose(page, FIRST + 1)
    expect(page.get_by_text("ne peut pas être lu")).to_be_visible(timeout=PATIENCE)
    assert "Traceback" not in page.content()
    assert violations(page) == []

    stack.start("portfolio")
    expect_score(page)
    expect(page.get_by_role("heading", name=f"Client {FIRST + 1}")).to_be_visible()
    expect(page.get_by_text(PORTFOLIO_DOWN)).to_be_hidden(timeout=PATIENCE)
    assert page.evaluate("window.notReloaded")


def test_the_scoring_goes_and_comes_back(stack: Stack, visit: Visit) -> None:
    """Slow: a service has to end and to start again."""
    page = visit.page
    open_page(stack, page)
    expect_score(page)
    stack.stop("scoring")
    expect(page.get_by_text(SCORING_DOWN)).to_be_visible(timeout=PATIENCE)
    choose(page, FIRST + 1)
    expect(page.get_by_text("Le score ne peut pas être calculé")).to_be_visible(timeout=PATIENCE)
    # The rest of the page works.
    expect(page.get_by_role("heading", name="Crédit demandé")).to_be_visible()
    page.get_by_text("Les sept classes de risque", exact=True).click()
    assert violations(page) == []

    stack.start("scoring")
    expect_score(page)
    expect(page.get_by_text(SCORING_DOWN)).to_be_hidden(timeout=PATIENCE)
    assert page.evaluate("window.notReloaded")


def test_the_explanations_go_and_come_back(stack: Stack, visit: Visit) -> None:
    """Slow: a service has to end and to start again."""
    page = visit.page
    open_page(stack, page)
    cards = [
        page.get_by_role("region", name=name, exact=True)
        for name in ("Raisons principales", "Ce qui fait ce score", "Clients comparables")
    ]
    reasons, contributions, comparable = cards
    expect(reasons.get_by_role("listitem").first).to_be_visible(timeout=PATIENCE)
    stack.stop("explain")
    expect(page.get_by_text(EXPLAIN_DOWN)).to_be_visible(timeout=PATIENCE)
    choose(page, FIRST + 1)
    # The score goes on without its reasons, and nobody else's stand there.
    expect_score(page)
    for card in cards:
        expect(card.get_by_text("Pas de réponse pour l’instant")).to_be_visible(timeout=PATIENCE)
    expect(reasons.get_by_role("listitem")).to_have_count(0)
    assert violations(page) == []

    stack.start("explain")
    expect(reasons.get_by_role("listitem").first).to_be_visible(timeout=PATIENCE)
    expect(contributions.get_by_role("img")).to_be_visible(timeout=PATIENCE)
    expect(comparable.get_by_role("link").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(EXPLAIN_DOWN)).to_be_hidden(timeout=PATIENCE)
    assert page.evaluate("window.notReloaded")


def test_a_page_opened_during_an_outage_fills_when_it_ends(stack: Stack, visit: Visit) -> None:
    """Slow: two services have to end and to start again."""
    page = visit.page
    stack.stop("portfolio")
    stack.stop("scoring")
    open_page(stack, page, f"?lang=en&client={FIRST}")
    expect(page.get_by_text("The client service does not answer")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("The scoring service does not answer")).to_be_visible(timeout=PATIENCE)
    assert violations(page) == []

    stack.start("portfolio")
    stack.start("scoring")
    expect(page.get_by_text(re.compile("Approval proposed|Refusal proposed"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Demonstration data")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("window.notReloaded")


def test_a_lost_dashboard_is_loaded_again_with_the_same_client(stack: Stack, visit: Visit) -> None:
    """Slow: the dashboard has to end and to start again."""
    page = visit.page
    open_page(stack, page, "")
    choose(page, FIRST + 2)
    expect_score(page)
    stack.stop_dashboard()
    expect(page.get_by_role("alertdialog")).to_be_visible(timeout=PATIENCE)
    assert violations(page) == []

    stack.start_dashboard()
    page.wait_for_function("!window.notReloaded", timeout=PATIENCE)
    expect(page.get_by_role("heading", name=f"Client {FIRST + 2}")).to_be_visible(timeout=PATIENCE)
    expect_score(page)
    expect_only_lost_connections(visit)


@pytest.mark.parametrize(
    ("service", "words", "paths"),
    [
        ("scoring", SCORING_DOWN, ("", "comparaison", "demande", "variables", "croisements", "portefeuille")),
        ("portfolio", PORTFOLIO_DOWN, ("", "comparaison", "demande", "variables", "croisements", "portefeuille")),
        ("explain", EXPLAIN_DOWN, ("", "comparaison", "variables", "croisements")),
    ],
)
def test_a_service_that_hangs_is_said_on_every_page_that_needs_it(
    stack: Stack, visit: Visit, service: str, words: str, paths: tuple[str, ...]
) -> None:
    """Slow: every page waits until its deadline for a process that is stopped but keeps its connections."""
    page = visit.page
    stack.freeze(service)
    for path in paths:
        open_page(stack, page, f"{path}?client={FIRST}&variable=EXT_SOURCE_2")
        expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE)
    assert violations(page) == []

    stack.thaw(service)
    expect(page.get_by_text(words)).to_be_hidden(timeout=PATIENCE)
    assert page.evaluate("window.notReloaded")


def test_changes_on_their_way_outlive_the_dashboard(stack: Stack, visit: Visit) -> None:
    """Slow: the dashboard has to end and to start again."""
    page = visit.page
    open_page(stack, page, f"comparaison?client={FIRST}")
    form = page.get_by_role("region", name="Modifier les informations du client")
    form.get_by_label("Revenu annuel", exact=True).fill("71 000,5")
    expect(form.get_by_text("1 champ modifié")).to_be_visible(timeout=PATIENCE)
    stack.stop_dashboard()
    expect(page.get_by_role("alertdialog")).to_be_visible(timeout=PATIENCE)

    stack.start_dashboard()
    page.wait_for_function("!window.notReloaded", timeout=PATIENCE)
    expect(form.get_by_text("1 champ modifié")).to_be_visible(timeout=PATIENCE)
    expect(form.get_by_label("Revenu annuel", exact=True)).to_have_value(re.compile("71.000,5"))
    after, _model = stack.score(FIRST, AMT_INCOME_TOTAL=71_000.5)
    meter = page.get_by_role("meter").nth(1)
    expect(meter).to_have_attribute("aria-valuenow", shown(after.probability_of_repayment), timeout=PATIENCE)
    expect_only_lost_connections(visit)


def expect_only_lost_connections(visit: Visit) -> None:
    """The look for a server that isn't there is a failed request, and what a component still says goes nowhere.

    The browser writes each to the console.
    """
    gone = ("ERR_CONNECTION_REFUSED", "not connected so cannot send")
    visit.errors[:] = [error for error in visit.errors if not any(sign in error for sign in gone)]
