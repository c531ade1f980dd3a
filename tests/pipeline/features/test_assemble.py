import duckdb
import pyarrow as pa
import pytest

from pipeline.features.assemble import assemble

CLIENTS = 70_000


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        # Neither part is in order; the second lacks a third of the clients, and has some that are no clients.
        made.execute(
            f"CREATE TABLE clients AS SELECT i * 3 AS SK_ID_CURR, CASE WHEN i % 5 > 0 THEN i % 2 END AS TARGET, "
            f"'c' || i % 7 AS KIND FROM range({CLIENTS}) AS r(i) ORDER BY hash(i)"
        )
        made.execute(
            f"CREATE TABLE history AS SELECT i AS SK_ID_CURR, i / 7 AS PAID FROM range({3 * CLIENTS}) AS r(i) "
            "WHERE i % 9 < 6 ORDER BY hash(i + 1)"
        )
        yield made


def test_gives_all_clients_in_their_order_with_what_each_part_knows_of_them(connection):
    schema = pa.schema(
        {"SK_ID_CURR": pa.int64(), "TARGET": pa.int8(), "PAID": pa.float64(), "KIND": pa.string()}, {"made": "here"}
    )
    blocks = list(assemble(connection, ["clients", "history"], schema))
    assert len(blocks) == 3
    assert all(block.schema.equals(schema, check_metadata=True) for block in blocks)
    expected = connection.sql(
        "SELECT SK_ID_CURR, TARGET, PAID, KIND FROM clients LEFT JOIN history USING (SK_ID_CURR) ORDER BY SK_ID_CURR"
    ).to_arrow_table()
    assert pa.concat_tables(blocks).equals(expected.cast(schema))


def test_without_clients_there_is_nothing(connection):
    connection.execute("DELETE FROM clients")
    assert not list(assemble(connection, ["clients", "history"], pa.schema({"SK_ID_CURR": pa.int64()})))
