"""The page of the model study in a real browser against the real services."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.accessibility import violations
from support.stack import Stack, Visit
from support.study import small_study

from pipeline.products.study.document import DOCUMENT

pytestmark = pytest.mark.browser


@pytest.fixture
def study(products: Stack) -> Stack:
    """The stack with a published study."""
    folder = Path(products.env["CLAIRSCORE_STUDY_DIR"])
    folder.mkdir(exist_ok=True)
    (folder / DOCUMENT).write_text(small_study().model_dump_json(), encoding="utf-8")
    return products


def open_page(stack: Stack, page: Page, query: str = "") -> None:
    page.goto(f"{stack.url}modeles{query}")
    expect(page.locator("html.ready")).to_be_attached()


def test_says_how_a_study_is_made_and_shows_it_when_it_is(products: Stack, visit: Visit) -> None:
    page = visit.page
    document = Path(products.env["CLAIRSCORE_STUDY_DIR"], DOCUMENT)
    document.unlink(missing_ok=True)
    products.stop("embedding")
    open_page(products, page)
    expect(page.get_by_text("Pas de réponse pour l’instant.")).to_be_visible(timeout=30_000)
    # That no study is published is known as soon as the service is back.
    products.start("embedding")
    expect(page.get_by_role("status").get_by_text("clairscore benchmark-embeddings")).to_be_visible()

    document.parent.mkdir(exist_ok=True)
    aside = document.with_suffix(".part")
    aside.write_text(small_study().model_dump_json(), encoding="utf-8")
    aside.rename(document)

    expect(page.get_by_role("heading", name="Comparaison des modèles")).to_be_visible()
    expect(page.get_by_text("bert-base-uncased n’a pas été mesuré")).to_be_visible()


def test_says_that_the_service_does_not_answer_and_recovers(study: Stack, visit: Visit) -> None:
    page = visit.page
    study.stop("embedding")
    open_page(study, page)
    expect(page.get_by_text("Pas de réponse pour l’instant.")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("en cours de chargement")).to_be_hidden()
    study.start("embedding")
    expect(page.get_by_role("heading", name="Comparaison des modèles")).to_be_visible(timeout=30_000)


def test_model_map_and_colour_are_chosen_by_keyboard_and_stay_in_the_link(study: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(study, page)
    expect(page.get_by_role("heading", name="Carte des produits : vectors, UMAP")).to_be_visible()
    page.get_by_role("combobox", name="Modèle").select_option("words")
    expect(page.get_by_role("heading", name="Matrice de confusion : words")).to_be_visible()
    page.get_by_role("radio", name="UMAP").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("radio", name="Vraie catégorie").focus()
    page.keyboard.press("ArrowRight")

    expect(page.get_by_role("heading", name="Carte des produits : words, t-SNE")).to_be_visible()
    expect(page.get_by_text("3 produits sur 24 sont mal prédits")).to_be_visible()
    expect(page).to_have_url(re.compile(r"model=words.*map=tsne.*colour=predicted"))
    page.reload()
    expect(page.get_by_role("heading", name="Carte des produits : words, t-SNE")).to_be_visible()
    expect(page.get_by_role("radio", name="Catégorie prédite")).to_be_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_accessibility_violation(study: Stack, visit: Visit, language: str, scheme: str) -> None:
    page = visit.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        open_page(study, page, f"?model=words&lang={language}")
        page.get_by_text(re.compile("Afficher en tableau|Show as a table")).locator("visible=true").first.click()
        expect(page.get_by_role("region").get_by_role("table").first).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
