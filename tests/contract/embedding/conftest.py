"""The embedding service as an operator runs it: MiniLM, a model with prefixes, and a published classifier."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
from clairscore.embedding.v1 import embedding_pb2_grpc
from support.embedding import MAX_TEXTS, PROMPTS, tiny_sentence_transformer, train_classifier
from support.processes import RunningService, start_service

from pipeline.embedding.export import export
from pipeline.embedding.manifest import Precision
from pipeline.embedding.sources import resolve
from pipeline.registry.registry import Registry
from services.embedding.encoder import Encoder
from services.embedding.products.classifier import ProductClassifier

MINILM = "all-MiniLM-L6-v2/fp32"


@pytest.fixture(scope="session")
def embedding_dir(exported_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("embedding")
    shutil.copytree(exported_models, folder / "models")
    tiny = tiny_sentence_transformer(folder / "prefixed", pooling="mean_tokens", prompts=PROMPTS)
    export(resolve(str(tiny)), folder / "models", precisions=[Precision.FP32])
    return folder / "models"


@pytest.fixture(scope="session")
def encoder(embedding_dir: Path) -> Encoder:
    """The same model without any service: what the tests know without asking."""
    return Encoder.load(embedding_dir / MINILM, threads=1)


@pytest.fixture(scope="session")
def classifier_folder(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_classifier(tmp_path_factory.mktemp("classifier"), encoder)


@pytest.fixture(scope="session")
def classifier(classifier_folder: Path) -> ProductClassifier:
    return ProductClassifier.load(classifier_folder)


@pytest.fixture(scope="session")
def settings(embedding_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Of a service whose registry of classifiers is empty."""
    return {
        "CLAIRSCORE_EMBEDDING_DIR": str(embedding_dir),
        "CLAIRSCORE_EMBEDDING_MODEL": MINILM,
        "CLAIRSCORE_PRODUCTS_DIR": str(tmp_path_factory.mktemp("products")),
        "CLAIRSCORE_MODEL_POLL_SECONDS": "0.02",
        "CLAIRSCORE_MAX_TEXTS": str(MAX_TEXTS),
    }


@pytest.fixture(scope="session")
def service(settings: dict[str, str], classifier_folder: Path) -> Iterator[RunningService]:
    registry = Registry(settings["CLAIRSCORE_PRODUCTS_DIR"], Path("unused"))
    version = registry.add(classifier_folder)
    registry.go_live(version, ProductClassifier.load(classifier_folder).manifest.feature_contract)
    with start_service("embedding", settings) as running:
        yield running


@pytest.fixture
async def channel(service: RunningService) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(service.address, options=[("grpc.enable_retries", 0)]) as opened:
        yield opened


@pytest.fixture
def embedding(channel: grpc.aio.Channel) -> "embedding_pb2_grpc.EmbeddingServiceAsyncStub":
    return embedding_pb2_grpc.EmbeddingServiceStub(channel)
