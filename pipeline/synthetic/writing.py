"""Writes the tables of a portfolio as CSV, block by block, into a folder that appears only when it is complete."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.csv

from pipeline.synthetic.columns import Bools, Columns, catalogue
from pipeline.tables.layout import Column, ColumnType, layout
from services.common.errors import InvalidInput, Violation

# The file that marks a folder as demonstration data.
MARKER = "synthetic.json"
TARGET = "TARGET"
_GENERATOR = "clairscore.synthetic/1"


def file_names() -> dict[str, str]:
    """The file names of a portfolio, each with the table whose layout it has."""
    histories = {f"{name}.csv": name for name in layout() if name != "application"}
    return {"application_train.csv": "application", "application_test.csv": "application"} | histories


class Writer:
    """Appends rows to the files of a portfolio; a context manager that closes them."""

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        self._writers: dict[str, pa.csv.CSVWriter] = {}
        self.rows = dict.fromkeys(file_names(), 0)
        # Quotes only where a category holds text; missing values are empty.
        options = pa.csv.WriteOptions(quoting_style="needed")
        for file, table in file_names().items():
            schema = pa.schema([_field(column) for column in _columns(file, table)])
            sink = self._stack.enter_context(pa.OSFile(str(folder / file), "wb"))
            writer = pa.csv.CSVWriter(sink, schema, write_options=options)
            self._writers[file] = self._stack.enter_context(writer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def append(self, file: str, columns: Columns, rows: Bools) -> None:
        """Appends those rows of a table to its file."""
        table = file_names()[file]
        arrays = [_array(column, columns[column.name][rows]) for column in _columns(file, table)]
        batch = pa.record_batch(arrays, schema=pa.schema([_field(column) for column in _columns(file, table)]))
        self._writers[file].write_batch(batch)
        self.rows[file] += batch.num_rows


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Gives an empty folder beside ``out`` that takes its place at the end, or is removed if anything goes wrong.

    Raises:
        InvalidInput: ``out`` is a file, or a folder that holds something else than a synthetic portfolio.
    """
    check_replaceable(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        # mkdtemp makes private folders; this one is to be as any other.
        fresh = aside / "new"
        fresh.mkdir()
        yield fresh
        if out.exists():
            out.rename(aside / "old")
        fresh.rename(out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def check_replaceable(out: Path) -> None:
    """Checks that nothing but an earlier synthetic portfolio would be lost.

    Raises:
        InvalidInput: something else is there.
    """
    if out.exists() and not out.is_dir():
        raise InvalidInput([Violation(str(out), "is a file; give the name of a folder")])
    if out.is_dir() and any(out.iterdir()):
        foreign = sorted({path.name for path in out.iterdir()} - {*file_names(), MARKER})
        if not (out / MARKER).is_file():
            raise InvalidInput([Violation(str(out), "is not empty and no synthetic portfolio; give another folder")])
        if foreign:
            raise InvalidInput([Violation(str(out), f"also holds {foreign[0]}; move it away or give another folder")])


def write_marker(folder: Path, clients: int, seed: int) -> None:
    """Writes the file by which demonstration data is told from real data."""
    facts = {"generator": _GENERATOR, "seed": seed, "clients": clients}
    (folder / MARKER).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _columns(file: str, table: str) -> list[Column]:
    columns = layout()[table].columns.values()
    return [column for column in columns if file != "application_test.csv" or column.name != TARGET]


def _field(column: Column) -> pa.Field:
    types = {
        ColumnType.CATEGORY: pa.dictionary(pa.int32(), pa.string()),
        ColumnType.NUMBER: pa.float64(),
        ColumnType.INTEGER: pa.int64(),
        ColumnType.IDENTIFIER: pa.int64(),
    }
    return pa.field(column.name, types[column.type])


def _array(column: Column, values: np.ndarray) -> pa.Array:
    if column.type is ColumnType.CATEGORY:
        codes = pa.array(values.astype(np.int32), mask=values < 0)
        return pa.DictionaryArray.from_arrays(codes, list(catalogue(column.table, column.name)))
    if column.type is ColumnType.NUMBER:
        # Adding zero turns -0.0 into 0.0.
        return pa.array(values.astype(np.float64) + 0.0, from_pandas=True)
    return pa.array(values.astype(np.int64))
