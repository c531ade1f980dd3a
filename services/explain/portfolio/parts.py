"""Explained clients as Parquet files: how a part is written, and how DuckDB reads all of them.

Parts continue each other in the clients' order. The columns of a part are ``FACTS``, every feature of the dictionary
(numbers as float64, categories as strings, missing as null) and one float32 contribution for each feature of the model.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.features.dictionary import FeatureDictionary, Kind
from pipeline.features.store import ID, TARGET
from services.common import tracing

REPAYMENT = "probability_of_repayment"
MARGIN = "margin"
BAND = "band"
DECISION = "decision"
# What is known of a client beside features and contributions: the score's parts are the published ones.
FACTS = {
    ID: pa.int64(),
    TARGET: pa.int8(),
    REPAYMENT: pa.float64(),
    BAND: pa.string(),
    DECISION: pa.string(),
    MARGIN: pa.float64(),
}
_PATTERN = "part-*.parquet"


# Called every now and then by what takes long; what it raises ends the work.
Step = Callable[[], None]


def no_step() -> None:
    """Goes on."""


def contribution_of(feature: str) -> str:
    """The column of a feature's contributions (log-odds of default)."""
    return f"contribution:{feature}"


def identifier(column: str) -> str:
    """A column's name in SQL."""
    return '"' + column.replace('"', '""') + '"'


def schema(dictionary: FeatureDictionary, features: Sequence[str]) -> pa.Schema:
    """The columns of a part; ``features`` are the model's."""
    return pa.schema(
        [
            *FACTS.items(),
            *((f.name, pa.float64() if f.kind is Kind.NUMBER else pa.string()) for f in dictionary.features),
            *((contribution_of(name), pa.float32()) for name in features),
        ]
    )


def write(folder: Path, number: int, clients: pa.Table) -> Path:
    """Writes a part aside, then puts it in place; returns its file."""
    file = folder / f"part-{number:05d}.parquet"
    aside = file.with_suffix(".partial")
    # Contributions hardly repeat: a dictionary of them would double the file and the time that reading takes.
    repeating = [field.name for field in clients.schema if field.type != pa.float32()]
    pq.write_table(clients, aside, compression="zstd", use_dictionary=repeating, row_group_size=clients.num_rows)
    aside.replace(file)
    return file


def files(folder: Path) -> list[Path]:
    """The parts of a folder, in the clients' order."""
    return sorted(folder.glob(_PATTERN))


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on clients in SQL, with the values of its parameters."""

    sql: str = "TRUE"
    parameters: tuple[Any, ...] = ()


EVERYBODY = Condition()


def one_of(ids: list[int]) -> Condition:
    """The clients with these identifiers."""
    return Condition(f"{ID} IN (SELECT unnest(?::BIGINT[]))", (ids,))


class Parts:
    """Reads the parts of a folder. Blocking, and safe to call from several threads at once."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Opens the parts that are there now.

        Raises:
            FileNotFoundError: there are none.
        """
        found = files(folder)
        if not found:
            raise FileNotFoundError(f"{folder} holds no part")
        self._connection = duckdb.connect(config={"threads": threads})
        # The footers of some hundred columns are not parsed again by every query: parts never change.
        self._connection.execute("SET parquet_metadata_cache = true")
        names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in found)
        # Not a view: a view's hundreds of columns would be bound by every query.
        self._clients = f"read_parquet([{names}])"

    def rows(self, select: str, condition: Condition, rest: str = "", parameters: Sequence[Any] = ()) -> list[Any]:
        """Returns the rows of ``SELECT select FROM clients WHERE condition rest``; ``parameters`` are those of rest."""
        query = f"SELECT {select} FROM {self._clients} WHERE {condition.sql} {rest}"
        with tracing.span("query explanations"):
            found: list[Any] = self._connection.cursor().execute(query, [*condition.parameters, *parameters]).fetchall()
        return found

    def table(self, columns: Sequence[str], condition: Condition = EVERYBODY) -> pa.Table:
        """Returns columns of the clients that satisfy a condition, ordered by identifier."""
        names = ", ".join(map(identifier, columns))
        query = f"SELECT {names} FROM {self._clients} WHERE {condition.sql} ORDER BY {ID}"
        with tracing.span("query explanations", columns=len(columns)):
            return self._connection.cursor().sql(query, params=list(condition.parameters)).to_arrow_table()

    def sample(self, columns: Sequence[str], condition: Condition, rows: int) -> pa.Table:
        """Returns columns of at most so many of the clients that satisfy a condition, ordered by identifier.

        They are drawn by a hash of their identifiers: always the same ones for the same condition.
        """
        drawn = self.rows(ID, condition, f"ORDER BY hash({ID}), {ID} LIMIT ?", [rows])
        return self.table(columns, one_of([row[0] for row in drawn]))

    def blocks(self, columns: Sequence[str], condition: Condition, rows: int) -> Iterator[pa.RecordBatch]:
        """Gives columns of the clients that satisfy a condition, in blocks and in any order."""
        query = f"SELECT {', '.join(map(identifier, columns))} FROM {self._clients} WHERE {condition.sql}"
        yield from self._connection.cursor().sql(query, params=list(condition.parameters)).to_arrow_reader(rows)

    def close(self) -> None:
        """Gives memory and files back."""
        self._connection.close()
