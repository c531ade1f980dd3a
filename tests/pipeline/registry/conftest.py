"""Small models, trained once, and registries for them."""

import uuid
from pathlib import Path

import pytest
from support.models import train_tiny_model, write_tiny_features

from pipeline.registry.registry import Registry
from pipeline.training.train import train


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tiny_model(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another model of the same feature contract."""
    folder = tmp_path_factory.mktemp("second")
    features = write_tiny_features(folder / "features.parquet", seed=5)
    train(features, folder / "model", folds=2, trees=20, threads=1)
    return folder / "model"


@pytest.fixture(params=["disk", "memory"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    """An empty registry, on a disk and elsewhere."""
    location = str(tmp_path / "models") if request.param == "disk" else f"memory://{uuid.uuid4().hex}/models"
    return Registry(location, tmp_path / "cache")
