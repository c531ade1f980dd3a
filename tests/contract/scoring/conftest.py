"""The scoring service as an operator runs it, on a small model, and clients of it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import pytest
from clairscore.scoring.v1 import scoring_pb2_grpc
from support.models import train_tiny_model
from support.processes import RunningService, start_service
from support.scoring import MAX_BATCH_ROWS, MAX_MESSAGE_BYTES

from pipeline.features.serving import Value
from pipeline.model.runtime import ScoringModel


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tiny_model(tmp_path_factory.mktemp("scoring"))


@pytest.fixture(scope="session")
def model(model_folder: Path) -> ScoringModel:
    """The same model without any service: what the tests know without asking."""
    return ScoringModel.load(model_folder)


@pytest.fixture(scope="session")
def clients(model_folder: Path, model: ScoringModel) -> list[dict[str, Value]]:
    """Clients' base features."""
    table = pq.read_table(model_folder.parent / "features.parquet").slice(0, 50)
    return table.select([feature.name for feature in model.dictionary.base]).to_pylist()


@pytest.fixture(scope="session")
def vectors(model_folder: Path, model: ScoringModel) -> npt.NDArray[np.float32]:
    """The model's input for the same clients, and for all the others."""
    return model.encoder.table(pq.read_table(model_folder.parent / "features.parquet"))


@pytest.fixture(scope="session")
def service(model_folder: Path) -> Iterator[RunningService]:
    env = {
        "CLAIRSCORE_MODEL_DIR": str(model_folder),
        "CLAIRSCORE_MAX_BATCH_ROWS": str(MAX_BATCH_ROWS),
        "CLAIRSCORE_MAX_MESSAGE_BYTES": str(MAX_MESSAGE_BYTES),
    }
    with start_service("scoring", env) as running:
        yield running


@pytest.fixture
async def channel(service: RunningService) -> AsyncIterator[grpc.aio.Channel]:
    """A channel with gRPC's own defaults: what a caller without our client library has."""
    async with grpc.aio.insecure_channel(service.address, options=[("grpc.max_send_message_length", -1)]) as opened:
        yield opened


@pytest.fixture
def scoring(channel: grpc.aio.Channel) -> "scoring_pb2_grpc.ScoringServiceAsyncStub":
    return scoring_pb2_grpc.ScoringServiceStub(channel)
