"""Fixtures that every test folder shares, and the order of the tests: fast ones first."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

# Threads that share two cores with other tests must not wait for one another by spinning: t-SNE takes up to ten times
# as long. Read when the libraries are loaded, and by the processes that tests start.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from support.browser import launch
from support.postgres import PostgresServer, find_binaries

_ROOT = Path(__file__).parent.parent

# A busy machine is no fault of the code: no example is refused for the time it took.
settings.register_profile("clairscore", deadline=None)
settings.load_profile("clairscore")


# First, because pytest-xdist reads the groups at the same moment.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts slow tests after the fast ones, and those that drive a browser last.

    Side by side (``-n 2``) it is the other way round, so that no long one is left for the end. The tests of one file
    stay together, as they share what they have set up; those that drive a browser share the running stack.
    """
    parallel = hasattr(config, "workerinput")
    items.sort(
        key=lambda item: (_drives_a_browser(item), item.get_closest_marker("slow") is not None), reverse=parallel
    )
    for item in items:
        item.add_marker(pytest.mark.xdist_group("browser" if _drives_a_browser(item) else item.location[0]))


def _drives_a_browser(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data rows; tests that need it are skipped where there is none."""
    folder = Path(os.environ.get("CLAIRSCORE_SHARED_DATA", _ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} does not exist (set CLAIRSCORE_SHARED_DATA)")
    return folder


@pytest.fixture(scope="session")
def exported_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """all-MiniLM-L6-v2 in both precisions, exported once for all processes of the run; about twenty seconds."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    folder = shared / "embeddings"
    with (shared / "embeddings.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            # torch takes seconds to import, and most tests do not need it.
            from pipeline.embedding.export import export  # noqa: PLC0415
            from pipeline.embedding.sources import resolve  # noqa: PLC0415

            aside = shared / "embeddings.part"
            export(resolve("all-MiniLM-L6-v2"), aside)
            aside.rename(folder)
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the tests' own; tests that need it are skipped where it is not installed."""
    with PostgresServer(find_binaries()) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser that cannot reach anything but this machine.

    Gone with the file's last test: Playwright keeps an event loop running, and other tests want one of their own.
    """
    with sync_playwright() as playwright:
        yield launch(playwright)
