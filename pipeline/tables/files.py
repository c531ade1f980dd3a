"""Finds the files of a raw folder and gives each to DuckDB as a relation, whatever its format."""

import csv
import gzip
import os
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import duckdb

from services.common.errors import Violation

# In the order in which error messages list them.
FORMATS = (".csv", ".csv.gz", ".csv.zip", ".zip", ".parquet")
SYNTHETIC_MARKER = "synthetic.json"

_NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_FLOATING = ("FLOAT", "DOUBLE", "DECIMAL")


class FileFault(Exception):
    """A file cannot be used at all; says which and what to do."""

    def __init__(self, file: str, description: str) -> None:
        super().__init__(description)
        self.violation = Violation(file, description)


@dataclass(frozen=True, slots=True)
class Source:
    """One table's file: its name for messages, its columns in file order, the SELECT that reads it as text.

    ``path`` is the file that is read: what was unpacked, where a zip file was given.
    """

    file: str
    columns: tuple[str, ...]
    select: str
    path: Path

    def typed(self, types: Mapping[str, str]) -> str:
        """The SELECT that reads a CSV file's columns as these SQL types; other formats give theirs.

        It saves DuckDB the texts, and fails on the first one that is not of its type.
        """
        if self.path.suffix == ".parquet":
            return self.select
        return _read_csv(self.path, {name: types.get(name, "VARCHAR") for name in self.columns})


def find(folder: Path, table: str) -> Path | None:
    """The file of a table, if there is one.

    Raises:
        FileFault: there is more than one.
    """
    found = [path for suffix in FORMATS if (path := folder / f"{table}{suffix}").is_file()]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise FileFault(table, f"is there more than once ({names}); keep one of them")
    return found[0] if found else None


def source(path: Path, scratch: Path, connection: duckdb.DuckDBPyConnection) -> Source:
    """Opens a table's file. Every column that is not numeric reads as text; nothing is converted yet.

    Args:
        path: a file that ``find`` returned.
        scratch: a folder for the content of zip files, which DuckDB cannot read.
        connection: used to read Parquet schemas.

    Raises:
        FileFault: the file is empty, broken, or has no header that names columns.
    """
    try:
        if path.stat().st_size == 0:
            raise FileFault(path.name, "is empty; export it again")
        if path.suffix == ".parquet":
            return _parquet(path, connection)
        plain = _unzip(path, scratch) if path.suffix == ".zip" else path
        return _csv(path.name, plain)
    except (OSError, EOFError, zipfile.BadZipFile, UnicodeDecodeError, csv.Error, duckdb.Error) as error:
        raise FileFault(path.name, f"cannot be read ({_first_line(error)}); export or copy it again") from error


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL string."""
    return "'" + text.replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _unzip(path: Path, scratch: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
        if len(members) != 1 or not members[0].filename.lower().endswith(".csv"):
            inside = ", ".join(member.filename for member in members) or "nothing"
            raise FileFault(path.name, f"must hold exactly one .csv file, but holds {inside}")
        target = scratch / f"{path.stem}.csv"
        with archive.open(members[0]) as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    return target


def _csv(file: str, path: Path) -> Source:
    with _text(path) as stream:
        header = next(csv.reader(stream), [])
    if len(header) < 2:
        raise FileFault(file, "has no header of comma-separated column names in its first line")
    _refuse_repeated(file, header)
    return Source(file, tuple(header), _read_csv(path, dict.fromkeys(header, "VARCHAR")), path)


def _read_csv(path: Path, types: Mapping[str, str]) -> str:
    columns = ", ".join(f"{literal(name)}: {literal(sql_type)}" for name, sql_type in types.items())
    # Every option is given, so that DuckDB guesses nothing from the content.
    options = "header=true, auto_detect=false, strict_mode=true, delim=',', quote='\"', escape='\"', nullstr=''"
    return f"SELECT * FROM read_csv({literal(str(path))}, columns={{{columns}}}, {options})"


def is_ended(path: Path) -> bool:
    """Whether a CSV file's last line has an end; where not, a copy may have stopped inside a value, unnoticed."""
    if path.suffix != ".csv":
        # What is cut in another format cannot be read at all.
        return True
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) in {b"\n", b"\r"}


def _text(path: Path) -> AbstractContextManager[TextIO]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _parquet(path: Path, connection: duckdb.DuckDBPyConnection) -> Source:
    relation = f"read_parquet({literal(str(path))})"
    described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    names = [row[0] for row in described]
    _refuse_repeated(path.name, names)
    columns = ", ".join(_plain(row[0], row[1]) for row in described)
    return Source(path.name, tuple(names), f"SELECT {columns} FROM {relation}", path)


def _plain(name: str, sql_type: str) -> str:
    column = quoted(name)
    if sql_type in _NUMERIC or sql_type.startswith(_FLOATING):
        return column
    if sql_type == "BOOLEAN":
        return f"CAST({column} AS TINYINT) AS {column}"
    return f"CAST({column} AS VARCHAR) AS {column}"


def _refuse_repeated(file: str, columns: Sequence[str]) -> None:
    repeated = sorted({name for name in columns if list(columns).count(name) > 1})
    if repeated:
        raise FileFault(file, f"names a column twice: {', '.join(repeated)}")
