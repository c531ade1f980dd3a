"""The real stack on free ports, and a browser that cannot reach anything but this machine."""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, sync_playwright
from support.models import train_tiny_model
from support.stack import Stack, Visit, free_port

from pipeline.publish import publish

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    # Any other name fails at once: what the page needs must come from this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    model = train_tiny_model(folder)
    database = f"sqlite:///{folder / 'portfolio.db'}"
    publish(model, folder / "features.parquet", database, folder / "portfolio")
    ports = {"scoring": free_port(), "portfolio": free_port()}
    env = {
        "DATABASE_URL": database,
        "CLAIRSCORE_PORTFOLIO_DIR": str(folder / "portfolio"),
        "CLAIRSCORE_MODEL_DIR": str(model),
        "CLAIRSCORE_METRICS_PORT": "0",
        "CLAIRSCORE_SCORING_ADDRESS": f"localhost:{ports['scoring']}",
        "CLAIRSCORE_PORTFOLIO_ADDRESS": f"localhost:{ports['portfolio']}",
    }
    with closing(Stack(env, ports, free_port())) as stack:
        yield stack


@pytest.fixture
def stack(_running: Stack) -> Stack:
    """The stack, all of it up."""
    _running.all_up()
    return _running


@pytest.fixture(scope="session")
def browser(_running: Stack) -> Iterator[Browser]:
    """Debian's Chromium if it is installed, else Playwright's own.

    Made after the stack: Playwright keeps an event loop running, and publishing wants one of its own.
    """
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A fresh page; afterwards nothing may have left the machine, and the console must be free of errors."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    result = Visit(page)
    here = re.compile(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|data:|blob:")
    page.on("request", lambda request: here.match(request.url) or result.outside.append(request.url))
    page.on("pageerror", lambda error: result.errors.append(str(error)))
    page.on("console", lambda message: message.type == "error" and result.errors.append(message.text))
    yield result
    page.close()
    assert result.outside == []
    assert result.errors == []
