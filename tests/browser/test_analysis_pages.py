"""The cross analysis and the portfolio page in a real browser against the real services."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from support.accessibility import violations
from support.stack import Stack, Visit

pytestmark = pytest.mark.browser

PAGES = {"croisements": "selon|against", "portefeuille": "Scores d|Scores of"}


def open_page(stack: Stack, page: Page, path: str) -> None:
    page.goto(stack.url + path)
    expect(page.locator("html.ready")).to_be_attached()
    heading = PAGES[path.partition("?")[0]]
    expect(page.get_by_role("heading", name=re.compile(heading))).to_be_visible()


def clients_in(page: Page, group: str) -> Locator:
    """The number of clients of a group in the table of figures."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=group)).get_by_role("cell").first


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_no_accessibility_violation(stack: Stack, visit: Visit, path: str, language: str, scheme: str) -> None:
    page = visit.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        open_page(stack, page, f"{path}?lang={language}")
        page.get_by_text(re.compile("Afficher en tableau|Show as a table")).locator("visible=true").first.click()
        expect(page.get_by_role("region").get_by_role("table").first).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_zooming_aggregates_anew_and_stays_in_the_link(stack: Stack, visit: Visit) -> None:
    """By keyboard: the ends of the part are typed, its figures shown, then the map is zoomed."""
    page = visit.page
    open_page(stack, page, "croisements?x=AMT_CREDIT&y=AMT_INCOME_TOTAL")
    button(page, "Toute la carte").press("Enter")
    expect(clients_in(page, "Partie affichée")).to_have_text("400")
    whole = page.url
    ends = page.get_by_role("group", name="Partie de la carte").get_by_role("textbox")
    ends.nth(1).fill("60 000")
    button(page, "Afficher ses chiffres").press("Enter")
    expect(clients_in(page, "Partie sélectionnée")).to_be_visible()
    selected = clients_in(page, "Partie sélectionnée").inner_text()
    assert 0 < int(selected) < 400

    button(page, "Agrandir").press("Enter")
    expect(clients_in(page, "Partie affichée")).to_have_text(selected)
    expect(clients_in(page, "Tout le portefeuille")).to_have_text("400")
    expect(page).to_have_url(re.compile("zoom=.*60000"))
    page.reload()
    expect(clients_in(page, "Partie affichée")).to_have_text(selected)
    page.go_back()
    expect(page).to_have_url(whole)
    expect(clients_in(page, "Partie affichée")).to_have_text("400")


def test_a_box_on_the_map_gives_figures(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page, "croisements?x=AMT_CREDIT&y=DAYS_BIRTH&client=100001")
    expect(clients_in(page, "Tout le portefeuille")).to_have_text("400")
    canvas = page.locator(".bk-events").first
    expect(canvas).to_be_visible()
    place = canvas.bounding_box()
    assert place is not None
    x, y = place["x"] + place["width"] * 0.3, place["y"] + place["height"] * 0.35
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 100, y + 80, steps=4)
    page.mouse.move(x + 200, y + 120, steps=4)
    page.mouse.up()
    expect(clients_in(page, "Partie sélectionnée")).to_be_visible()


def test_the_cohort_is_that_of_everything_on_the_page(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page, "croisements?y=NAME_INCOME_TYPE")
    expect(clients_in(page, "Tout le portefeuille")).to_have_text("400")
    page.get_by_text("Choisir d’autres clients").click()
    page.get_by_label("Décision").select_option("refuse")
    expect(clients_in(page, "Ces clients")).to_be_visible()
    expect(page).to_have_url(re.compile("decision=refuse"))
    refused = int(clients_in(page, "Ces clients").inner_text())
    page.get_by_label("Attribut 1").select_option("DAYS_BIRTH")
    page.get_by_label("À", exact=True).fill("40,5")
    page.get_by_label("À", exact=True).press("Enter")
    expect(page).to_have_url(re.compile(r"filter1=DAYS_BIRTH%3A-14792\.625%3A"))
    expect(clients_in(page, "Ces clients")).not_to_have_text(str(refused))
    assert int(clients_in(page, "Ces clients").inner_text()) < refused


def test_clients_in_a_part_of_the_map_are_looked_at_on_every_page(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page, "croisements?x=EXT_SOURCE_2&y=AMT_CREDIT&decision=refuse")
    expect(clients_in(page, "Ces clients")).to_be_visible()
    page.get_by_role("group", name="Partie de la carte").get_by_role("textbox").nth(1).fill("0,4")
    button(page, "Étudier ces seuls clients").press("Enter")
    bar = page.get_by_role("region", name="Clients étudiés")
    expect(bar.get_by_role("listitem")).to_have_count(3)
    expect(bar.get_by_text(re.compile(r"^\d+ clients sur 400"))).to_be_visible()
    count = bar.get_by_role("status").inner_text().split()[0]
    assert 0 < int(count) < 400
    expect(clients_in(page, "Ces clients")).to_have_text(count)
    expect(clients_in(page, "Partie affichée")).to_have_text(count)

    pages = page.get_by_role("navigation", name="Pages")
    pages.get_by_role("link", name="Portefeuille").click()
    expect(page.get_by_text(re.compile(f"^{count} clients, probabilité moyenne"))).to_be_visible()
    pages.get_by_role("link", name="Variables").click()
    expect(page.get_by_text(re.compile(f"sur {count} clients"))).to_be_visible(timeout=60_000)
    bar.get_by_role("button", name="Retirer la condition : Clients refusés").click()
    expect(bar.get_by_role("listitem")).to_have_count(2)
    bar.get_by_role("button", name="Tous les clients").click()
    expect(bar.get_by_text("Tout le portefeuille")).to_be_visible()
    expect(page.get_by_text("sur 400 clients")).to_be_visible(timeout=60_000)
    expect(page).not_to_have_url(re.compile("filter|decision"))


def test_another_threshold_by_keyboard(stack: Stack, visit: Visit) -> None:
    page = visit.page
    open_page(stack, page, "portefeuille")
    number = page.get_by_label("Seuil d’acceptation (nombre)")
    expect(number).to_have_value("52")
    number.fill("60,5")
    number.press("Enter")
    expect(page.get_by_role("columnheader", name="60,5 %")).to_be_visible()
    expect(page.get_by_role("status").get_by_text(re.compile("À 60,5.%.* clients de (moins|plus)"))).to_be_visible()
    expect(page).to_have_url(re.compile(r"threshold=0\.605"))
    slider = page.get_by_role("slider")
    expect(slider).to_have_value("60.5")
    slider.press("ArrowLeft")
    expect(number).to_have_value("60")
    expect(page).to_have_url(re.compile(r"threshold=0\.6\b"))
    button(page, "Revenir au seuil actuel").press("Enter")
    expect(number).to_have_value("52")
    expect(page.get_by_role("columnheader", name="60 %")).to_be_hidden()


@pytest.mark.slow
def test_without_the_portfolio_service_the_pages_say_so_and_come_back(stack: Stack, visit: Visit) -> None:
    """Slow: a service has to end and to start again."""
    page = visit.page
    stack.stop("portfolio")
    page.goto(f"{stack.url}croisements")
    expect(page.get_by_text("Le service des clients ne répond pas").first).to_be_visible()
    stack.start("portfolio")
    expect(page.get_by_role("heading", name=re.compile("selon"))).to_be_visible()
    expect(clients_in(page, "Tout le portefeuille")).to_have_text("400")
