"""A real portfolio service, as an operator starts it, over a portfolio that was really published."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from clairscore.portfolio.v1.portfolio_pb2_grpc import PortfolioServiceStub
from support.models import train_tiny_model
from support.processes import RunningService, start_service

from pipeline.publish import publish


@dataclass(frozen=True)
class Place:
    """Where a portfolio is, and what it is made from."""

    model: Path
    features: Path
    database_url: str
    folder: Path

    @property
    def env(self) -> dict[str, str]:
        """The settings of a service that reads it."""
        return {"DATABASE_URL": self.database_url, "CLAIRSCORE_PORTFOLIO_DIR": str(self.folder)}

    def publish(self, features: Path | None = None) -> None:
        """Fills it."""
        publish(self.model, features or self.features, self.database_url, self.folder)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def published(request: pytest.FixtureRequest, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A portfolio in a database of each kind in turn."""
    folder = tmp_path_factory.mktemp("portfolio")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'portfolio.db'}"
    else:
        url = request.getfixturevalue("postgres").create_database("contract")
    place = Place(model, model.parent / "features.parquet", url, folder / "features")
    place.publish()
    return place


@pytest.fixture(scope="module")
def service(published: Place) -> Iterator[RunningService]:
    with start_service("portfolio", published.env) as running:
        yield running


@pytest.fixture(scope="module")
def stub(service: RunningService) -> Iterator[PortfolioServiceStub]:
    # Retries are off: a test wants to see the error of its call.
    with grpc.insecure_channel(service.address, options=[("grpc.enable_retries", 0)]) as channel:
        yield PortfolioServiceStub(channel)
