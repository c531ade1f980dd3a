"""Ways to a client besides its identifier: attributes and the last ones, in a real browser."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from support.accessibility import violations
from support.stack import Stack, Visit

pytestmark = pytest.mark.browser

FIRST = 100_001


def open_page(stack: Stack, page: Page, path: str = "") -> None:
    page.goto(stack.url + path)
    expect(page.locator("html.ready")).to_be_attached()
    expect(page.get_by_text(re.compile("Données de démonstration|Demonstration data"))).to_be_visible()


def table(page: Page) -> Locator:
    return page.get_by_role("region", name=re.compile("^(Clients trouvés|Clients found)$"))


def shown(page: Page) -> list[str]:
    return table(page).get_by_role("rowheader").all_text_contents()


def test_clients_are_found_by_attributes_with_the_keyboard(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page)
    disclosure = page.get_by_role("button", name="Rechercher par caractéristiques")
    expect(disclosure).to_have_attribute("aria-expanded", "false")
    disclosure.press("Enter")
    expect(disclosure).to_have_attribute("aria-expanded", "true")
    expect(table(page).get_by_text("Choisissez au moins une caractéristique.")).to_be_visible()
    page.get_by_label("Décision", exact=True).select_option("refuse")
    page.get_by_label("Âge, de").fill("60")
    page.keyboard.press("Enter")
    status = table(page).get_by_role("status")
    expect(status).to_have_text(re.compile(r"^\d+ clients.; affichés.: 1 à 10$"))
    # The decision alone had ten on its first page, too: the ages tell when both are answered.
    expect(table(page).locator("tbody td:nth-child(2)")).to_have_text([re.compile(r"^[6-9]\d\s")] * 10)
    first = shown(page)
    following = table(page).get_by_role("button", name="Page suivante")
    following.press("Enter")
    expect(status).to_have_text(re.compile("affichés.: 11 à"))
    assert not set(first) & set(shown(page))
    table(page).get_by_role("button", name="Page précédente").press("Enter")
    expect(status).to_have_text(re.compile("affichés.: 1 à 10$"))
    assert shown(page) == first
    assert violations(page) == []
    page.get_by_label("Âge, à").fill("50")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Âge, à")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Âge, à").fill("")
    page.keyboard.press("Enter")
    choice = table(page).get_by_role("button", name=f"Ouvrir le client {first[1]}")
    choice.press("Enter")
    expect(page.get_by_role("heading", name=f"Client {first[1]}")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Refus proposé")).to_be_visible()
    expect(page).to_have_url(re.compile(f"client={first[1]}"))
    # The search gave way, and the focus is on what opens it again, with what was found.
    expect(disclosure).to_be_focused()
    expect(table(page)).to_be_hidden()
    disclosure.press("Enter")
    expect(choice).to_be_visible()


def test_the_last_clients_are_offered_until_they_are_forgotten(stack: Stack, visit: Visit) -> None:
    page = visit.page
    for client in (FIRST, FIRST + 1):
        open_page(stack, page, f"?client={client}")
        expect(page.get_by_role("heading", name=f"Client {client}")).to_be_visible()
        expect(page.get_by_role("meter")).to_be_visible()
    # One that does not exist is none of them.
    open_page(stack, page, "comparaison?client=7")
    recent = page.get_by_role("group", name="Ouverts récemment")
    expect(recent.get_by_role("listitem")).to_have_text([str(FIRST + 1), str(FIRST)])
    assert violations(page) == []
    recent.get_by_role("button", name=f"Ouvrir le client {FIRST}", exact=True).click()
    expect(page).to_have_url(re.compile(f"client={FIRST}"))
    expect(page.get_by_role("meter").first).to_be_visible()
    expect(recent.get_by_role("listitem")).to_have_text([str(FIRST + 1)])
    assert page.evaluate("localStorage.getItem('clairscore.recent')") == f'["{FIRST}","{FIRST + 1}"]'
    recent.get_by_role("button", name="Les oublier").click()
    expect(recent).to_be_hidden()
    assert page.evaluate("localStorage.getItem('clairscore.recent')") is None
