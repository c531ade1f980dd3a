"""Starts the embedding service: ``clairscore serve embedding``."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import grpc
from clairscore.embedding.v1 import embedding_pb2_grpc
from inference import open_inference_pb2_grpc

from pipeline.registry.registry import Registry, plain_folder
from services.common.inference import NAME as INFERENCE_NAME
from services.common.live import FixedModel, RegistryFollower
from services.common.server import run
from services.common.telemetry import configure_logging
from services.common.tracing import traced
from services.embedding import servicer
from services.embedding.engine import EmbeddingEngine, Followed, load_classifier
from services.embedding.inference import InferenceServicer
from services.embedding.models import Models
from services.embedding.settings import EmbeddingSettings
from services.embedding.study import PublishedStudy


class Embedding:
    """Both contracts, over the exported models and the live classifier."""

    names = (servicer.NAME, INFERENCE_NAME)

    def __init__(self, settings: EmbeddingSettings) -> None:
        """Verifies the models, loads the default one and the live classifier, if one is published.

        Raises:
            Misconfigured: the default model is not there, or a model's or the classifier's folder is damaged.
            Unavailable: the registry does not answer.
        """
        self._settings = settings
        # One thread: a round uses all cores by itself.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="embedding")
        models = Models(settings, self._pool)
        self._follower = _follower(settings, models)
        self._study = PublishedStudy(settings.study_dir)
        self._engine = EmbeddingEngine(models, self._follower.live, max_texts=settings.max_texts)

    def add_to(self, server: grpc.aio.Server) -> None:
        """Registers both servicers."""
        embedding_pb2_grpc.add_EmbeddingServiceServicer_to_server(
            servicer.EmbeddingServicer(self._engine, self._study), server
        )
        open_inference_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(InferenceServicer(self._engine), server)

    async def ready(self) -> bool:
        """True: without its default model the service does not start, and a classifier may be published later."""
        return True

    async def follow(self) -> None:
        """Serves every classifier that the registry makes live, until it is cancelled."""
        await self._follower.follow(self._settings.model_poll_seconds)

    async def close(self) -> None:
        """Ends the computing thread; the round that it works on is finished first."""
        self._pool.shutdown(cancel_futures=True)


def _follower(settings: EmbeddingSettings, models: Models) -> Followed:
    load = partial(load_classifier, models)
    folder = plain_folder(settings.products_dir)
    if folder is not None:
        return FixedModel(load(folder))
    registry = Registry(settings.products_dir, settings.cache_dir)
    return RegistryFollower(registry, load, "no classifier is published: run `clairscore train-products`")


def main(port: int | None = None) -> None:
    """Serves until SIGTERM or SIGINT.

    Raises:
        Misconfigured: a setting, a model's folder or the port is wrong.
    """
    settings = EmbeddingSettings.load(port=port)
    configure_logging(settings.log_level, settings.log_format)
    with traced("clairscore-embedding"):
        asyncio.run(_serve(settings))


async def _serve(settings: EmbeddingSettings) -> None:
    embedding = Embedding(settings)
    following = asyncio.create_task(embedding.follow())
    try:
        await run(embedding, settings)
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
