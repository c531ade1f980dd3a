"""Serves the dashboard: one Panel server, own assets, nothing from elsewhere."""

import asyncio
import errno
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

import panel as pn
import structlog
from bokeh.server.server import Server
from panel.io.server import get_server
from panel_material_ui.template.base import Page

from frontend.clients.health import HealthMonitor
from frontend.clients.portfolio import PortfolioClient
from frontend.clients.scoring import ScoringClient
from frontend.clients.types import Service
from frontend.language import DEFAULT, language
from frontend.pages import model_card
from frontend.pages.client import ClientPage
from frontend.session import Session
from frontend.settings import DashboardSettings
from services.common.errors import Misconfigured
from services.common.telemetry import configure_logging

_ASSETS = Path(__file__).parent / "assets"
_log = structlog.get_logger("dashboard")


@dataclass(frozen=True)
class Services:
    """The clients of the services, shared by all sessions."""

    portfolio: PortfolioClient
    scoring: ScoringClient
    monitor: HealthMonitor

    @classmethod
    def of(cls, settings: DashboardSettings) -> "Services":
        """Makes the clients; they connect with the first call."""
        addresses = {Service.PORTFOLIO: settings.portfolio_address, Service.SCORING: settings.scoring_address}
        return cls(
            PortfolioClient(settings.portfolio_address, settings.call_deadline),
            ScoringClient(settings.scoring_address, settings.call_deadline),
            HealthMonitor(addresses, settings.health_interval, settings.call_deadline),
        )


def open_page(services: Services) -> Page:
    """Opens the page for the session whose document is the current one; its address says client and language."""
    page = ClientPage(language(_argument("lang") or DEFAULT), (_ASSETS / "logo.svg").read_text())
    session = Session(services.portfolio, services.scoring, services.monitor)
    pn.state.on_session_destroyed(lambda _context: session.close())
    session.start(_argument("client"))
    page.connect(session)
    page.show(session.view)
    # The answers come while the browser still loads. A change of a page that it is about to fetch could get lost
    # (Panel sends it past the document's lock), so they are shown as soon as the page is there.
    pn.state.onload(lambda: session.attach(page.show))
    return page.layout()


def main(port: int | None = None) -> None:
    """Serves the dashboard until SIGTERM or Ctrl-C; ``port`` goes before the setting.

    Raises:
        Misconfigured: a setting is wrong, or the port is taken.
    """
    settings = DashboardSettings.load()
    configure_logging()
    asyncio.run(_serve(settings, settings.dashboard_port if port is None else port))


async def _serve(settings: DashboardSettings, port: int) -> None:
    services = Services.of(settings)
    server = _listen(settings, port, services)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server.start()
    watching = asyncio.create_task(services.monitor.run())
    _log.info("serving", host=settings.dashboard_host, port=server.port)
    try:
        await stop.wait()
    finally:
        watching.cancel()
        server.stop()


def _listen(settings: DashboardSettings, port: int, services: Services) -> Server:
    host = settings.dashboard_host
    port = port or _free_port(host)
    # A page is not resumed after a lost connection but loaded again, see assets/page.js.
    pn.extension(reconnect=False, notifications=False)
    try:
        return get_server(
            {"/": lambda: open_page(services)},
            address=host,
            port=port,
            websocket_origin=[
                *(f"{name}:{port}" for name in {"localhost", "127.0.0.1", host}),
                *settings.dashboard_origins,
            ],
            static_dirs={"/assets": str(_ASSETS)},
            extra_patterns=[(model_card.ROUTE, model_card.ModelCardHandler, {"scoring": services.scoring})],
            liveness=True,
            location=False,
        )
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL}:
            raise
        raise Misconfigured(
            f"The dashboard cannot listen on {host}:{port} ({error.strerror}): choose another port with --port, "
            "or stop the program that uses this one."
        ) from error


def _free_port(host: str) -> int:
    """A port that is free now. Needed before listening, because the accepted origins name the port."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _argument(name: str) -> str:
    """A parameter of the address that the page was opened with; empty when it isn't there."""
    values: list[bytes] = pn.state.session_args.get(name, [])
    return values[0].decode(errors="replace").strip() if values else ""
