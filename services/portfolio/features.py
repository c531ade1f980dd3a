"""The features of one publication: a client's whole row, and a feature over all clients.

They are kept in a DuckDB database file of two tables: ``features``, columnar, for what looks at all clients (with their
outcomes and published scores, so that one scan gives everything), and ``records``, one packed value per client, for
one client's features. At 300,000 clients and 461 features a client is read in 2 ms and a column in 2 ms; from a Parquet
file the same engine needs 66 ms and 26 ms, because it reads the footer again for every query, and a row from
``features`` 15 ms, most of it planning a query of 461 columns.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Self

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.features.dictionary import Feature, FeatureDictionary, Kind
from pipeline.features.store import ID, TARGET
from pipeline.model.validation import Value
from services.common import tracing
from services.common.errors import FailedPrecondition
from services.portfolio import records as records_of
from services.portfolio.distribution import Distribution, histogram

SUFFIX = ".duckdb"
_RECORD = "record"
# A distribution is about 5 kB: 40 edges and counts, 99 percentiles.
_CACHED_DISTRIBUTIONS = 1000
# The published score's columns, beside the features.
SCORE = ("probability_of_default", "probability_of_repayment", "band", "decision")
# Of a block of columns: 3 MB of numbers, below the 4 MB that a gRPC client accepts unless it is told otherwise.
_BLOCK_ROWS = 8192
_BLOCK_VALUES = 400_000


class FeaturesWriter:
    """Writes a published features file, block by block; what is there after an error is to be thrown away."""

    def __init__(self, file: Path, dictionary: FeatureDictionary) -> None:
        """Makes the file.

        Raises:
            OSError: the file cannot be made.
        """
        try:
            self._connection = duckdb.connect(file)
        except duckdb.IOException as error:
            raise OSError(f"{file} cannot be written: {error}") from error
        self._dictionary = dictionary
        self._empty = True
        self._connection.begin()

    def append(self, clients: pa.Table, scores: pa.RecordBatch) -> None:
        """Adds clients as the features file holds them, with their scores; identifiers must rise from block to block.

        Raises:
            InvalidInput: a category is not in the dictionary; names every such feature.
        """
        records = pa.table({ID: clients[ID], _RECORD: records_of.pack(clients, self._dictionary)})
        for name in SCORE:
            clients = clients.append_column(name, scores[name])
        for name, block in (("features", clients), ("records", records)):
            relation = self._connection.from_arrow(block)
            if self._empty:
                relation.create(name)
            else:
                relation.insert_into(name)
        self._empty = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._connection:
            if kind is None:
                self._connection.commit()
                # Leaves one file: what a log beside it still holds is moved into it.
                self._connection.execute("CHECKPOINT")


class PublishedFeatures:
    """Reads a published features file. Blocking, and safe to call from several threads at once.

    The file stays readable while it is open, also when it is removed because another publication has taken over.
    """

    def __init__(self, file: Path, dictionary: FeatureDictionary) -> None:
        """Opens the file.

        Raises:
            FileNotFoundError: it is not there (any more).
        """
        self._dictionary = dictionary
        try:
            self._connection = duckdb.connect(file, read_only=True)
        except duckdb.IOException as error:
            if file.exists():
                raise
            raise FileNotFoundError(f"{file} is not there") from error
        self.distribution = lru_cache(_CACHED_DISTRIBUTIONS)(self._distribution)

    def row(self, sk_id_curr: int) -> dict[str, Value] | None:
        """Returns every feature of a client by name, None where missing; None: there is no such client."""
        query = f"SELECT {_RECORD} FROM records WHERE {ID} = ?"
        with tracing.span("read features", clients=1):
            found = self._connection.cursor().execute(query, [sk_id_curr]).fetchone()
        return None if found is None else records_of.unpack(found[0], self._dictionary.features)

    def knows(self, column: str) -> bool:
        """Whether ``blocks`` can give this column."""
        return column in (ID, TARGET, *SCORE) or column in self._dictionary.by_name

    def blocks(self, columns: Sequence[str], after: int = 0) -> Iterator[pa.RecordBatch]:
        """Gives known columns in blocks of clients with an identifier above ``after``, in its order; missing is null.

        Nothing is kept open between two blocks, and no more than one is in memory.

        Raises:
            FailedPrecondition: the file is of an earlier version of Clairscore, which kept fewer columns.
        """
        rows = max(1, min(_BLOCK_ROWS, _BLOCK_VALUES // len(columns)))
        found = self._connection.cursor().execute(f"SELECT {ID} FROM features WHERE {ID} > ? ORDER BY 1", [after])
        ids = np.asarray(found.fetchnumpy()[ID])
        query = f"SELECT {', '.join(map(_identifier, columns))} FROM features WHERE {ID} BETWEEN ? AND ? ORDER BY {ID}"
        for start in range(0, len(ids), rows):
            block = ids[start : start + rows]
            try:
                table = self._connection.cursor().sql(query, params=[int(block[0]), int(block[-1])]).to_arrow_table()
            except duckdb.BinderException as error:
                raise FailedPrecondition(
                    "An earlier version of Clairscore made this publication, without these columns: publish again."
                ) from error
            yield table.combine_chunks().to_batches()[0]

    def _distribution(self, name: str, bins: int) -> Distribution:
        """Returns how a feature of the dictionary is distributed; ``bins`` are those of a number's histogram."""
        feature = self._dictionary.by_name[name]
        with tracing.span("read features", columns=1):
            return self._number(feature, bins) if feature.kind is Kind.NUMBER else self._category(feature)

    def _number(self, feature: Feature, bins: int) -> Distribution:
        column = (
            self._connection.cursor().execute(f"SELECT {_identifier(feature.name)} AS value FROM features").fetchnumpy()
        )
        values = np.ma.masked_array(column["value"]).compressed().astype(np.float64, copy=False)
        clients = len(column["value"])
        return Distribution(clients, clients - len(values), histogram(values, bins))

    def _category(self, feature: Feature) -> Distribution:
        column = _identifier(feature.name)
        rows = self._connection.cursor().execute(f"SELECT {column}, count(*) FROM features GROUP BY ALL").fetchall()
        found: dict[str | None, int] = dict(rows)
        counts = {category.value: found.get(category.value, 0) for category in feature.categories}
        return Distribution(sum(found.values()), found.get(None, 0), counts)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
