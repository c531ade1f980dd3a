"""The pipeline's expressions on one client, for services: compiled once, run on a private in-memory database."""

import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb
import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.features import recipe
from pipeline.features.application import TABLE as APPLICATION
from pipeline.features.derived import DERIVED, INPUTS, derive
from pipeline.features.store import ID, TARGET
from pipeline.tables.clean import clean
from pipeline.tables.layout import Column, ColumnType, layout
from pipeline.tables.placeholders import PLACEHOLDERS
from services.common.errors import InvalidInput, Violation

# A number, a category, or missing.
Value = float | str | None
Row = Mapping[str, Value]

_IBIS_TYPES = {
    ColumnType.IDENTIFIER: "int64",
    ColumnType.INTEGER: "float64",
    ColumnType.NUMBER: "float64",
    ColumnType.CATEGORY: "string",
}
_SQL_TYPES = {"int64": "BIGINT", "float64": "DOUBLE", "string": "VARCHAR"}
_TABLES = (APPLICATION, *(table for family in recipe.FAMILIES for table in family.tables))
# What links nested rows to the rows above them, by table. The client's own identifier links nothing: all rows are his.
_LINKS = {family.nested.table: family.nested.key for family in recipe.FAMILIES if family.nested}


class OnlineFeatures:
    """Computes base features from raw rows and derived features from base features. Safe to share between threads.

    Each concurrent call has a connection of its own to a shared in-memory database; idle ones are used again.
    """

    def __init__(self) -> None:
        # One client's rows never fill a second thread; more of them only cost hand-overs.
        self._database = duckdb.connect(":memory:", config={"threads": 1})
        self._base_sql = _compile_base()
        self._derive_columns_sql = _compile_derive_columns()
        self._derive_sql = _compile_derive(self._derive_columns_sql)
        # One connection is made now, so that the first call does not wait for it.
        self._idle = deque([self._connect()])

    def base_from_raw(self, application: Row, histories: Mapping[str, Sequence[Row]]) -> dict[str, Value]:
        """Returns every base feature of a client, by name.

        Args:
            application: a row of the main table. A column that is not given is missing; identifiers are ignored.
            histories: the client's rows of each history table. A table that is not given has no rows. Of the
                identifiers ``SK_ID_BUREAU`` alone matters: it links rows of ``bureau_balance`` to one of ``bureau``.

        Raises:
            InvalidInput: names every unknown table or column, ``TARGET``, and every value of a wrong type, as
                ``application.AMT_CREDIT`` or ``histories[bureau].rows[3].DAYS_CREDIT``.
        """
        violations = list(_check(application, APPLICATION, "application"))
        for table, rows in histories.items():
            if table == APPLICATION or table not in layout():
                known = ", ".join(name for name in layout() if name != APPLICATION)
                violations.append(Violation(f"histories[{table}]", f"is not a history table; use one of {known}"))
                continue
            for number, row in enumerate(rows):
                violations += _check(row, table, f"histories[{table}].rows[{number}]")
        if violations:
            raise InvalidInput(violations)
        given = {APPLICATION: [application], **histories}
        with self._connection() as connection:
            connection.execute("BEGIN").fetchall()
            try:
                for table in _TABLES:
                    _insert(connection, table, given.get(table, ()))
                cursor = connection.execute("EXECUTE base")
                names = [column[0] for column in cursor.description]
                values = cursor.fetchall()[0]
            finally:
                # The rows were this call's alone.
                connection.execute("ROLLBACK").fetchall()
        return {name: value for name, value in zip(names, values, strict=True) if name != ID}

    def derive(self, base: Row) -> dict[str, Value]:
        """Returns every derived feature of a client, by name.

        Args:
            base: the client's base features; one that is not given is missing, others than those needed are ignored.

        Raises:
            InvalidInput: a base feature that is needed is not a finite number.
        """
        violations = [Violation(name, fault) for name in INPUTS if (fault := _number_fault(base.get(name))) is not None]
        if violations:
            raise InvalidInput(violations)
        with self._connection() as connection:
            # A prepared statement takes no parameters from here, only constants: checked numbers, never text.
            given = ", ".join(_constant(base.get(name)) for name in INPUTS)
            values = connection.execute(f"EXECUTE derive({given})").fetchall()[0]
        return {derived.name: value for derived, value in zip(DERIVED, values, strict=True)}

    def derive_columns(self, base: Mapping[str, npt.NDArray[np.float64]]) -> dict[str, npt.NDArray[np.float64]]:
        """Returns every derived feature of n clients, shapes (n,), by name; NaN means missing.

        Args:
            base: every base feature that a derived one needs, finite or NaN.
        """
        given = pa.table({name: pa.array(base[name], pa.float64(), from_pandas=True) for name in INPUTS})
        with self._connection() as connection:
            connection.register("base", given)
            try:
                derived: pa.Table = connection.sql(self._derive_columns_sql).to_arrow_table()
            finally:
                connection.unregister("base")
        return {d.name: derived[d.name].to_numpy() for d in DERIVED}

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._idle.append(connection)

    def _connect(self) -> duckdb.DuckDBPyConnection:
        connection = self._database.cursor()
        # To improve the plan of a query over a handful of rows takes longer than to run it as it stands.
        connection.execute("PRAGMA disable_optimizer").fetchall()
        for table in _TABLES:
            columns = ", ".join(f'"{c.name}" {_SQL_TYPES[_IBIS_TYPES[c.type]]}' for c in _columns(table))
            connection.execute(f'CREATE TEMP TABLE "{table}" ({columns})').fetchall()
        connection.execute(f"PREPARE base AS {self._base_sql}").fetchall()
        connection.execute(f"PREPARE derive AS {self._derive_sql}").fetchall()
        return connection


