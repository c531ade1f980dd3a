"""The customer's whole journey, in both languages, in a real browser against the real services."""

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from support.journeys import FIRST, PATIENCE, label, refused_by_an_edit, shown, typed
from support.stack import Stack, Visit

from frontend.language import Language, language

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Journey:
    """One officer's way through the pages; keeps a picture of each stage."""

    def __init__(self, stack: Stack, page: Page, spoken: Language, pictures: Path) -> None:
        self.stack, self.page, self.language = stack, page, spoken
        self._ = spoken.gettext
        self._pictures = pictures

    def region(self, title: str) -> Locator:
        return self.page.get_by_role("region", name=self._(title), exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=self._(name), exact=True)

    def entry(self, feature: str) -> Locator:
        form = self.region("Change the client's information")
        return form.get_by_label(label(feature, self.language), exact=True)

    def go_to(self, name: str) -> None:
        """Follows a link of the navigation."""
        self.page.get_by_role("navigation", name="Pages").get_by_role("link", name=self._(name), exact=True).click()
        expect(self.page.locator("html.ready")).to_be_attached()

    def choose(self, client: int) -> None:
        """Chooses a client by the keyboard and waits for all that the page says of it."""
        search = self.page.get_by_role("combobox")
        search.fill(str(client))
        search.press("Enter")
        expect(self.page.get_by_role("heading", name=f"Client {client}")).to_be_visible()
        score, _model = self.stack.score(client)
        meter = self.page.get_by_role("meter")
        expect(meter).to_have_attribute("aria-valuenow", shown(score.probability_of_repayment))
        expect(self.region("Main reasons").get_by_role("listitem").first).to_be_visible(timeout=PATIENCE)
        for title in ("What makes this score", "This client and the portfolio"):
            expect(self.region(title).get_by_role("img")).to_be_visible(timeout=PATIENCE)

    def picture(self, name: str) -> None:
        self.page.screenshot(path=self._pictures / f"{name}-{self.language.code}.png", full_page=True)


@pytest.fixture
def pictures(tmp_path: Path) -> Iterator[Path]:
    """Where the pictures go: the folder CLAIRSCORE_PICTURES, which keeps them, or one that is thrown away."""
    folder = Path(os.environ.get("CLAIRSCORE_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("code", ["fr", "en"])
def test_the_whole_journey(stack: Stack, visit: Visit, code: str, pictures: Path, tmp_path: Path) -> None:
    """Slow, and worth it: the one test that goes the way of the customer's demonstration from end to end."""
    page = visit.page
    journey = Journey(stack, page, language(code), pictures)
    _ = journey._
    page.goto(f"{stack.url}?lang={code}")
    expect(page.locator("html.ready")).to_be_attached()

    # Three clients are chosen and read.
    client, feature, text = refused_by_an_edit(stack)
    for one in (FIRST, FIRST + 3, client):
        journey.choose(one)
    journey.picture("1-client")

    # Their information is changed, compared, and set back.
    journey.go_to("Change and compare")
    before, after = page.get_by_role("meter").nth(0), page.get_by_role("meter").nth(1)
    own = stack.score(client)[0].probability_of_repayment
    expect(before).to_have_attribute("aria-valuenow", shown(own), timeout=PATIENCE)
    journey.entry(feature).fill(typed(text, journey.language))
    expect(page.get_by_text(_("Refusal proposed"))).to_be_visible()
    expect(before).to_have_attribute("aria-valuenow", shown(own))
    expect(journey.region("What each change does").get_by_role("img")).to_be_visible(timeout=PATIENCE)
    journey.picture("2-compare")
    journey.button("Reset everything").click()
    expect(after).to_have_attribute("aria-valuenow", shown(own))
    journey.button("Undo").click()
    expect(page.get_by_text(_("Refusal proposed"))).to_be_visible()

    # What would change the decision is found, and put into the form.
    journey.button("Look for changes").click()
    advice = journey.region("What would change the decision?").get_by_role("listitem").first
    expect(advice).to_be_visible(timeout=PATIENCE)
    advice.get_by_role("button", name=_("Put into the form")).click()
    expect(page.get_by_text(_("Approval proposed"))).to_be_visible()
    journey.picture("3-counterfactual")

    # Two features are looked at over the whole portfolio, then a part of them.
    journey.go_to("Cross analysis")
    journey.button("Whole map").click()
    figures = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=_("Part shown"))).first
    expect(figures.get_by_role("cell").first).to_have_text(re.compile(r"^[1-9]\d*$"), timeout=PATIENCE)
    journey.button("Show its figures").click()
    expect(page.get_by_role("rowheader", name=_("Part selected"))).to_be_visible()
    journey.picture("4-cross-analysis")

    # The other language knows the same client, and so does what is taken home.
    journey.go_to("Client")
    expect(page.get_by_role("heading", name=f"Client {client}")).to_be_visible()
    other = Journey(stack, page, language("en" if code == "fr" else "fr"), pictures)
    page.get_by_role("navigation", name=_("Language")).get_by_role("link").click()
    expect(page.locator("html")).to_have_attribute("lang", other.language.code)
    contributions = other.region("What makes this score")
    expect(contributions.get_by_role("img")).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as download:
        contributions.get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "contributions.csv")
    rows = list(csv.reader((tmp_path / "contributions.csv").open(encoding="utf-8-sig")))
    assert re.search(r"\d", rows[1][-1])
    assert len({len(row) for row in rows}) == 1
