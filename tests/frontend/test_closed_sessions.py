"""What an officer leaves behind when a page is closed: nothing."""

import asyncio
import gc
import logging
import weakref
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from bokeh.document import Document
from bokeh.server.server import Server
from bokeh.server.session import ServerSession

from benchmarks.officers.protocol import Page
from frontend.app import listen
from frontend.clients.services import Services
from frontend.pages.registry import PAGES
from frontend.settings import DashboardSettings

# Nobody listens there: pages that are closed while they still try to reach the services.
NOWHERE = "localhost:1"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    settings = DashboardSettings(scoring_address=NOWHERE, portfolio_address=NOWHERE, explain_address=NOWHERE)
    server = listen(settings, 0, Services.of(settings))
    server.start()
    yield server
    server.stop()


def sessions(server: Server) -> list[ServerSession]:
    return [session for page in PAGES for session in server.get_sessions(page.path)]


async def drop_closed_sessions(server: Server) -> None:
    """As Bokeh does some seconds after the last connection."""
    async with asyncio.timeout(30):
        while sessions(server):
            for context in server._tornado._applications.values():
                await context._cleanup_sessions(0)
            await asyncio.sleep(0)


async def visit_every_page(server: Server) -> list[weakref.ref[Document]]:
    pages = [await Page.open(f"localhost:{server.port}", f"{page.path}?client=100001") for page in PAGES]
    documents = [weakref.ref(session.document) for session in sessions(server)]
    await asyncio.gather(*(page.close() for page in pages))
    await drop_closed_sessions(server)
    return documents


async def test_documents_of_closed_pages_are_gone(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests' record of the log would keep what is logged, documents among it.
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    # Panel starts a timer with the very first page of a process, which keeps that one.
    await visit_every_page(server)
    documents = await visit_every_page(server)
    assert len(documents) == len(PAGES)
    # Calls that were given up take some turns to end.
    async with asyncio.timeout(30):
        while any(document() is not None for document in documents):
            gc.collect()
            await asyncio.sleep(0)