def _compile_base() -> str:
    tables = {
        name: clean(ibis.table({c.name: _IBIS_TYPES[c.type] for c in _columns(name)}, name=name), name)
        for name in _TABLES
    }
    return str(ibis.to_sql(recipe.base(tables), dialect="duckdb"))


def _compile_derive_columns() -> str:
    base = ibis.table(dict.fromkeys(INPUTS, "float64"), name="base")
    return str(ibis.to_sql(derive(base).select(*(derived.name for derived in DERIVED)), dialect="duckdb"))


def _compile_derive(of_columns: str) -> str:
    parameters = ", ".join(f'CAST(${number} AS DOUBLE) AS "{name}"' for number, name in enumerate(INPUTS, start=1))
    return f'WITH "base" AS (SELECT {parameters}) SELECT * FROM ({of_columns})'


def _constant(value: Value) -> str:
    """A number as DuckDB reads it back exactly: with an exponent, for without one it would be a decimal."""
    return "NULL" if value is None else f"{float(value):.17e}"


def _columns(table: str) -> tuple[Column, ...]:
    return tuple(column for column in layout()[table].columns.values() if column.name != TARGET)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    """Fills the table column by column; all rows belong to client 0."""
    if not rows:
        return
    columns = [column for column in _columns(table) if column.name != ID]
    own = ID in layout()[table].columns
    names = ", ".join(f'"{name}"' for name in (*([ID] if own else []), *(column.name for column in columns)))
    lists = ", ".join(f"unnest(CAST(? AS {_SQL_TYPES[_IBIS_TYPES[column.type]]}[]))" for column in columns)
    values = [[row.get(column.name) for row in rows] for column in columns]
    connection.execute(f'INSERT INTO "{table}" ({names}) SELECT {"0, " if own else ""}{lists}', values).fetchall()


def _check(row: Row, table: str, where: str) -> Iterator[Violation]:
    known = layout()[table].columns
    for name, value in row.items():
        if name == TARGET and table == APPLICATION:
            yield Violation(f"{where}.{name}", "is what the model predicts and must not be given")
        elif name not in known:
            yield Violation(f"{where}.{name}", f"is not a column of {table}")
        elif (fault := _fault(known[name], value)) is not None:
            yield Violation(f"{where}.{name}", fault)
    if table in _LINKS and row.get(_LINKS[table]) is None:
        yield Violation(f"{where}.{_LINKS[table]}", "is missing; it says which credit the row belongs to")


def _fault(column: Column, value: Value) -> str | None:
    if column.type is not ColumnType.CATEGORY:
        fault = _number_fault(value)
        if (
            fault is None
            and isinstance(value, float)
            and column.type is not ColumnType.NUMBER
            and not value.is_integer()
        ):
            return "must be a whole number"
        return fault
    if value is None:
        return None
    if not isinstance(value, str):
        return "must be a category, given as text"
    known = [category.value for category in column.categories]
    return None if value in known or value in PLACEHOLDERS else f"must be one of {', '.join(known)}"


def _number_fault(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number"
    return None if math.isfinite(value) else "must be finite; leave it out if it is not known"
