"""What must hold in a raw table, checked in SQL on the rows as they were read."""

from collections.abc import Iterator

import duckdb

from pipeline.tables.files import literal, quoted
from pipeline.tables.layout import Column, ColumnType, Table, Unit
from pipeline.tables.placeholders import NO_DAY, PLACEHOLDERS, TABLES_WITH_NO_DAY
from services.common.errors import Violation

TARGET = "TARGET"
# Of a HUGEINT, below its sign.
_LAST_BIT = 126
# From here on, two whole numbers may be one as float64.
_EXACT = 2**53


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
    found_by = [(column, condition, text) for column in checked for condition, text in rules(column)]
    if not found_by:
        return []
    figures = ", ".join(f"count(*) FILTER ({rule}), min(rowid) FILTER ({rule})" for _, rule, _ in found_by)
    row = connection.execute(f"SELECT {figures} FROM {quoted(raw)}").fetchall()[0]
    found = []
    for (column, _, text), count, first in zip(found_by, row[::2], row[1::2], strict=True):
        if count:
            found.append(Violation(f"{file}: {column.name}", f"{text} in {count} row(s), the first is row {first + 1}"))
    return found


def rules(column: Column) -> Iterator[tuple[str, str]]:
    """What a column's values must not be: SQL conditions, true where a value is at fault, and the words for it."""
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
    if _are_distinct(connection, typed, key):
        return []
    repeated = f"SELECT {names} FROM {quoted(typed)} GROUP BY ALL HAVING count(*) > 1"
    row = connection.execute(f"SELECT count(*), any_value(COLUMNS(*)) FROM ({repeated})").fetchall()[0]
    if not row[0]:
        return []
    example = ", ".join(f"{name} {value}" for name, value in zip(key, row[1:], strict=True))
    return [Violation(f"{file}: {', '.join(key)}", f"{row[0]} key(s) occur more than once, for example {example}")]


def _are_distinct(connection: duckdb.DuckDBPyConnection, typed: str, key: tuple[str, ...]) -> bool:
    """Whether no key of two columns occurs twice; may be false where that is not certain.

    For each value of the first column, every value of the second sets its bit; where one comes twice, there are fewer
    bits than rows. With an identifier and its months this costs a tenth of grouping by both.
    """
    if len(key) != 2:
        return False
    outer, inner = map(quoted, key)
    least, largest = connection.execute(f"SELECT min({inner}), max({inner}) FROM {quoted(typed)}").fetchall()[0]
    if least is None or largest - least > _LAST_BIT:
        return False
    bits = f"bit_or(1::HUGEINT << CAST({inner} - {least} AS INTEGER))"
    repeated = f"SELECT 1 FROM {quoted(typed)} GROUP BY {outer} HAVING bit_count({bits}) < count(*)"
    return not connection.execute(f"{repeated} LIMIT 1").fetchall()


def unknown_categories(connection: duckdb.DuckDBPyConnection, raw: str, file: str, checked: list[Column]) -> list[str]:
    """A warning for every category column with values that the layout does not know; they become missing."""
    columns = [column for column in checked if column.type is ColumnType.CATEGORY]
    if not columns:
        return []
    unknown = [(_text(column), unknown_category(column)) for column in columns]
    figures = ", ".join(f"count(*) FILTER ({rule}), min({text}) FILTER ({rule})" for text, rule in unknown)
    row = connection.execute(f"SELECT {figures} FROM {quoted(raw)}").fetchall()[0]
    return [
        unknown_category_warning(file, column, count, example)
        for column, count, example in zip(columns, row[::2], row[1::2], strict=True)
        if count
    ]


def unknown_category(column: Column) -> str:
    """The SQL condition for a category that the layout does not know."""
    return f"NOT ({_is_known(column)}) AND {_text(column)} <> ''"


def unknown_category_warning(file: str, column: Column, count: int, example: str) -> str:
    """The words for it."""
    return (
        f"{file}: {column.name}: {count} row(s) have an unknown category, for example {example!r}; "
        "it is taken as missing"
    )


