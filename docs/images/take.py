"""Takes the pictures of the README from a dashboard that runs (`make run`): `make pictures`.

Every page at 1440 × 1000 in the light theme, and the client page in the dark one.
"""

import argparse
import re
import shutil
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

_HERE = Path(__file__).parent
_SIZE = {"width": 1440, "height": 1000}
_SECONDS = 60
# File, address, and how many charts are to be drawn before the picture is taken.
_PICTURES = (
    ("client", "?client={client}", 2),
    ("compare", "comparaison?client={client}", 0),
    ("features", "variables?client={client}&variable=EXT_SOURCE_2", 4),
    ("cross-analysis", "croisements?x=DAYS_BIRTH&y=EXT_SOURCE_2&client={client}", 1),
    ("portfolio", "portefeuille", 2),
    ("application", "demande", 0),
    ("products", "produits", 0),
)


def main() -> None:
    """Writes the pictures beside this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", default="http://localhost:5006/")
    parser.add_argument("--client", type=int, default=100_001)
    arguments = parser.parse_args()
    expect.set_options(timeout=1000 * _SECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=_SIZE, locale="fr-FR")  # type: ignore[arg-type]
        for name, address, charts in _PICTURES:
            _take(page, arguments.url + address.format(client=arguments.client), charts, _HERE / f"{name}.png")
        page.emulate_media(color_scheme="dark")
        _take(page, f"{arguments.url}?client={arguments.client}", 2, _HERE / "client-dark.png")
        browser.close()


def _take(page: Page, address: str, charts: int, path: Path) -> None:
    page.goto(address)
    expect(page.locator("html.ready")).to_be_attached()
    expect(page.locator("[aria-busy=true]:visible")).to_have_count(0)
    # Just after a start, a service may still be said to be away.
    expect(page.get_by_role("alert").locator("visible=true").filter(has_text=re.compile(r"\S"))).to_have_count(0)
    if charts:
        expect(page.get_by_role("img").nth(charts - 1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
