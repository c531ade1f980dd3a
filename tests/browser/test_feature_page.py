"""Journeys of a credit officer on the feature page, in a real browser against the real services."""

import csv
import io
import re
import struct
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from support.accessibility import violations
from support.stack import Stack, Visit
from support.waiting import until

pytestmark = pytest.mark.browser

FIRST = 100_001
FEATURE = "EXT_SOURCE_2"
EXPLAIN_DOWN = "Le service d’explication ne répond pas"
# Explaining the portfolio of the tests takes seconds.
PATIENCE = 60_000


def open_page(stack: Stack, page: Page, query: str = "") -> None:
    page.goto(f"{stack.url}variables{query}")
    expect(page.locator("html.ready")).to_be_attached()
    expect(page.get_by_text(re.compile("Données de démonstration|Demonstration data"))).to_be_visible()


def field(page: Page) -> Locator:
    return page.get_by_role("combobox").first


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def expect_charts(page: Page, *titles: str) -> None:
    for title in titles:
        picture = page.get_by_role("img", name=re.compile(f"^{title}"))
        expect(picture).to_be_visible(timeout=PATIENCE)
        # An answer that comes between two looks draws the chart anew: it has its size again a moment later.
        assert until(partial(_has_size, picture), seconds=PATIENCE / 1000), title


def _has_size(picture: Locator) -> bool:
    box = picture.bounding_box()
    return box is not None and box["width"] > 200 and box["height"] > 100