def later_dates(connection: duckdb.DuckDBPyConnection, typed: str, file: str, checked: list[Column]) -> list[str]:
    """A warning for every date that can only be past but lies after the application; it is used as it stands."""
    dates = [column for column in checked if column.past]
    if not dates:
        return []
    figures = ", ".join(
        f"count(*) FILTER ({rule}), max(CASE WHEN {rule} THEN {quoted(column.name)} END)"
        for column, rule in zip(dates, map(later, dates), strict=True)
    )
    row = connection.execute(f"SELECT {figures} FROM {quoted(typed)}").fetchall()[0]
    return [
        later_warning(file, column, count, latest)
        for column, count, latest in zip(dates, row[::2], row[1::2], strict=True)
        if count
    ]


def later(column: Column) -> str:
    """The SQL condition, on a typed column, for a date after the application."""
    name = quoted(column.name)
    placeholder = f" AND {name} <> {NO_DAY}" if column.table in TABLES_WITH_NO_DAY else ""
    return f"{name} > 0{placeholder}"


def later_warning(file: str, column: Column, count: int, latest: float) -> str:
    """The words for it."""
    return (
        f"{file}: {column.name}: {count} row(s) have a date after the application, up to {latest:g} {column.unit}; "
        "what was not known on that day must not decide"
    )


def _is_known(column: Column) -> str:
    return f"{_text(column)} IN ({_listed(column)})"


def _enum(column: Column) -> str:
    return f"ENUM({_listed(column)})"


def _listed(column: Column) -> str:
    known = (*(category.value for category in column.categories), *PLACEHOLDERS)
    return ", ".join(literal(value) for value in dict.fromkeys(known))


def _text(column: Column) -> str:
    return f"CAST({quoted(column.name)} AS VARCHAR)"


def typed_column(column: Column) -> str:
    """The SQL that gives a checked column its type; NaN and unknown categories become null."""
    name = quoted(column.name)
    if column.type is ColumnType.CATEGORY:
        return f"CASE WHEN {_is_known(column)} THEN {_text(column)} END AS {name}"
    if column.type is ColumnType.IDENTIFIER:
        return f"CAST({name} AS BIGINT) AS {name}"
    if _is_target(column):
        return f"CAST({name} AS TINYINT) AS {name}"
    number = f"CAST({name} AS DOUBLE)"
    return f"CASE WHEN isnan({number}) THEN NULL ELSE {number} END AS {name}"


def read_type(column: Column) -> str:
    """The SQL type as which a column without faults can be read from text; see ``sound_column``.

    Identifiers are no exception: DuckDB would round one with decimals to a whole number.
    """
    return _enum(column) if column.type is ColumnType.CATEGORY else "DOUBLE"


def sound_column(column: Column) -> str:
    """The SQL that gives a column its type while it is read, and fails on the first value that needs a word.

    What it lets through equals what ``typed_column`` makes of it. It is the stricter of the two.
    """
    name = quoted(column.name)
    fault = "error('to be looked at')"
    if column.type is ColumnType.CATEGORY:
        return f"CAST(CAST({name} AS {_enum(column)}) AS VARCHAR) AS {name}"
    if column.type is ColumnType.IDENTIFIER:
        number = f"CAST({name} AS DOUBLE)"
        is_exact = f"{number} = trunc({number}) AND abs({number}) < {_EXACT}"
        return f"CASE WHEN {is_exact} THEN CAST({name} AS BIGINT) ELSE {fault} END AS {name}"
    if _is_target(column):
        return f"CASE WHEN CAST({name} AS DOUBLE) IN (0, 1) THEN CAST({name} AS TINYINT) ELSE {fault} END AS {name}"
    number = f"CAST({name} AS DOUBLE)"
    decimals = "" if column.type is ColumnType.NUMBER else f" OR {number} <> trunc({number})"
    return (
        f"CASE WHEN isnan({number}) THEN NULL WHEN isinf({number}){decimals} THEN {fault} ELSE {number} END AS {name}"
    )


def _is_target(column: Column) -> bool:
    return column.name == TARGET and column.unit is Unit.FLAG
