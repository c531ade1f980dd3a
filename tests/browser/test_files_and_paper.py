"""What an officer takes from the pages: tables as files, and the pages themselves on paper."""

import csv
import io
import re
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from support.stack import Stack, Visit

pytestmark = pytest.mark.browser

FIRST = 100_001
PATIENCE = 90_000
# Of every card with a table or a list of terms that is no chart's twin: its heading, where there is no file to take.
_WITHOUT_FILE = """() => {
  const found = []
  const walk = (root) => {
    for (const element of root.querySelectorAll("*")) if (element.shadowRoot) walk(element.shadowRoot)
    for (const card of root.querySelectorAll("section.card")) {
      if (!card.querySelector("table, dl") || !card.getClientRects().length) continue
      const near = card.querySelector(".files") ?? card.parentElement?.parentElement?.querySelector(".files")
      if (!near) found.push(card.querySelector("h2")?.textContent)
    }
  }
  walk(document)
  return found
}"""


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("html.ready")).to_be_attached(timeout=PATIENCE)


def rows(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    assert content.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def bare(text: str) -> str:
    """Without spaces: the browser's files have them between letters of different pieces of a font."""
    return "".join(text.split())


@pytest.mark.parametrize(
    ("path", "table"),
    [
        (f"?client={FIRST}", "Clients comparables"),
        (f"comparaison?client={FIRST}", "Raisons principales"),
        ("variables?variable=AMT_CREDIT", "Dictionnaire de toutes les variables"),
        ("croisements", "Chiffres par groupe"),
        ("portefeuille", "Qualité du modèle"),
    ],
)
def test_every_table_has_its_file(stack: Stack, visit: Visit, path: str, table: str) -> None:
    page = visit.page
    open_page(page, stack.url + path)
    link = page.get_by_role("link", name=f"CSV – {table}", exact=True)
    expect(link.first).to_be_visible(timeout=PATIENCE)
    assert page.evaluate(_WITHOUT_FILE) == []


def test_a_table_is_taken_with_its_figures(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(page, f"{stack.url}?client={FIRST}")
    card = page.get_by_role("region", name="Clients comparables", exact=True)
    first = card.get_by_role("row").nth(1)
    expect(first).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as taken:
        card.get_by_role("link", name="CSV").click()
    assert taken.value.suggested_filename == "comparable-clients.csv"
    found = rows(taken.value.path())
    assert found[1][1] == first.get_by_role("link").inner_text()
    shown = first.get_by_role("cell").first.inner_text()
    assert f"{100 * float(found[1][2]):.1f}".replace(".", ",") in shown


def test_the_dictionary_is_a_file(stack: Stack) -> None:
    with urlopen(f"{stack.url}dictionnaire.csv?lang=en", timeout=60) as answer:
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        found = list(csv.DictReader(io.StringIO(answer.read().decode("utf-8-sig"))))
    names = {row["feature"]: row for row in found}
    assert names["AMT_CREDIT"]["unit"] == "currency"
    assert names["DAYS_BIRTH"]["protected"] == "1"
    assert "TARGET" not in names


def test_a_page_goes_onto_paper_whole_and_light(stack: Stack, visit: Visit) -> None:
    page = visit.page
    page.emulate_media(color_scheme="dark")
    open_page(page, f"{stack.url}?client={FIRST}")
    drawing = page.get_by_role("img", name=re.compile("^Ce qui fait ce score"))
    expect(drawing).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("region", name="Clients comparables").get_by_role("link").first).to_be_visible()
    page.evaluate(
        """() => matchMedia("print").addEventListener("change", ({matches}) => {
          if (matches) window.ground = getComputedStyle(document.documentElement).getPropertyValue("--cs-surface")
        })"""
    )
    reader = PdfReader(io.BytesIO(page.pdf(format="A4", print_background=True)))
    text = bare(" ".join(one.extract_text() for one in reader.pages))

    assert page.evaluate("window.ground") == "#ffffff"
    assert len(reader.pages) > 1
    for part in ("Prêt à dépenser", "Raisons principales", "Personne", "Clients comparables"):
        assert bare(part) in text
    for part in ("Portefeuille et modèle", "Télécharger", "Explication pour le client", "Identifiant du client"):
        assert bare(part) not in text
    # The drawing is there, as text or as a picture.
    assert bare("Moyenne du modèle") in text or any(
        image.image.width > 300 for one in reader.pages for image in one.images
    )
    # Afterwards the page is as it was.
    expect(drawing).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.theme") is None
