import pyarrow.parquet as pq
import pytest

from pipeline.features.build import build
from pipeline.features.serving import OnlineFeatures


@pytest.fixture(scope="session")
def online():
    return OnlineFeatures()


@pytest.fixture(scope="session")
def real_file(shared_data, tmp_path_factory):
    """The features file of the real sample."""
    file = tmp_path_factory.mktemp("real") / "features.parquet"
    build(shared_data / "home-credit", file)
    return file


@pytest.fixture(scope="session")
def real_features(real_file):
    """The features of the 10,000 real clients, by client."""
    return pq.read_table(real_file).to_pandas().set_index("SK_ID_CURR")
