"""Journeys on the page that classifies products, in a real browser against the real services."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from support.accessibility import violations
from support.stack import Stack, Visit

pytestmark = pytest.mark.browser

PRODUCTS = "A soft cotton bath towel\n\nAnalog watch with a leather strap\nzzz 12\n" + "mug " * 400
DOWN = "Le service des produits ne répond pas"


def open_page(stack: Stack, page: Page, query: str = "") -> None:
    page.goto(f"{stack.url}produits{query}")
    expect(page.locator("html.ready")).to_be_attached()


def classify(page: Page, text: str = PRODUCTS) -> None:
    page.get_by_role("textbox").fill(text)
    page.get_by_role("button", name=re.compile("^(Classer|Classify)$")).click()


def table(page: Page) -> Locator:
    return page.get_by_role("region", name=re.compile("^(Produits classés|Classified products)$"))


def upload(page: Page, name: str, content: bytes) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choisir un fichier CSV").click()
    chooser.value.set_files({"name": name, "mimeType": "text/csv", "buffer": content})


def test_pasted_products_get_category_confidence_and_evidence(products: Stack, visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    open_page(products, page)
    expect(page.get_by_text("il a appris de produits inventés")).to_be_visible()
    expect(page.get_by_text("apprises de 84 produits étiquetés")).to_be_visible()
    classify(page)
    expect(page.get_by_role("status").get_by_text(re.compile(r"^4 produits classés, dont \d"))).to_be_visible()
    rows = table(page).get_by_role("rowheader")
    expect(rows).to_have_count(4)
    expect(table(page)).to_contain_text("Ne sait pas")
    expect(rows.last).to_contain_text("La fin du texte n’a pas été lue.")
    table(page).locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(table(page).get_by_role("listitem")).to_have_count(3)

    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger en CSV").click()
    assert download.value.suggested_filename == "produits-classes.csv"
    download.value.save_as(tmp_path / "found.csv")
    found = list(csv.DictReader(io.StringIO((tmp_path / "found.csv").read_bytes().decode("utf-8-sig"))))
    assert [row["row"] for row in found] == ["1", "3", "4", "5"]
    assert [row["end_not_read"] for row in found] == ["false", "false", "false", "true"]
    unknown = [row["confident"] for row in found].count("false")

    page.get_by_role("checkbox").check()
    expect(rows).to_have_count(unknown)


def test_a_file_is_refused_by_row_and_column_then_taken(products: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(products, page)
    upload(page, "produits.csv", b"price\n3\n")
    problems = page.get_by_role("alert")
    expect(problems).to_contain_text("produits.csv, ligne 1")
    upload(page, "produits.csv", b"name;price\ntowel;3\n;4\n")
    expect(problems).to_contain_text("produits.csv, ligne 3, name")
    upload(page, "produits.csv", "name;price\nServiette épaisse;3\n".encode() + b"watch;4\n" * 150)
    expect(page.get_by_role("heading", name="produits.csv")).to_be_visible()
    expect(page.get_by_role("status").get_by_text(re.compile("^151 produits classés"))).to_be_visible()
    expect(problems.get_by_role("listitem")).to_have_count(0)
    rows = table(page).get_by_role("rowheader")
    expect(rows).to_have_count(100)
    page.get_by_role("button", name="Afficher la suite").click()
    expect(rows).to_have_count(151)


def test_a_service_that_is_down_is_said_and_the_work_goes_on_when_it_is_back(products: Stack, visit: Visit) -> None:
    page = visit.page
    products.stop("embedding")
    open_page(products, page)
    expect(page.get_by_text(DOWN)).to_be_visible()
    classify(page)
    expect(page.get_by_text(re.compile("En attente du service après 0 produits sur 4"))).to_be_visible()
    expect(page.get_by_role("button", name="Arrêter")).to_be_visible()
    products.start("embedding")
    expect(table(page).get_by_role("rowheader")).to_have_count(4)
    expect(page.get_by_text(DOWN)).not_to_be_visible()
    expect(page.get_by_role("button", name="Arrêter")).not_to_be_visible()


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("fr", "light", 1440), ("en", "dark", 390), ("en", "light", 1024)]
)
def test_no_accessibility_violation(products: Stack, visit: Visit, language: str, scheme: str, width: int) -> None:
    page = visit.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 844})
    open_page(products, page, f"?lang={language}")
    assert violations(page) == []
    classify(page)
    expect(table(page).get_by_role("rowheader")).to_have_count(4)
    table(page).locator("summary").first.click()
    assert violations(page) == []
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0