def test_a_feature_is_found_by_its_label_and_explained(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    expect(page.get_by_role("heading", name="Aucune variable choisie")).to_be_visible()
    expect_charts(page, "Importance des variables", "Contributions de nombreux clients")

    field(page).press_sequentially("montant du credit")
    expect(page.get_by_role("option").first).to_contain_text("AMT_CREDIT")
    field(page).press("ArrowDown")
    field(page).press("Enter")
    expect(page).to_have_url(re.compile(r"variable=AMT_CREDIT$"))
    expect(page).to_have_title(re.compile("Montant du crédit"))
    expect(page.get_by_role("heading", name="Montant du crédit", exact=True)).to_be_visible()
    expect_charts(page, "Répartition selon l’issue")

    page.go_back()
    expect(page.get_by_role("heading", name="Aucune variable choisie")).to_be_visible()


def test_a_link_leads_to_a_feature_with_the_clients_place(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page, f"?variable={FEATURE}&client={FIRST}&lang=en")
    expect_charts(page, "Distribution by outcome", "Observed default rate", "Effect on the risk", "Score by value")
    expect(page.get_by_text(f"Client {FIRST}")).to_be_visible()
    expect(card(page, "Score by value").get_by_text("This client's own")).to_be_visible()

    page.get_by_role("link", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect_charts(page, "Score selon la valeur")
    expect(page).to_have_url(re.compile(rf"client={FIRST}&variable={FEATURE}"))
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Client").click()
    expect(page.get_by_role("heading", name=f"Client {FIRST}")).to_be_visible()


def test_a_chart_is_also_a_table_and_files(stack: Stack, visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    open_page(stack, page, f"?variable={FEATURE}")
    rates = card(page, "Taux de défaut observé")
    expect(rates.get_by_role("img")).to_be_visible(timeout=PATIENCE)
    rates.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(rates.get_by_role("columnheader")).to_have_count(4)

    contents = {}
    for kind in ("CSV", "PNG", "SVG"):
        with page.expect_download() as download:
            rates.get_by_role("button", name=kind).click()
        assert download.value.suggested_filename == f"default-rate-{FEATURE}.{kind.lower()}"
        download.value.save_as(tmp_path / kind)
        contents[kind] = (tmp_path / kind).read_bytes()
    rows = list(csv.DictReader(io.StringIO(contents["CSV"].decode("utf-8-sig"))))
    assert sum(int(row["clients"]) for row in rows) == 400
    assert len(rows) == rates.get_by_role("rowheader").count()
    width, height = struct.unpack(">II", contents["PNG"][16:24])
    assert contents["PNG"].startswith(b"\x89PNG")
    assert width > 200
    assert height > 100
    assert contents["SVG"].startswith(b"<svg")
    assert b"<path" in contents["SVG"]


def test_another_group_of_clients_has_its_own_importance(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    importance = card(page, "Importance des variables")
    expect(importance.get_by_text(re.compile(r"sur 400 clients"))).to_be_visible(timeout=PATIENCE)
    page.get_by_text("Choisir d’autres clients").click()
    page.get_by_label("Décision").select_option(label="Clients refusés")
    expect(page).to_have_url(re.compile("decision=refuse"))
    summary = importance.get_by_text(re.compile(r"sur \d+ clients"))
    expect(summary).not_to_contain_text("400", timeout=PATIENCE)
    expect(importance.get_by_role("img")).to_be_visible()
    importance.locator("summary").click()
    expect(importance.get_by_role("columnheader", name="Clients refusés")).to_be_visible()


def test_the_dictionary_is_searched_and_leads_to_a_feature(stack: Stack, visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    open_page(stack, page, "?dictionary=*revenu annuel")
    dictionary = card(page, "Dictionnaire des variables").first
    expect(dictionary.get_by_role("rowheader").first).to_contain_text("AMT_INCOME_TOTAL")
    with page.expect_download() as download:
        dictionary.get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "features.csv")
    rows = csv.DictReader(io.StringIO((tmp_path / "features.csv").read_text(encoding="utf-8-sig")))
    assert "AMT_INCOME_TOTAL" in {row["feature"] for row in rows}
    dictionary.get_by_role("searchbox").fill("annuite")
    expect(dictionary.get_by_role("link", name="Montant de l'annuité", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("dictionary=.*annuite"))
    dictionary.get_by_role("link", name="Montant de l'annuité", exact=True).click()
    expect(page.get_by_role("heading", name="Montant de l'annuité", exact=True)).to_be_visible()


def test_an_unknown_feature_is_said(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page, "?variable=<b>NO</b>")
    expect(page.get_by_role("status").get_by_text("La variable « <b>NO</b> » n’existe pas")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "scheme", "width", "query"),
    [
        ("fr", "light", 1440, f"variable={FEATURE}&client={FIRST}"),
        ("en", "dark", 390, f"variable={FEATURE}&client={FIRST}"),
        ("en", "light", 1024, "variable=NAME_INCOME_TYPE&dictionary=*&decision=refuse"),
        ("fr", "dark", 320, ""),
    ],
)
def test_no_accessibility_violation(
    stack: Stack, visit: Visit, language: str, scheme: str, width: int, query: str
) -> None:
    page = visit.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 844})
    open_page(stack, page, f"?lang={language}&{query}")
    for section in page.locator("section[aria-busy]:visible").all():
        expect(section).to_have_attribute("aria-busy", "false", timeout=PATIENCE)
    assert violations(page) == []
    for summary in page.locator("summary:visible").all():
        summary.click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_the_explanations_go_and_come_back(stack: Stack, visit: Visit) -> None:
    """Slow: a service has to end and to start again."""
    page = visit.page
    stack.stop("explain")
    open_page(stack, page, f"?variable={FEATURE}")
    expect(page.get_by_text(EXPLAIN_DOWN)).to_be_visible(timeout=PATIENCE)
    # What needs no explanation is there.
    expect_charts(page, "Répartition selon l’issue")
    expect(card(page, "Effet sur le risque").get_by_text("Pas de réponse pour l’instant")).to_be_visible()
    page.evaluate("window.notReloaded = true")
    assert violations(page) == []

    stack.start("explain")
    expect_charts(page, "Effet sur le risque", "Importance des variables")
    expect(page.get_by_text(EXPLAIN_DOWN)).to_be_hidden(timeout=PATIENCE)
    assert page.evaluate("window.notReloaded")
