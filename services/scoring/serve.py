"""Starts the scoring service: ``clairscore serve scoring``."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import grpc
from clairscore.scoring.v1 import scoring_pb2_grpc
from inference import open_inference_pb2_grpc

from pipeline.model.runtime import ScoringModel
from services.common.inference import NAME as INFERENCE_NAME
from services.common.live import follower
from services.common.server import run
from services.common.telemetry import configure_logging
from services.common.tracing import traced
from services.scoring import card, servicer
from services.scoring.engine import ScoringEngine
from services.scoring.inference import InferenceServicer
from services.scoring.scorer import Scorer
from services.scoring.settings import ScoringSettings


class Scoring:
    """Both contracts, over the live model."""

    names = (servicer.NAME, INFERENCE_NAME)

    def __init__(self, settings: ScoringSettings) -> None:
        """Loads and verifies the model.

        Raises:
            Misconfigured: the registry or the model folder is missing, corrupt or foreign; names the file.
            Unavailable: the registry does not answer.
        """
        self._settings = settings
        self._pool = ThreadPoolExecutor(settings.threads, thread_name_prefix="scoring")
        self._follower = follower(settings, self._load)
        self._live = self._follower.live

    def add_to(self, server: grpc.aio.Server) -> None:
        """Registers both servicers."""
        scoring_pb2_grpc.add_ScoringServiceServicer_to_server(servicer.ScoringServicer(self._live), server)
        open_inference_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(InferenceServicer(self._live), server)

    async def ready(self) -> bool:
        """True: without its model the service does not start, and with it it needs nothing else."""
        return True

    async def follow(self) -> None:
        """Serves every version that the registry makes live, until it is cancelled."""
        await self._follower.follow(self._settings.model_poll_seconds)

    async def close(self) -> None:
        """Ends the scoring threads; what they work on is finished first."""
        self._pool.shutdown(cancel_futures=True)

    def _load(self, folder: Path) -> ScoringEngine:
        model = ScoringModel.load(folder, threads=self._settings.threads)
        return ScoringEngine(
            Scorer(model), self._pool, max_batch_rows=self._settings.max_batch_rows, card=card.load(folder)
        )


def main(port: int | None = None) -> None:
    """Serves until SIGTERM or SIGINT.

    Raises:
        Misconfigured: a setting, the model folder or the port is wrong.
    """
    settings = ScoringSettings.load(port=port)
    configure_logging(settings.log_level, settings.log_format)
    with traced("clairscore-scoring"):
        asyncio.run(_serve(settings))


async def _serve(settings: ScoringSettings) -> None:
    scoring = Scoring(settings)
    following = asyncio.create_task(scoring.follow())
    try:
        await run(scoring, settings)
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
