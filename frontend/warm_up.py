"""Gets a started dashboard ready: what the first officer would wait for is done before."""

import gc
from collections.abc import Iterable

import structlog
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from frontend.clients.services import Services
from services.common.errors import ClairscoreError

# Generous: it is in nobody's way.
_PATIENCE = 60.0
_log = structlog.get_logger("dashboard")


async def warm_up(services: Services, pages: Iterable[str]) -> None:
    """Compiles what is compiled on first use, and opens each of the pages (addresses) once, with a client if there is
    one, as a visitor whose session then expires unused.
    """
    await services.analyses.warm_up()
    # What has been imported stays: the collector, which runs whenever a session ends, need not look through it.
    gc.collect()
    gc.freeze()
    try:
        found = (await services.portfolio.search("", 1)).clients
    except ClairscoreError:
        found = ()
    query = f"?client={found[0].sk_id_curr}" if found else ""
    for page in pages:
        try:
            await AsyncHTTPClient().fetch(page + query, request_timeout=_PATIENCE)
        except (HTTPClientError, OSError) as error:
            _log.warning("page not warmed up", page=page, error=str(error))
