"""Small models, trained once, and registries for them."""

import uuid
from pathlib import Path

import pytest
from support.models import train_tiny_model

from pipeline.registry.registry import Registry


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tiny_model(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another model of the same feature contract."""
    return train_tiny_model(tmp_path_factory.mktemp("second"), seed=5)


@pytest.fixture(params=["disk", "memory"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    """An empty registry, on a disk and elsewhere."""
    location = str(tmp_path / "models") if request.param == "disk" else f"memory://{uuid.uuid4().hex}/models"
    return Registry(location, tmp_path / "cache")
