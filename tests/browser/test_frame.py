"""What all pages have in common, in a real browser: navigation, theme, language."""

import re

import pytest
from playwright.sync_api import Page, expect
from support.accessibility import violations
from support.stack import Stack, Visit

pytestmark = pytest.mark.browser

FIRST = 100_001


def open_page(stack: Stack, page: Page, path: str = "") -> None:
    page.goto(stack.url + path)
    expect(page.locator("html.ready")).to_be_attached()
    expect(page.get_by_text(re.compile("Données de démonstration|Demonstration data"))).to_be_visible()


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_theme_follows_the_system_until_the_officer_chooses_another(stack: Stack, visit: Visit) -> None:
    page = visit.page
    light = "rgb(244, 246, 249)"
    page.emulate_media(color_scheme="dark")
    open_page(stack, page, f"?client={FIRST}")
    switch = page.get_by_role("button", name="Thème sombre")
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("meter")).to_be_visible()
    assert ground(page) != light
    assert violations(page) == []

    switch.focus()
    page.keyboard.press("Enter")
    expect(switch).to_have_attribute("aria-pressed", "false")
    assert ground(page) == light
    # The choice is kept, and is there before anything is drawn.
    page.goto(stack.url, wait_until="commit")
    page.wait_for_function("document.documentElement.dataset.theme === 'light'")
    assert not page.evaluate("document.documentElement.classList.contains('ready')")


def test_the_navigation_names_the_page_that_is_open(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page, f"?client={FIRST}&lang=en")
    links = page.get_by_role("navigation", name="Pages").get_by_role("link")
    expect(links.filter(has_text="Client")).to_have_attribute("aria-current", "page")
    for link in links.all():
        assert f"client={FIRST}" in (link.get_attribute("href") or "")
        assert "lang=en" in (link.get_attribute("href") or "")
