"""Starts the explain service: ``clairscore serve explain``."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import grpc
from clairscore.explain.v1 import explain_pb2_grpc

from services.common.live import follower
from services.common.server import run
from services.common.telemetry import configure_logging
from services.common.tracing import traced
from services.explain import servicer
from services.explain.engine import ExplainEngine
from services.explain.portfolio.live import LivePortfolio
from services.explain.settings import ExplainSettings
from services.explain.work import Work


class Explaining:
    """The contract, over the live model and the explained portfolio."""

    names = (servicer.NAME,)

    def __init__(self, settings: ExplainSettings) -> None:
        """Loads and verifies the model; the portfolio is explained in the background.

        Raises:
            Misconfigured: the registry or the model folder is missing, corrupt or foreign; names the file.
            Unavailable: the registry does not answer.
        """
        self._settings = settings
        self._pool = ThreadPoolExecutor(settings.threads, thread_name_prefix="explain")
        self._follower = follower(settings, self._load)
        self._live = self._follower.live
        self._portfolio = LivePortfolio(
            lambda: self._live.engine.explainer,
            settings.portfolio_address,
            settings.explanations_dir,
            threads=settings.background_threads,
        )

    def add_to(self, server: grpc.aio.Server) -> None:
        """Registers the servicer."""
        explain_pb2_grpc.add_ExplainServiceServicer_to_server(
            servicer.ExplainServicer(self._live, self._portfolio, Work(self._pool)), server
        )

    async def ready(self) -> bool:
        """True: single clients are explained with the model alone, without which the service does not start."""
        return True

    async def follow(self) -> None:
        """Follows what is live: the model, and the publication that is explained with it; until it is cancelled."""
        settings = self._settings
        async with asyncio.TaskGroup() as following:
            following.create_task(self._follower.follow(settings.model_poll_seconds))
            following.create_task(self._portfolio.follow(settings.portfolio_poll_seconds))

    async def close(self) -> None:
        """Ends the threads; what they work on is finished first."""
        await self._portfolio.close()
        self._pool.shutdown(cancel_futures=True)

    def _load(self, folder: Path) -> ExplainEngine:
        engine = ExplainEngine.load(folder, threads=1)
        # Beside the first calls, which do not need it: it takes some seconds.
        self._pool.submit(lambda: engine.interactions)
        return engine


def main(port: int | None = None) -> None:
    """Serves until SIGTERM or SIGINT.

    Raises:
        Misconfigured: a setting, the model folder or the port is wrong.
    """
    settings = ExplainSettings.load(port=port)
    configure_logging(settings.log_level, settings.log_format)
    with traced("clairscore-explain"):
        asyncio.run(_serve(settings))


async def _serve(settings: ExplainSettings) -> None:
    explaining = Explaining(settings)
    following = asyncio.create_task(explaining.follow())
    try:
        await run(explaining, settings)
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
