import pytest
from support.models import write_tiny_features


@pytest.fixture(scope="session")
def tiny_features(tmp_path_factory):
    """A features file of 400 random clients, 40 of them without a TARGET. Never changed."""
    return write_tiny_features(tmp_path_factory.mktemp("features") / "features.parquet")
