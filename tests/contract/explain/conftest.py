"""A real explain service beside a real portfolio service, over a portfolio that was really published."""

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pyarrow.parquet as pq
import pytest
from clairscore.explain.v1 import explain_pb2 as pb
from clairscore.explain.v1.explain_pb2_grpc import ExplainServiceStub
from support.models import train_actionable_model
from support.processes import RunningService, start_service
from support.scoring import MAX_MESSAGE_BYTES, field_values

from pipeline.features.serving import Value
from pipeline.model.runtime import ScoringModel
from pipeline.publish import publish

_SECONDS = 60


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_actionable_model(tmp_path_factory.mktemp("explain"))


@pytest.fixture(scope="session")
def model(model_folder: Path) -> ScoringModel:
    """The same model without any service: what the tests know without asking."""
    return ScoringModel.load(model_folder)


@pytest.fixture(scope="session")
def clients(model_folder: Path, model: ScoringModel) -> list[dict[str, Value]]:
    """Base features of the portfolio's first clients."""
    table = pq.read_table(model_folder.parent / "features.parquet").slice(0, 50)
    return table.select([feature.name for feature in model.dictionary.base]).to_pylist()


@pytest.fixture(scope="session")
def portfolio(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    folder = tmp_path_factory.mktemp("portfolio")
    url = f"sqlite:///{folder / 'portfolio.db'}"
    publish(model_folder, model_folder.parent / "features.parquet", url, folder / "features")
    env = {"DATABASE_URL": url, "CLAIRSCORE_PORTFOLIO_DIR": str(folder / "features")}
    with start_service("portfolio", env) as running:
        yield running


@pytest.fixture(scope="session")
def service(
    model_folder: Path, portfolio: RunningService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningService]:
    """Explains, and has explained the portfolio."""
    env = {
        "CLAIRSCORE_MODEL_DIR": str(model_folder),
        "CLAIRSCORE_PORTFOLIO_ADDRESS": portfolio.address,
        "CLAIRSCORE_PORTFOLIO_POLL_SECONDS": "0.1",
        "CLAIRSCORE_EXPLANATIONS_DIR": str(tmp_path_factory.mktemp("explanations")),
        "CLAIRSCORE_MAX_MESSAGE_BYTES": str(MAX_MESSAGE_BYTES),
    }
    with start_service("explain", env) as running:
        wait_until_explained(running)
        yield running


def wait_until_explained(service: RunningService) -> None:
    """Returns once the portfolio's explanations are there."""
    deadline = time.monotonic() + _SECONDS
    with grpc.insecure_channel(service.address) as channel:
        stub = ExplainServiceStub(channel)
        while (answer := stub.GetProgress(pb.GetProgressRequest())).state != pb.GetProgressResponse.STATE_READY:
            assert time.monotonic() < deadline, f"still {answer}:\n{service.log}"


@pytest.fixture
async def stub(service: RunningService) -> AsyncIterator[ExplainServiceStub]:
    # Retries are off: a test wants to see the error of its call.
    options = [("grpc.enable_retries", 0), ("grpc.max_send_message_length", -1)]
    async with grpc.aio.insecure_channel(service.address, options=options) as channel:
        yield ExplainServiceStub(channel)


def client_input(client: dict[str, Value], **overrides: Value) -> pb.ClientInput:
    return pb.ClientInput(record={"fields": field_values(client)}, overrides=field_values(overrides))
