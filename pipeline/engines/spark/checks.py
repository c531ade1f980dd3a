"""The rules of ``pipeline.tables.checks`` on a table that Spark reads, block by block where the blocks are.

A block is checked and gets its types in the DuckDB of the worker, so that both engines accept the same values, and
read them the same. Messages differ in one thing: rows have no numbers here, so that an example stands for the first
row.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyspark.sql.functions as F  # noqa: N812 (as everybody writes it)
from pyspark import Accumulator
from pyspark.accumulators import AccumulatorParam
from pyspark.sql import DataFrame

from pipeline.tables import checks
from pipeline.tables.files import quoted
from pipeline.tables.layout import Column, ColumnType
from services.common.errors import Violation

_ARROW_TYPES = {
    ColumnType.IDENTIFIER: pa.int64(),
    ColumnType.INTEGER: pa.float64(),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.CATEGORY: pa.string(),
}
_SQL_TYPES = {pa.int64(): "bigint", pa.float64(): "double", pa.string(): "string", pa.int8(): "tinyint"}

# By the number of a rule: how many rows break it, and the value of one of them, null where it is missing.
Found = Mapping[int, tuple[int, str | None]]


@dataclass(frozen=True, slots=True)
class _Rule:
    column: Column
    condition: str
    # The words for a fault; empty where it deserves a warning.
    fault: str = ""


class _Sum(AccumulatorParam[Found]):
    def zero(self, value: Found) -> Found:  # noqa: ARG002 (PySpark's)
        return {}

    def addInPlace(self, value1: Found, value2: Found) -> Found:  # noqa: N802 (PySpark's name)
        added = dict(value1)
        for rule, (count, example) in value2.items():
            before, first = added.get(rule, (0, None))
            # The least, whatever the order in which blocks come.
            added[rule] = before + count, min(filter(None, (first, example)), default=None)
        return added


class Checked:
    """A table that is checked and typed while it is read; ask for findings when it was read.

    Args:
        raw: the rows, every column that is not numeric as text.
        file: the name for messages.
        columns: the layout's columns that the file has.
    """

    def __init__(self, raw: DataFrame, file: str, columns: Sequence[Column]) -> None:
        self._file = file
        self._rules = [_Rule(column, rule, fault) for column in columns for rule, fault in checks.rules(column)]
        self._rules += [_Rule(c, checks.unknown_category(c)) for c in columns if c.type is ColumnType.CATEGORY]
        self._later = [_Rule(column, checks.later(column)) for column in columns if column.past]
        context = raw.sparkSession.sparkContext
        self._found = context.accumulator(dict[int, tuple[int, str | None]](), _Sum())
        schema = arrow_schema(columns)
        blocks = _typed_blocks(self._rules, self._later, columns, schema, self._found)
        chosen = raw.select(*(f"`{column.name}`" for column in columns))
        self.rows = chosen.mapInArrow(blocks, spark_schema(schema))

    @property
    def violations(self) -> list[Violation]:
        """One for each column and rule that is broken, with the number of rows and an example."""
        found = []
        for rule, (count, example) in self._findings(self._rules, 0):
            if rule.fault:
                shown = "" if example is None else f", for example {example!r}"
                found.append(Violation(f"{self._file}: {rule.column.name}", f"{rule.fault} in {count} row(s){shown}"))
        return found

    @property
    def warnings(self) -> list[str]:
        """Unknown categories, and dates after the application."""
        unknown = [
            checks.unknown_category_warning(self._file, rule.column, count, example or "")
            for rule, (count, example) in self._findings(self._rules, 0)
            if not rule.fault
        ]
        return unknown + [
            checks.later_warning(self._file, rule.column, count, float(example or 0))
            for rule, (count, example) in self._findings(self._later, len(self._rules))
        ]

    def _findings(self, rules: list[_Rule], start: int) -> Iterator[tuple[_Rule, tuple[int, str | None]]]:
        for number, rule in enumerate(rules, start):
            if number in self._found.value:
                yield rule, self._found.value[number]


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """The types of a clean table's columns."""
    return pa.schema([(c.name, pa.int8() if c.name == checks.TARGET else _ARROW_TYPES[c.type]) for c in columns])


def spark_schema(schema: pa.Schema) -> str:
    """The same as Spark writes it."""
    return ", ".join(f"`{field.name}` {_SQL_TYPES[field.type]}" for field in schema)


def duplicates(typed: DataFrame, file: str, key: tuple[str, ...]) -> list[Violation]:
    """A violation if a key occurs more than once."""
    if not key:
        return []
    repeated = typed.groupBy(*key).count().filter("count > 1")
    row = repeated.agg(F.count("*").alias("keys"), F.min(F.struct(*key)).alias("example")).first()
    if row is None or not row["keys"]:
        return []
    shown = ", ".join(f"{name} {value}" for name, value in row["example"].asDict().items())
    return [Violation(f"{file}: {', '.join(key)}", f"{row['keys']} key(s) occur more than once, for example {shown}")]


def _typed_blocks(
    rules: Sequence[_Rule],
    later: Sequence[_Rule],
    columns: Sequence[Column],
    schema: pa.Schema,
    found: Accumulator[Found],
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    broken = _select(rules, "min", "block")
    dated = _select(later, "max", "typed")
    types = f"SELECT {', '.join(checks.typed_column(column) for column in columns)} FROM block"

    def typed_blocks(blocks: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with duckdb.connect(config={"threads": 1}) as connection:
            for block in blocks:
                connection.register("block", pa.Table.from_batches([block]))
                faults = _count(connection, broken, 0)
                if faults:
                    found.add(faults)
                if any(rules[number].fault for number in faults):
                    continue
                typed = connection.sql(types).to_arrow_table().cast(schema)
                connection.register("typed", typed)
                if warnings := _count(connection, dated, len(rules)):
                    found.add(warnings)
                yield from typed.to_batches()

    return typed_blocks


def _select(rules: Sequence[_Rule], example: str, table: str) -> str:
    figures = (
        f"count(*) FILTER ({rule.condition}), "
        f"CAST({example}({quoted(rule.column.name)}) FILTER ({rule.condition}) AS VARCHAR)"
        for rule in rules
    )
    return f"SELECT {', '.join(figures)} FROM {table}" if rules else ""


def _count(connection: duckdb.DuckDBPyConnection, select: str, start: int) -> Found:
    if not select:
        return {}
    row = connection.execute(select).fetchall()[0]
    return {
        number: (count, example)
        for number, (count, example) in enumerate(zip(row[::2], row[1::2], strict=True), start)
        if count
    }
