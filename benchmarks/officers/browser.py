"""What one officer waits for in a real browser: a client's page, the next client, an edit."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, Page, sync_playwright
from rich.progress import Progress

from benchmarks.officers.report import Figure
from benchmarks.officers.stack import Stack

_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")
_PATIENCE = 60_000
# A browser keeps a script compiled from its second visit on.
_VISITS_BEFORE = 2
# So far apart that they have different scores.
_CREDITS = (21_000, 3_000_000)

# Looks into shadow roots too. ``drawn``: gauge, reasons, both charts and facts of the client page are there.
_LOOK = """
window.all = (selector, root = document) => {
  const found = [...root.querySelectorAll(selector)]
  for (const {shadowRoot} of root.querySelectorAll("*")) if (shadowRoot) found.push(...all(selector, shadowRoot))
  return found
}
window.drawn = () => document.documentElement.classList.contains("ready")
  && all("[role=meter]").some((meter) => meter.getAttribute("aria-valuenow") !== "0")
  && all(".facts dl").length > 0 && all("section li").length > 0
  && all("section.card .drawing").filter((place) => all("canvas", place).length && place.clientHeight > 0).length >= 2
  && performance.now()
"""

# Sets the credit as a key press and Enter do, and waits for the frame after which score and chart show it.
_EDIT = """
(credit) => new Promise((resolve, reject) => {
  const field = all("#AMT_CREDIT")[0]
  // Looked for anew each time: a component that becomes visible is made again.
  const said = () =>
    [all("[role=meter]")[1].getAttribute("aria-valuetext"), all("section.card .summary")[0].textContent]
  const [score, chart] = said()
  const began = performance.now()
  field.focus()
  field.value = credit
  field.dispatchEvent(new Event("change"))
  const look = () => {
    const passed = performance.now() - began
    const [now, drawn] = said()
    if (now !== score && drawn !== chart) return resolve(passed)
    if (passed > 30000) return reject(new Error("no answer to the edit"))
    requestAnimationFrame(look)
  }
  look()
})
"""


def one_officer(stack: Stack, clients: Sequence[int], rounds: int, bars: Progress) -> list[Figure]:
    """Waits of an officer who is alone, in milliseconds, and what they cost in CPU."""
    with _context() as context:
        for _ in range(_VISITS_BEFORE):
            earlier = _open(context, stack, clients[0])
            _drawn(earlier)
            earlier.close()
        task = bars.add_task("a browser: pages", total=rounds)
        pages, cpu = [], []
        for number in range(rounds):
            before = stack.cpu()["dashboard"]
            page = _open(context, stack, clients[number % len(clients)])
            pages.append(_drawn(page))
            cpu.append(1000 * (stack.cpu()["dashboard"] - before))
            page.close()
            bars.update(task, advance=1)
        edits = _edits(context, stack, clients[0], rounds, bars)
    return [
        Figure("client's page in a browser, all drawn", pages, "ms", 1500),
        Figure("client's page: CPU of the dashboard", cpu, "ms"),
        Figure("an edit in a browser, to score and chart", edits, "ms", 300),
    ]


@contextmanager
def _context() -> Iterator[BrowserContext]:
    """A browser with a profile on disk: as an officer's does, it keeps the scripts that it has compiled."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=shutil.which("chromium"),
            args=list(_FLAGS),
            viewport={"width": 1440, "height": 900},
            locale="fr-FR",
        )
        context.set_default_timeout(_PATIENCE)
        context.add_init_script(_LOOK)
        yield context
        context.close()


def _open(context: BrowserContext, stack: Stack, client: int) -> Page:
    page = context.new_page()
    page.goto(f"{stack.url}?client={client}", wait_until="commit")
    return page


def _drawn(page: Page) -> float:
    """Milliseconds from the start of the navigation until everything is drawn."""
    return float(page.wait_for_function("window.drawn && drawn()", polling="raf").json_value())


def _edits(context: BrowserContext, stack: Stack, client: int, rounds: int, bars: Progress) -> list[float]:
    page = context.new_page()
    page.goto(f"{stack.url}comparaison?client={client}")
    page.wait_for_function("document.documentElement.classList.contains('ready')")
    page.wait_for_function("all('#AMT_CREDIT').some((field) => field.clientHeight)")
    page.wait_for_function("all('[role=meter]')[1].getAttribute('aria-valuenow') !== '0'")
    page.evaluate(_EDIT, str(_CREDITS[1] + 1))
    task, waits = bars.add_task("a browser: edits", total=rounds), []
    for number in range(rounds):
        waits.append(float(page.evaluate(_EDIT, str(_CREDITS[number % 2] + number))))
        bars.update(task, advance=1)
    page.close()
    return waits
