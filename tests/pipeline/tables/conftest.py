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


@pytest.fixture
def simple(tmp_path):
    """A folder of rows without commas in values: one train file, one bureau file."""
    made = raw_rows.tables(3, range(100, 105))
    for rows in made.values():
        for row in rows:
            row.update({name: None for name, value in row.items() if isinstance(value, str)})
    made["bureau"] = [{**made["bureau"][0], "SK_ID_BUREAU": number, "SK_ID_CURR": 100} for number in range(5)]
    return raw_rows.write_folder(tmp_path / "simple", {name: made[name] for name in ("application_train", "bureau")})
