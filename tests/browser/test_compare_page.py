"""Journeys on the comparison page, in a real browser against the real services."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from support.accessibility import violations
from support.journeys import FIRST, PATIENCE, label, refused_by_an_edit, shown, typed
from support.stack import Stack, Visit

from frontend.language import language

pytestmark = pytest.mark.browser

FRENCH = language("fr")


def open_page(stack: Stack, page: Page, query: str = f"client={FIRST}") -> None:
    page.goto(f"{stack.url}comparaison?{query}")
    expect(page.locator("html.ready")).to_be_attached()
    expect(form(page)).to_be_visible(timeout=PATIENCE)
    # What the browser kept is in the form once the services have been asked about the edits.
    expect(meter(page, 0)).not_to_have_attribute("aria-valuenow", "0", timeout=PATIENCE)


def form(page: Page) -> Locator:
    return page.get_by_role("region", name=re.compile("Modifier les informations du client|Change the client's"))


def entry(page: Page, label: str) -> Locator:
    return form(page).get_by_label(label, exact=True)


def meter(page: Page, number: int) -> Locator:
    """The gauge of the base data (0) or of the updated data (1)."""
    return page.get_by_role("meter").nth(number)


def probability(page: Page, number: int) -> str:
    return meter(page, number).get_attribute("aria-valuenow") or ""


def test_an_officer_edits_compares_undoes_and_resets(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    before, _ = stack.score(FIRST)
    expect(meter(page, 0)).to_have_attribute("aria-valuenow", shown(before.probability_of_repayment))
    expect(form(page).get_by_role("status").first).to_have_text("Rien n’est modifié.")

    entry(page, "Revenu annuel").fill("71 000,5")
    after = stack.score(FIRST, AMT_INCOME_TOTAL=71_000.5)[0]
    expect(meter(page, 1)).to_have_attribute("aria-valuenow", shown(after.probability_of_repayment))
    expect(meter(page, 0)).to_have_attribute("aria-valuenow", shown(before.probability_of_repayment))
    chart = page.get_by_role("region", name="Effet de chaque modification", exact=True)
    chart.get_by_text("Afficher en tableau").click()
    rows = chart.get_by_role("rowheader")
    expect(rows).to_have_text(["Revenu annuel"])
    # The table stays open, and follows.
    entry(page, "Ancienneté dans l'emploi").fill("0,5")
    both = stack.score(FIRST, AMT_INCOME_TOTAL=71_000.5, DAYS_EMPLOYED=-183.0)[0]
    expect(meter(page, 1)).to_have_attribute("aria-valuenow", shown(both.probability_of_repayment))
    expect(form(page).get_by_text("2 champs modifiés")).to_be_visible()
    expect(entry(page, "Revenu annuel")).to_have_value(re.compile("71.000,5"))
    expect(rows).to_have_text(["Ancienneté dans l'emploi", "Revenu annuel"])
    # Nothing can be done in the new drawing: no stop of the Tab key.
    expect(chart.locator(".bk-events")).to_have_attribute("tabindex", "-1")
    expect(page.get_by_text("En faveur du remboursement")).to_have_count(2)

    page.get_by_role("button", name="Annuler", exact=True).click()
    expect(meter(page, 1)).to_have_attribute("aria-valuenow", shown(after.probability_of_repayment))
    expect(entry(page, "Ancienneté dans l'emploi")).not_to_have_value("0,5")
    page.get_by_role("button", name="Tout rétablir").click()
    expect(meter(page, 1)).to_have_attribute("aria-valuenow", shown(before.probability_of_repayment))
    expect(form(page).get_by_role("status").first).to_have_text("Rien n’est modifié.")
    page.get_by_role("button", name="Annuler", exact=True).click()
    expect(form(page).get_by_text("1 champ modifié")).to_be_visible()


def test_the_last_of_many_quick_edits_stays(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    last = 60_000.0
    for thousands in range(51, 61):
        entry(page, "Revenu annuel").fill(f"{thousands} 000")
        entry(page, "Revenu annuel").press("Enter")
    after = stack.score(FIRST, AMT_INCOME_TOTAL=last)[0]
    gauge = page.get_by_role("region", name="Avec les données modifiées", exact=True)
    expect(gauge).to_have_attribute("aria-busy", "false")
    expect(meter(page, 1)).to_have_attribute("aria-valuenow", shown(after.probability_of_repayment))
    expect(entry(page, "Revenu annuel")).to_have_value(re.compile("60.000"))


def test_what_cannot_be_read_or_is_not_possible_is_said_at_the_field(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    income = entry(page, "Revenu annuel")
    income.fill("beaucoup")
    expect(income).to_have_attribute("aria-invalid", "true")
    expect(form(page).get_by_text("Ce n’est pas un nombre")).to_be_visible()
    income.fill("-5")
    expect(form(page).get_by_text("Cette valeur n’est pas possible.")).to_be_visible()
    expect(page.get_by_text("Une valeur modifiée n’est pas possible")).to_be_visible()
    income.fill("9 000 000 000")
    expect(form(page).get_by_text("Loin de ce que le modèle a vu")).to_be_visible()
    expect(income).to_have_attribute("aria-invalid", "false")
    form(page).get_by_role("button", name="Revenir à la valeur du client").click()
    expect(income).to_be_focused()
    expect(form(page).get_by_role("status").first).to_have_text("Rien n’est modifié.")


def test_a_scenario_is_saved_found_by_its_link_and_deleted(stack: Stack, visit: Visit) -> None:
    page = visit.page
    client = FIRST + 1
    open_page(stack, page, f"client={client}")
    entry(page, "Revenu annuel").fill("71000")
    expect(form(page).get_by_text("1 champ modifié")).to_be_visible()
    page.get_by_label("Nom du scénario").fill("Autre revenu")
    page.get_by_label("Nom du scénario").press("Enter")
    expect(page.get_by_text("« Autre revenu » est enregistré")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"client={client}&scenario=\w+"))
    link = page.url

    # A colleague's browser knows only the link.
    page.evaluate("sessionStorage.clear()")
    page.goto(link)
    expect(form(page).get_by_text("1 champ modifié")).to_be_visible(timeout=PATIENCE)
    expect(entry(page, "Revenu annuel")).to_have_value(re.compile("71.000"))
    # Unsaved edits are kept by the browser, not by the link.
    entry(page, "Montant du crédit").fill("123456")
    expect(page.get_by_text("Modifié depuis l’enregistrement")).to_be_visible()
    assert "123456" not in page.url
    page.get_by_role("navigation", name=re.compile("Langue|Language")).get_by_role("link", name="English").click()
    expect(form(page).get_by_text("2 fields changed")).to_be_visible(timeout=PATIENCE)
    expect(entry(page, "Credit amount")).to_have_value("123,456")
    page.get_by_role("button", name="Open Autre revenu").click()
    page.get_by_role("button", name="Delete Autre revenu").click()
    expect(page.get_by_text("None yet.")).to_be_visible()
    expect(page).not_to_have_url(re.compile("scenario="))
    page.goto(link)
    expect(page.get_by_text("Le scénario de ce lien n’existe pas")).to_be_visible(timeout=PATIENCE)


def test_what_would_change_the_decision_goes_into_the_form(stack: Stack, visit: Visit) -> None:
    page = visit.page
    client, feature, text = refused_by_an_edit(stack)
    open_page(stack, page, f"client={client}")
    entry(page, label(feature, FRENCH)).fill(typed(text, FRENCH))
    expect(page.get_by_text("Refus proposé")).to_be_visible()
    panel = page.get_by_role("region", name=re.compile("changerait la décision"))
    panel.get_by_text("Limites de la recherche").click()
    panel.get_by_label("Type de contrat", exact=True).select_option("fixed")
    page.get_by_role("button", name="Chercher des changements").click()
    answer = panel.get_by_role("listitem").first
    expect(answer).to_be_visible(timeout=PATIENCE)
    assert violations(page) == []
    expect(panel.get_by_role("rowheader", name="Type de contrat")).to_have_count(0)
    answer.get_by_role("button", name="Reporter dans le formulaire").click()
    expect(page.get_by_text("Accord proposé")).to_be_visible()
    page.get_by_role("button", name="Annuler", exact=True).click()
    expect(page.get_by_text("Refus proposé")).to_be_visible()


def test_by_keyboard_alone(stack: Stack, visit: Visit) -> None:
    page = visit.page
    page.goto(f"{stack.url}comparaison")
    expect(page.locator("html.ready")).to_be_attached()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(str(FIRST + 2))
    page.keyboard.press("Enter")
    expect(form(page)).to_be_visible(timeout=PATIENCE)
    expect(meter(page, 0)).not_to_have_attribute("aria-valuenow", "0")

    search = form(page).get_by_label("Chercher un autre champ")
    tab_to(page, search)
    page.keyboard.type("montant du credit")
    tab_to(page, entry(page, "Montant du crédit"))
    page.keyboard.press("Control+A")
    page.keyboard.type("50000")
    expect(form(page).get_by_text("1 champ modifié")).to_be_visible()
    page.keyboard.press("Tab")
    expect(form(page).get_by_role("button", name="Revenir à la valeur du client")).to_be_focused()
    tab_to(page, page.get_by_role("radio", name="côte à côte"))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("meter")).to_have_count(1)
    expect(page.get_by_role("region", name="Ce qui fait ce score")).to_be_visible()
    page.keyboard.press("ArrowRight")
    after = stack.score(FIRST + 2, AMT_CREDIT=50_000.0)[0]
    expect(meter(page, 0)).to_have_attribute("aria-valuenow", shown(after.probability_of_repayment))


def tab_to(page: Page, target: Locator) -> None:
    for _ in range(80):
        if target.evaluate("element => element.matches(':focus')"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the Tab key does not lead there")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("width", [1440, 320])
def test_no_accessibility_violation(stack: Stack, visit: Visit, width: int, language: str, scheme: str) -> None:
    page = visit.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 844})
    open_page(stack, page, f"lang={language}&client={FIRST}")
    assert violations(page) == []
    income = entry(page, "Revenu annuel" if language == "fr" else "Annual income")
    income.fill("9 000 000 000")
    expect(form(page).get_by_text(re.compile("Loin de ce|Far from what"))).to_be_visible()
    income.fill("x")
    expect(income).to_have_attribute("aria-invalid", "true")
    page.get_by_text(re.compile("Limites de la recherche|Limits of the search")).click()
    assert violations(page) == []
    # Nothing sticks out to the side.
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_the_explanations_go_and_come_back(stack: Stack, visit: Visit) -> None:
    """Slow: a service has to end and to start again."""
    page = visit.page
    open_page(stack, page)
    expect(page.get_by_text("En faveur du remboursement").first).to_be_visible(timeout=PATIENCE)
    stack.stop("explain")
    expect(page.get_by_text("Le service d’explication ne répond pas")).to_be_visible(timeout=PATIENCE)
    entry(page, "Revenu annuel").fill("71 000,5")
    after = stack.score(FIRST, AMT_INCOME_TOTAL=71_000.5)[0]
    # The score goes on without its reasons.
    expect(meter(page, 1)).to_have_attribute("aria-valuenow", shown(after.probability_of_repayment), timeout=PATIENCE)
    chart = page.get_by_role("region", name="Effet de chaque modification")
    expect(chart.get_by_text("Pas de réponse pour l’instant")).to_be_visible(timeout=PATIENCE)
    assert violations(page) == []
    stack.start("explain")
    expect(chart.get_by_text("Afficher en tableau")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Le service d’explication ne répond pas")).to_be_hidden(timeout=PATIENCE)
