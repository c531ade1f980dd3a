import ibis
import pytest
from support import raw_rows


@pytest.fixture
def folder(tmp_path):
    """A valid raw folder of five train and three test clients, with two histories."""
    made = raw_rows.tables(1, range(100, 105), test_clients=range(200, 203))
    return raw_rows.write_folder(tmp_path / "raw", made)


@pytest.fixture
def backend():
    connection = ibis.duckdb.connect()
    yield connection
    connection.disconnect()
