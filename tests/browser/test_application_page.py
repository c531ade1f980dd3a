"""Journeys on the page of new applications, in a real browser against the real services."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from support.accessibility import violations
from support.stack import Stack, Visit

pytestmark = pytest.mark.browser

PATIENCE = 60_000
PERSON = "name,value\nAMT_CREDIT,200000\nAMT_ANNUITY,12000.5\nDAYS_BIRTH,-12500\nAMT_INCOME_TOTAL,60000\n"


def open_page(stack: Stack, page: Page, query: str = "") -> None:
    page.goto(f"{stack.url}demande?{query}")
    expect(page.locator("html.ready")).to_be_attached()
    expect(page.get_by_text(re.compile("Données de démonstration|Demonstration data"))).to_be_visible()


def entry(page: Page, label: str) -> Locator:
    return page.get_by_label(re.compile(f"^{label}"))


def choose_file(page: Page, name: str, content: str | bytes) -> None:
    data = content.encode() if isinstance(content, str) else content
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": data})


def go_on(page: Page, times: int = 1) -> None:
    for _ in range(times):
        button = page.get_by_role("button", name=re.compile("^(Suivant|Next)"))
        before = button.text_content()
        button.click()
        expect(button.filter(has_text=before or "")).to_have_count(0)


def compute(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Calculer le score|Compute the score")).click()
    expect(page.get_by_role("meter")).not_to_have_attribute("aria-valuenow", "0", timeout=PATIENCE)


def said(page: Page, text: str) -> Locator:
    return page.get_by_role("status").filter(has_text=text)


def test_a_person_is_filled_in_by_keyboard_scored_stored_and_opened_again(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    expect(said(page, "Il manque encore pour un score")).to_be_visible()
    entry(page, "Montant du crédit").focus()
    for key in ("200 000", "Tab", "12 000,5", "Tab", "Tab", "Enter"):
        page.keyboard.press(key) if key in ("Tab", "Enter") else page.keyboard.type(key)
    # What is another form now has the focus, and says so.
    expect(page.locator("legend", has_text="La personne")).to_be_focused()
    expect(said(page, "Étape 2 sur 6")).to_be_attached()
    page.keyboard.press("Tab")
    page.keyboard.type("15")
    age = entry(page, "Âge")
    expect(age).to_be_focused()
    expect(age).to_have_attribute("aria-invalid", "true")
    expect(age).to_have_accessible_description(re.compile("Impossible.: au moins 18 ans"))
    expect(said(page, "À corriger : Âge".replace(" :", "\u00a0:"))).to_be_visible()
    age.fill("34")
    expect(said(page, "Revenu annuel")).to_be_visible()
    go_on(page)
    # Reload and language lose nothing.
    page.get_by_role("link", name="English").click()
    expect(page.get_by_text("Still needed for a score: Annual income.")).to_be_visible()
    entry(page, "Annual income").fill("60,000")
    expect(page.get_by_text("Everything that is required is there")).to_be_visible()
    page.reload()
    go_on(page, 3)
    compute(page)
    chance = page.get_by_role("meter").get_attribute("aria-valuenow")
    expect(page.get_by_text(re.compile("Approval proposed|Refusal proposed")).first).to_be_visible()
    expect(page.get_by_role("region", name="What makes this score").get_by_text("Show as a table")).to_be_visible(
        timeout=PATIENCE
    )
    page.get_by_label(re.compile("Reference of your own")).fill("Mme Martin")
    page.keyboard.press("Enter")
    expect(said(page, "Stored. The address")).to_be_visible()
    expect(page).to_have_url(re.compile(r"application=\w{32}"))

    # A colleague's browser knows only the link.
    link = page.url
    page.evaluate("sessionStorage.clear()")
    page.goto(link)
    expect(page.get_by_role("heading", name="Mme Martin")).to_be_visible()
    expect(page.get_by_role("meter")).to_have_attribute("aria-valuenow", chance or "", timeout=PATIENCE)
    values = page.get_by_role("region", name="Information given")
    expect(values.get_by_text("34 years")).to_be_visible()
    expect(values.get_by_text("€60,000")).to_be_visible()
    expect(entry(page, "Credit amount")).to_be_hidden()
    expect(page.get_by_role("link", name="Mme Martin")).to_have_attribute("aria-current", "page")


def test_what_is_changed_after_the_score_has_no_score(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    choose_file(page, "p.csv", PERSON)
    compute(page)
    page.get_by_role("button", name=re.compile("Revenus et travail")).click()
    entry(page, "Revenu annuel").fill("0,5")
    expect(said(page, "Tout ce qui est obligatoire est là")).to_be_visible()
    page.get_by_role("button", name=re.compile("Vérifier et calculer")).first.click()
    expect(page.get_by_role("meter")).to_be_hidden()
    expect(page.get_by_role("button", name="Enregistrer", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Vider le formulaire").click()
    expect(entry(page, "Montant du crédit")).to_have_value("")


def test_a_person_is_imported_and_a_faulty_file_changes_nothing(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    choose_file(page, "dossier.csv", PERSON + "DAYS_EMPLOYED,365243\nTARGET,1\nPREV_COUNT,3\n")
    expect(said(page, "5 valeurs reprises de dossier.csv")).to_be_visible()
    expect(page.get_by_text("jamais une information sur une personne\u00a0: TARGET")).to_be_visible()
    expect(page.get_by_text("Pris comme non connu\u00a0: DAYS_EMPLOYED")).to_be_visible()
    # Nothing is missing: the last step is open, and shows what was given.
    values = page.get_by_role("region", name="Informations fournies")
    expect(values.get_by_text("Nombre de demandes précédentes")).to_be_visible()
    expect(values.get_by_text("34,22 ans")).to_be_visible()

    choose_file(page, "faux.csv", PERSON + "SHOE_SIZE,43\n")
    alert = page.get_by_role("alert").filter(has_text="faux.csv")
    expect(alert.get_by_text("faux.csv, ligne 6, SHOE_SIZE")).to_be_visible()
    expect(values.get_by_text("Nombre de demandes précédentes")).to_be_visible()
    assert violations(page) == []
    choose_file(page, "gros.json", b"[" * 300_000)
    expect(page.get_by_text("gros.json\u00a0: dépasse".replace("\u00a0:", ":"))).to_be_visible()

    with page.expect_download() as waiting:
        page.get_by_role("link", name="Télécharger le modèle (CSV)").click()
    assert waiting.value.path().read_text("utf-8-sig").startswith("name;value;unit;label;categories")


def test_any_other_feature_can_be_added(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    page.get_by_role("button", name=re.compile("Informations externes")).click()
    page.get_by_role("combobox", name="Variable").fill("PREV_COUNT")
    page.get_by_role("combobox", name="Variable").press("Enter")
    entry(page, "Nombre de demandes précédentes").fill("4")
    expect(page.get_by_role("button", name=re.compile("Informations externes"))).to_contain_text("1 renseigné")


def test_an_unknown_application_is_said(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page, "application=" + "0" * 32)
    expect(page.get_by_text("Cette demande n’existe pas")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize(("language", "scheme", "width"), [("fr", "light", 320), ("en", "dark", 1440)])
def test_no_accessibility_violation(stack: Stack, visit: Visit, language: str, scheme: str, width: int) -> None:
    page = visit.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 844})
    open_page(stack, page, f"lang={language}")
    credit = entry(page, "Montant du crédit" if language == "fr" else "Credit amount")
    credit.fill("x")
    expect(credit).to_have_attribute("aria-invalid", "true")
    assert violations(page) == []
    choose_file(page, "p.csv", PERSON)
    compute(page)
    expect(page.get_by_text(re.compile("Afficher en tableau|Show as a table"))).to_be_visible(timeout=PATIENCE)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_the_scoring_goes_and_comes_back(stack: Stack, visit: Visit) -> None:
    """Slow: a service has to end and to start again."""
    page = visit.page
    open_page(stack, page)
    choose_file(page, "p.csv", PERSON)
    expect(page.get_by_role("button", name="Calculer le score")).to_be_visible()
    stack.stop("scoring")
    expect(page.get_by_text("Le service de score ne répond pas")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Calculer le score").click()
    expect(page.get_by_text("Le score ne peut pas être calculé")).to_be_visible(timeout=PATIENCE)
    assert violations(page) == []
    stack.start("scoring")
    expect(page.get_by_text(re.compile("Accord proposé|Refus proposé")).first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Le service de score ne répond pas")).to_be_hidden(timeout=PATIENCE)
