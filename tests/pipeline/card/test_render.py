import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from pipeline.card.document import ModelCard
from pipeline.card.render import render
from pipeline.card.texts import LANGUAGES, Language

VOID = {"meta", "link", "wbr"}


class Page(HTMLParser):
    """Elements in document order with their text, and a check that every element is closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[int] = []
        self.elements: list[tuple[str, dict[str, str | None], list[str], tuple[str, ...]]] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inside = tuple(self.elements[i][0] for i in self.open)
        self.elements.append((tag, dict(attrs), [], inside))
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), [], tuple(self.elements[i][0] for i in self.open)))

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self.open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for i in self.open:
            self.elements[i][2].append(data)

    def all(self, tag: str) -> list[tuple[str, dict[str, str | None], list[str], tuple[str, ...]]]:
        return [e for e in self.elements if e[0] == tag]

    def text(self, tag: str) -> list[str]:
        return ["".join(e[2]).strip() for e in self.all(tag)]


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request: pytest.FixtureRequest, card: ModelCard) -> Page:
    language: Language = request.param
    found = Page(render(card, language))
    assert found.all("html")[0][1]["lang"] == language
    return found


def test_headings_are_in_order(page: Page) -> None:
    levels = [int(e[0][1]) for e in page.elements if re.fullmatch(r"h[1-6]", e[0])]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_every_figure_has_title_sentence_drawing_and_table(page: Page) -> None:
    for tag in ("h3", "table"):
        assert sum("figure" in e[3] for e in page.all(tag)) == len(page.all("figure"))
    drawings = [e for e in page.all("svg") if e[1].get("role") == "img"]
    assert len(drawings) == len(page.all("figure")) == 14
    assert all(e[1]["aria-label"] for e in drawings)
    sentences = ["".join(e[2]) for e in page.all("p") if e[1].get("class") == "summary"]
    assert len(sentences) == 14
    assert all(len(s) > 20 for s in sentences)


def test_every_table_has_caption_and_scopes(page: Page) -> None:
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(page.text("caption"))
    assert all(e[1].get("scope") in ("col", "row") for e in page.all("th"))


def test_every_row_has_a_cell_for_each_column(page: Page) -> None:
    widths: list[list[int]] = []
    for tag, *_ in page.elements:
        if tag == "table":
            widths.append([])
        elif tag == "tr":
            widths[-1].append(0)
        elif tag in ("td", "th"):
            widths[-1][-1] += 1
    assert len(widths) == len(page.all("table"))
    assert all(len(set(table)) == 1 and len(table) > 1 for table in widths)


def test_contents_lead_to_the_sections(page: Page) -> None:
    targets = [str(e[1]["href"])[1:] for e in page.all("a")]
    assert set(targets) <= {str(e[1]["id"]) for e in page.elements if "id" in e[1]}
    assert len(targets) == 13


def test_nothing_is_fetched_and_nothing_runs(page: Page) -> None:
    assert not page.all("script")
    assert not [e for e in page.elements if "src" in e[1]]
    assert [e[1]["href"] for e in page.all("link")] == ["data:,"]
    assert "url(" not in "".join(page.text("style"))
    assert "@import" not in "".join(page.text("style"))


def test_labels_from_the_data_are_text_and_not_markup(page: Page) -> None:
    assert not page.all("b")
    assert any('<b>&"' in text for text in page.text("th"))


def test_nothing_is_left_unwritten(page: Page) -> None:
    everything = " ".join(page.text("main"))
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b|[{}]", everything)


def test_figures_stand_in_each_languages_numerals(card: ModelCard) -> None:
    area = f"{card.performance.roc_auc.value:.3f}"
    assert area.replace(".", ",") in render(card, "fr")
    assert area in render(card, "en")
    assert "45,0\u202f%" in render(card, "fr")
    assert "52.0%" in render(card, "en")


def test_origin_of_the_data_is_a_banner(make_card: Callable[..., ModelCard]) -> None:
    for synthetic, word in ((True, "fictifs"), (False, "réelles")):
        made = Page(render(make_card(synthetic=synthetic)))
        (banner,) = ["".join(e[2]) for e in made.all("p") if "banner" in (e[1].get("class") or "")]
        assert word in banner


def test_without_new_clients_the_page_says_so(make_card: Callable[..., ModelCard]) -> None:
    made = Page(render(make_card(new=False), "en"))
    assert any("no new clients to compare" in text for text in made.text("p"))
    assert len(made.all("figure")) == 12
