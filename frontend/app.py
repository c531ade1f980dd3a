"""Serves the dashboard: one Panel server, own assets, nothing from elsewhere."""

import asyncio
import errno
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import panel as pn
import structlog
from bokeh.server.server import Server
from panel.io.server import get_server
from panel_material_ui.template.base import Page

from frontend.bundle import remember_bundles
from frontend.clients.services import Services
from frontend.language import DEFAULT, language
from frontend.metrics import observe_page
from frontend.pages import application_template, dictionary, letter, model_card
from frontend.pages.opening import Opening
from frontend.pages.registry import PAGES, Entry, navigation
from frontend.settings import DashboardSettings
from frontend.warm_up import warm_up
from services.common import tracing
from services.common.errors import Misconfigured
from services.common.metrics import start_metrics, stop_metrics
from services.common.telemetry import configure_logging

_ASSETS = Path(__file__).parent / "assets"
# Milliseconds between two looks for pages that were closed 15 s ago (Bokeh's default), to give back their memory.
_LOOK_FOR_CLOSED = 5_000
_log = structlog.get_logger("dashboard")


def opener(entry: Entry, services: Services) -> Callable[[], Page]:
    """What opens a page for the session whose document is the current one; its address says client and language."""

    def open_page() -> Page:
        arguments = _arguments()
        spoken = language(arguments.get("lang", DEFAULT))
        observe_page(entry.path)
        with tracing.action(f"open {entry.path}"):
            return entry.open(Opening(spoken, navigation(spoken, entry.path), arguments, services))

    return open_page


def main(port: int | None = None) -> None:
    """Serves the dashboard until SIGTERM or Ctrl-C; ``port`` goes before the setting.

    Raises:
        Misconfigured: a setting is wrong, or the port is taken.
    """
    settings = DashboardSettings.load()
    configure_logging()
    with tracing.traced("clairscore-dashboard"):
        asyncio.run(_serve(settings, settings.dashboard_port if port is None else port))


async def _serve(settings: DashboardSettings, port: int) -> None:
    services = Services.of(settings)
    server = listen(settings, port, services)
    metrics = start_metrics(
        settings.dashboard_host, port, settings.dashboard_metrics_port, "CLAIRSCORE_DASHBOARD_METRICS_PORT"
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server.start()
    watching = asyncio.create_task(services.monitor.run())
    warming = asyncio.create_task(
        warm_up(services, [f"http://{settings.dashboard_host}:{server.port}{entry.path}" for entry in PAGES])
    )
    _log.info(
        "serving",
        host=settings.dashboard_host,
        port=server.port,
        metrics_port=metrics.server_port if metrics else 0,
    )
    try:
        await stop.wait()
    finally:
        watching.cancel()
        warming.cancel()
        server.stop()
        stop_metrics(metrics)


def listen(settings: DashboardSettings, port: int, services: Services) -> Server:
    """Makes the server, which listens but does not answer before it is started; port 0: a free one."""
    host = settings.dashboard_host
    port = port or _free_port(host)
    # A page is not resumed after a lost connection but loaded again, see assets/page.js.
    pn.extension(reconnect=False, notifications=False)
    remember_bundles()
    try:
        return get_server(
            {entry.path: opener(entry, services) for entry in PAGES},
            address=host,
            port=port,
            websocket_origin=[
                *(f"{name}:{port}" for name in {"localhost", "127.0.0.1", host}),
                *settings.dashboard_origins,
            ],
            static_dirs={"/assets": str(_ASSETS)},
            extra_patterns=[
                (model_card.ROUTE, model_card.ModelCardHandler, {"scoring": services.scoring}),
                (dictionary.ROUTE, dictionary.DictionaryHandler, {"portfolio": services.portfolio}),
                (letter.ROUTE, letter.LetterHandler, {"letters": letter.Letters.of(settings, services)}),
                (
                    application_template.ROUTE,
                    application_template.ApplicationTemplateHandler,
                    {"portfolio": services.portfolio},
                ),
            ],
            liveness=True,
            location=False,
            compress_response=True,
            check_unused_sessions_milliseconds=_LOOK_FOR_CLOSED,
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


def _arguments() -> dict[str, str]:
    """The parameters of the address that the page was opened with."""
    values: dict[str, list[bytes]] = pn.state.session_args
    return {name: texts[0].decode(errors="replace").strip() for name, texts in values.items() if texts}
