"""The page in a real browser: accessible, readable at any width, asking for nothing."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from pipeline.card.document import ModelCard
from pipeline.card.render import render
from pipeline.card.texts import LANGUAGES, Language

pytestmark = pytest.mark.browser

# Texts of the drawings that leave it, or lie on one another.
_CLASHES = """() => [...document.querySelectorAll('figure > svg')].flatMap(svg => {
  const outer = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')].map(e => [e.textContent, e.getBoundingClientRect()]);
  const cut = texts.filter(([, b]) => b.left < outer.left - 1 || b.right > outer.right + 1
    || b.top < outer.top - 1 || b.bottom > outer.bottom + 1).map(([t]) => 'cut: ' + t);
  const over = texts.flatMap(([t, a], i) => texts.slice(i + 1).filter(([, b]) => a.left < b.right - 1
    && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3).map(([u]) => 'over: ' + t + ' / ' + u));
  return [...cut, ...over];
})"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_page(
    browser: Browser, card: ModelCard, tmp_path: Path, *, language: Language, scheme: str, width: int
) -> None:
    file = tmp_path / "card.html"
    file.write_text(render(card, language), encoding="utf-8")
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    assert requests == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(_CLASHES) == []
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()
