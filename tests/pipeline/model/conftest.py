import pyarrow.parquet as pq
import pytest
from support.models import train_tiny_model

from pipeline.features.build import build


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    """A model folder; ``features.parquet`` lies beside it. Copy it before changing it."""
    return train_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def real_features(shared_data, tmp_path_factory):
    """The features of 10,000 real clients, as a table."""
    file = tmp_path_factory.mktemp("real") / "features.parquet"
    build(shared_data / "home-credit", file)
    return pq.read_table(file)
