"""Starts the scoring service: ``clairscore serve scoring``."""

import asyncio

import grpc
from clairscore.scoring.v1 import scoring_pb2_grpc
from inference import open_inference_pb2_grpc

from pipeline.model.runtime import ScoringModel
from services.common.server import run
from services.common.telemetry import configure_logging
from services.scoring import servicer
from services.scoring.engine import ScoringEngine
from services.scoring.inference import NAME as INFERENCE_NAME
from services.scoring.inference import InferenceServicer
from services.scoring.scorer import Scorer
from services.scoring.settings import ScoringSettings


class Scoring:
    """Both contracts, over one loaded model."""

    names = (servicer.NAME, INFERENCE_NAME)

    def __init__(self, settings: ScoringSettings) -> None:
        """Loads and verifies the model.

        Raises:
            Misconfigured: the model folder is missing, corrupt or foreign; names the file.
        """
        model = ScoringModel.load(settings.model_dir, threads=settings.threads)
        self._engine = ScoringEngine(Scorer(model), threads=settings.threads, max_batch_rows=settings.max_batch_rows)

    def add_to(self, server: grpc.aio.Server) -> None:
        """Registers both servicers."""
        scoring_pb2_grpc.add_ScoringServiceServicer_to_server(servicer.ScoringServicer(self._engine), server)
        open_inference_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(InferenceServicer(self._engine), server)

    async def ready(self) -> bool:
        """True: without its model the service does not start, and with it it needs nothing else."""
        return True

    async def close(self) -> None:
        """Ends the scoring threads."""
        self._engine.close()


def main(port: int | None = None) -> None:
    """Serves until SIGTERM or SIGINT.

    Raises:
        Misconfigured: a setting, the model folder or the port is wrong.
    """
    settings = ScoringSettings.load(port=port)
    configure_logging(settings.log_level, settings.log_format)
    asyncio.run(_serve(settings))


async def _serve(settings: ScoringSettings) -> None:
    await run(Scoring(settings), settings)
