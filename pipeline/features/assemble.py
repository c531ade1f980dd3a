"""Puts the parts of the features file together, block of clients by block."""

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.features.store import ID
from pipeline.tables.files import quoted

# About 160 MB of 600 float64 columns.
_CLIENTS = 32_768


def assemble(connection: duckdb.DuckDBPyConnection, parts: Sequence[str], schema: pa.Schema) -> Iterator[pa.Table]:
    """Gives the rows of all clients in the order of their identifiers, at most 32,768 at a time.

    It is a left join of the first part with the others. DuckDB would hold all columns of all parts in hash tables, and
    all rows a second time to order them: for some 600 columns, that costs six times as much.

    Args:
        connection: holds the parts.
        parts: names of tables of at most one row per client, best in the order of ``SK_ID_CURR``; the first has all
            clients.
        schema: the columns of the result, each of one part.
    """
    clients = connection.sql(f"SELECT {ID} FROM {quoted(parts[0])} ORDER BY {ID}").to_arrow_table()[ID]
    for start in range(0, len(clients), _CLIENTS):
        block = clients.slice(start, _CLIENTS).combine_chunks()
        columns: dict[str, pa.ChunkedArray] = {}
        for part in parts:
            found = connection.sql(
                f"SELECT * FROM {quoted(part)} WHERE {ID} BETWEEN {block[0].as_py()} AND {block[-1].as_py()}"
            ).to_arrow_table()
            rows = found.combine_chunks().take(pc.index_in(block, value_set=found[ID]))
            columns = dict(zip(rows.column_names, rows.columns, strict=True)) | columns
        yield pa.table([columns[name] for name in schema.names], names=schema.names).cast(schema)
