"""Journeys of a credit officer on the first page, in a real browser against the real services."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from support.accessibility import violations
from support.journeys import FIRST, PATIENCE, of_decision
from support.stack import Stack, Visit

pytestmark = pytest.mark.browser


def open_page(stack: Stack, page: Page, query: str = "") -> None:
    page.goto(stack.url + query)
    expect(page.locator("html.ready")).to_be_attached()
    expect(page.get_by_text(re.compile(r"\b400 clients"))).to_be_visible()


def field(page: Page) -> Locator:
    return page.get_by_role("combobox")


def meter(page: Page) -> Locator:
    return page.get_by_role("meter")


def client_heading(page: Page, sk_id_curr: int) -> Locator:
    return page.get_by_role("heading", name=f"Client {sk_id_curr}")


def choose(page: Page, sk_id_curr: int) -> None:
    field(page).fill(str(sk_id_curr))
    field(page).press("Enter")
    expect(client_heading(page, sk_id_curr)).to_be_visible()


def test_a_client_is_found_by_typing_and_chosen_by_keyboard(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    expect(page.get_by_role("heading", name="Aucun client choisi")).to_be_visible()

    field(page).press_sequentially("1000")
    options = page.get_by_role("option")
    expect(options).to_have_count(20)
    expect(options.first).to_contain_text(str(FIRST))
    field(page).press("ArrowDown")
    field(page).press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field(page)).to_have_attribute("aria-activedescendant", "option-1")
    field(page).press("Enter")

    expect(client_heading(page, FIRST + 1)).to_be_visible()
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page).to_have_url(re.compile(rf"\?client={FIRST + 1}$"))
    expect(page).to_have_title(re.compile(str(FIRST + 1)))


def test_escape_closes_the_list_and_keeps_the_client(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page, f"?client={FIRST}")
    expect(field(page)).to_have_value(str(FIRST))
    field(page).fill("1002")
    expect(page.get_by_role("listbox")).to_be_visible()
    field(page).press("Escape")

    expect(page.get_by_role("listbox")).to_be_hidden()
    field(page).blur()
    expect(field(page)).to_have_value(str(FIRST))


def test_the_gauge_shows_what_the_scoring_service_says(stack: Stack, visit: Visit) -> None:
    page = visit.page
    for decision, words in (("accept", "Accord proposé"), ("refuse", "Refus proposé")):
        sk_id_curr = of_decision(stack, decision)
        score, model = stack.score(sk_id_curr)
        open_page(stack, page, f"?client={sk_id_curr}")

        expect(page.get_by_text(words)).to_be_visible()
        percent = f"{100 * score.probability_of_repayment:.1f}"
        expect(meter(page)).to_have_attribute("aria-valuenow", f"{float(percent):g}")
        expect(meter(page)).to_have_attribute("aria-valuetext", re.compile(percent.replace(".", ",")))
        expect(page.get_by_role("status").get_by_text(re.compile("seuil d’acceptation"))).to_be_visible()
        expect(page.get_by_text(f"Modèle {model.version}")).to_be_visible()
        assert model.threshold == pytest.approx(0.52)


def test_the_address_leads_to_a_client_and_back(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page, f"?client={FIRST}")
    choose(page, FIRST + 4)
    choose(page, FIRST + 7)
    page.go_back()
    expect(client_heading(page, FIRST + 4)).to_be_visible()
    expect(field(page)).to_have_value(str(FIRST + 4))
    page.go_back()
    expect(client_heading(page, FIRST)).to_be_visible()
    page.go_forward()
    expect(client_heading(page, FIRST + 4)).to_be_visible()


def test_the_last_of_many_quick_choices_stays(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    for sk_id_curr in range(FIRST, FIRST + 10):
        field(page).fill(str(sk_id_curr))
        field(page).press("Enter")
    last = FIRST + 9
    score, _ = stack.score(last)

    expect(client_heading(page, last)).to_be_visible()
    percent = round(100 * score.probability_of_repayment, 1)
    expect(meter(page)).to_have_attribute("aria-valuenow", f"{percent:g}")
    expect(field(page)).to_have_value(str(last))


def test_the_language_switch_keeps_the_client(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    choose(page, FIRST)
    page.get_by_role("navigation", name=re.compile("Langue|Language")).get_by_role("link", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(client_heading(page, FIRST)).to_be_visible()
    expect(page.get_by_text(re.compile("Approval proposed|Refusal proposed"))).to_be_visible()
    expect(page.get_by_role("term").filter(has_text="Age")).to_be_visible()
    page.get_by_role("navigation", name=re.compile("Langue|Language")).get_by_role("link", name="Français").click()
    expect(page.get_by_text(re.compile("Accord proposé|Refus proposé"))).to_be_visible()


def test_facts_are_in_human_units(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page, f"?client={FIRST}")
    facts = page.locator("dl").first
    expect(facts).to_contain_text(re.compile(r"Âge\s*\d\d\sans"))

    text = " ".join(page.locator("dl").all_inner_texts())
    assert re.search(r"\d\s€", text)
    assert not re.search(r"[-−]\d", text)
    assert "TARGET" not in text
    assert "DAYS_" not in text


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def expect_explained(page: Page, reasons: str, contributions: str, comparable: str) -> None:
    """All that the explain service gives is there."""
    expect(card(page, reasons).get_by_role("listitem").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("img", name=re.compile(f"^{contributions}"))).to_be_visible(timeout=PATIENCE)
    expect(card(page, comparable).get_by_role("link").first).to_be_visible(timeout=PATIENCE)


def test_three_clients_are_explained(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    for sk_id_curr in (FIRST, FIRST + 3, FIRST + 6):
        choose(page, sk_id_curr)
        expect_explained(page, "Raisons principales", "Ce qui fait ce score", "Clients comparables")
        score, _model = stack.score(sk_id_curr)
        percent = f"{100 * score.probability_of_repayment:.1f}".replace(".", ",")
        contributions = card(page, "Ce qui fait ce score")
        expect(contributions.get_by_text(re.compile(rf"^De la moyenne de .* à {percent}\s%"))).to_be_visible()
        contributions.locator("summary").click()
        expect(contributions.get_by_role("row").last).to_contain_text(percent)
        contributions.locator("summary").click()
        expect(card(page, "Ce client et le portefeuille").get_by_role("img")).to_be_visible()

    expect(page.get_by_text(re.compile(r"médiane\s: ")).first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Parmi les clients de cette classe de risque")).to_be_visible()
    other = card(page, "Clients comparables").get_by_role("link").first
    sk_id_curr = int(other.inner_text())
    assert sk_id_curr != FIRST + 6
    other.click()
    expect(client_heading(page, sk_id_curr)).to_be_visible()
    card(page, "Raisons principales").get_by_role("link", name=re.compile("comparer$")).click()
    expect(page).to_have_url(re.compile(rf"/comparaison\?client={sk_id_curr}"))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violation_of_an_explained_client(
    stack: Stack, visit: Visit, language: str, scheme: str
) -> None:
    page = visit.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_page(stack, page, f"?lang={language}&client={FIRST}")
    if language == "fr":
        expect_explained(page, "Raisons principales", "Ce qui fait ce score", "Clients comparables")
    else:
        expect_explained(page, "Main reasons", "What makes this score", "Comparable clients")
    for summary in page.locator("summary:visible").all():
        summary.click()
    assert violations(page) == []


def test_demonstration_data_is_said_to_be(stack: Stack, visit: Visit) -> None:
    open_page(stack, visit.page)

    expect(visit.page.get_by_text("Données de démonstration")).to_be_visible()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?client=99", "Aucun client n’a l’identifiant 99"),
        ("?client=abc", "n’est pas un identifiant"),
        ("?client=<b>1</b>", "n’est pas un identifiant"),
        ("?client=99999999999999999999", "n’est pas un identifiant"),
    ],
)
def test_a_wrong_client_gives_a_message_and_the_search_goes_on(
    stack: Stack, visit: Visit, query: str, message: str
) -> None:
    page = visit.page
    open_page(stack, page, query)
    expect(page.get_by_role("status").get_by_text(message)).to_be_visible()
    expect(meter(page)).to_be_hidden()
    choose(page, FIRST)
    expect(meter(page)).to_be_visible()


def test_nothing_found_is_said(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    field(page).fill("77")
    expect(page.get_by_role("status").get_by_text("Aucun identifiant de client ne commence par 77")).to_be_attached()
    field(page).fill("x")
    expect(page.get_by_role("status").get_by_text("Un identifiant n’a que des chiffres")).to_be_attached()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("query", ["", f"client={FIRST}", "client=99", "client=abc"])
def test_no_accessibility_violation(stack: Stack, visit: Visit, query: str, width: int, language: str) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 844})
    open_page(stack, page, f"?lang={language}&{query}")
    expect(page.get_by_role("region").or_(page.locator("section")).first).to_have_attribute("aria-busy", "false")

    assert violations(page) == []
    if query == f"client={FIRST}":
        for summary in page.locator("summary:visible").all():
            summary.click()
        field(page).focus()
        field(page).press("ArrowDown")
        expect(page.get_by_role("option").first).to_be_visible()
        assert violations(page) == []
    # Nothing sticks out to the side.
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_skip_link_leads_to_the_content(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    page.keyboard.press("Tab")
    expect(page.locator("#skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(field(page)).to_be_focused()
