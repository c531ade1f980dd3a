"""What must hold in a raw table, checked in SQL on the rows as they were read."""

from collections.abc import Iterator

import duckdb

from pipeline.tables.clean import PLACEHOLDERS
from pipeline.tables.files import literal, quoted
from pipeline.tables.layout import Column, ColumnType, Table, Unit
from services.common.errors import Violation

TARGET = "TARGET"


def columns(file: str, present: tuple[str, ...], table: Table, *, optional: tuple[str, ...]) -> list[Violation]:
    """One violation for every column of the layout that the file lacks."""
    keys = {*table.key, table.parent_key}
    return [
        Violation(f"{file}: {name}", "this key column is missing" if name in keys else "this column is missing")
        for name in table.columns
        if name not in present and name not in optional
    ]


def unknown_columns(file: str, present: tuple[str, ...], table: Table) -> list[str]:
    """A warning if the file has columns that the layout does not know."""
    extra = [name for name in present if name not in table.columns]
    return [f"{file}: unknown columns are ignored: {', '.join(extra)}"] if extra else []


def values(connection: duckdb.DuckDBPyConnection, raw: str, file: str, checked: list[Column]) -> list[Violation]:
    """Violations for values that a column cannot hold, with their count and the first row (row 1 follows the header).

    Args:
        connection: holds the table ``raw``.
        raw: the rows as read, in file order.
        file: the name for messages.
        checked: the layout's columns that the file has.
    """
    rules = [(column, condition, text) for column in checked for condition, text in _rules(column)]
    if not rules:
        return []
    figures = ", ".join(f"count(*) FILTER ({rule}), min(rowid) FILTER ({rule})" for _, rule, _ in rules)
    row = connection.execute(f"SELECT {figures} FROM {quoted(raw)}").fetchall()[0]
    found = []
    for (column, _, text), count, first in zip(rules, row[::2], row[1::2], strict=True):
        if count:
            found.append(Violation(f"{file}: {column.name}", f"{text} in {count} row(s), the first is row {first + 1}"))
    return found


def _rules(column: Column) -> Iterator[tuple[str, str]]:
    name = quoted(column.name)
    number = f"TRY_CAST({name} AS DOUBLE)"
    if column.type is ColumnType.CATEGORY:
        return
    if column.type is ColumnType.IDENTIFIER:
        yield f"{name} IS NULL OR isnan({number})", "this key is missing"
        yield f"{name} IS NOT NULL AND TRY_CAST({name} AS BIGINT) IS NULL", "must be a whole number but is not"
    else:
        yield f"{name} IS NOT NULL AND {number} IS NULL", "must be a number but is text"
    yield f"isinf({number})", "must be finite but is infinite"
    if column.type is not ColumnType.NUMBER:
        yield f"isfinite({number}) AND {number} <> trunc({number})", "must be a whole number but has decimals"
    if column.name == TARGET:
        yield f"{name} IS NULL OR {number} NOT IN (0, 1)", "must be 0 or 1 but is not"


def duplicates(connection: duckdb.DuckDBPyConnection, typed: str, file: str, key: tuple[str, ...]) -> list[Violation]:
    """A violation if a key occurs more than once."""
    if not key:
        return []
    names = ", ".join(quoted(name) for name in key)
    repeated = f"SELECT {names} FROM {quoted(typed)} GROUP BY ALL HAVING count(*) > 1"
    row = connection.execute(f"SELECT count(*), any_value(COLUMNS(*)) FROM ({repeated})").fetchall()[0]
    if not row[0]:
        return []
    example = ", ".join(f"{name} {value}" for name, value in zip(key, row[1:], strict=True))
    return [Violation(f"{file}: {', '.join(key)}", f"{row[0]} key(s) occur more than once, for example {example}")]


def unknown_categories(connection: duckdb.DuckDBPyConnection, raw: str, file: str, checked: list[Column]) -> list[str]:
    """A warning for every category column with values that the layout does not know; they become missing."""
    found = []
    for column in checked:
        if column.type is not ColumnType.CATEGORY:
            continue
        name = _text(column)
        count, example = connection.execute(
            f"SELECT count(*), min({name}) FROM {quoted(raw)} WHERE NOT ({_is_known(column)}) AND {name} <> ''"
        ).fetchall()[0]
        if count:
            found.append(
                f"{file}: {column.name}: {count} row(s) have an unknown category, for example {example!r}; "
                "it is taken as missing"
            )
    return found


def _is_known(column: Column) -> str:
    known = (*(category.value for category in column.categories), *PLACEHOLDERS)
    return f"{_text(column)} IN ({', '.join(literal(value) for value in known)})"


def _text(column: Column) -> str:
    return f"CAST({quoted(column.name)} AS VARCHAR)"


def typed_column(column: Column) -> str:
    """The SQL that gives a checked column its type; NaN and unknown categories become null."""
    name = quoted(column.name)
    if column.type is ColumnType.CATEGORY:
        return f"CASE WHEN {_is_known(column)} THEN {_text(column)} END AS {name}"
    if column.type is ColumnType.IDENTIFIER:
        return f"CAST({name} AS BIGINT) AS {name}"
    if column.name == TARGET and column.unit is Unit.FLAG:
        return f"CAST({name} AS TINYINT) AS {name}"
    number = f"CAST({name} AS DOUBLE)"
    return f"CASE WHEN isnan({number}) THEN NULL ELSE {number} END AS {name}"
