"""Reads a raw folder: every fault of every file in one report, or clean typed tables."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
from ibis.backends.duckdb import Backend

from pipeline.progress import Progress, silent
from pipeline.tables import checks
from pipeline.tables.clean import clean
from pipeline.tables.files import FORMATS, SYNTHETIC_MARKER, FileFault, Source, find, is_ended, quoted, source
from pipeline.tables.layout import Column, ColumnType, Table, layout
from services.common.errors import InvalidInput, Violation

APPLICATION = "application"
_TRAIN = "application_train"
_TEST = "application_test"
_SQL_TYPES = {
    ColumnType.IDENTIFIER: "BIGINT",
    ColumnType.INTEGER: "DOUBLE",
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.CATEGORY: "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class RawTables:
    """A raw folder's clean tables.

    ``tables`` holds all tables of the layout: numbers as float64, categories as strings, identifiers as int64,
    ``application.TARGET`` as int8 and null for clients of ``application_test``. An absent history is an empty table.
    """

    tables: Mapping[str, ibis.Table]
    present: tuple[str, ...]
    synthetic: bool
    warnings: tuple[str, ...]


def open_tables(folder: Path, backend: Backend, progress: Progress = silent) -> RawTables:
    """Loads the files of a folder into a DuckDB database.

    Each table may be ``.csv``, ``.csv.gz``, ``.zip`` or ``.csv.zip`` (of one CSV file) or ``.parquet``. The main table
    is ``application_train``, ``application_test`` or both.

    Args:
        folder: the raw folder; the marker file ``synthetic.json`` in it says that the rows are made up.
        backend: a new database, to hold the tables; the expressions returned read from it.
        progress: told after each file.

    Raises:
        InvalidInput: the folder, a file, a column or a value is at fault; one violation for each fault of all files.
        duckdb.OutOfMemoryException: the database may not take as much memory as a file needs.
    """
    if not folder.is_dir():
        raise InvalidInput([Violation(str(folder), "is not a folder; give the folder that holds the raw tables")])
    reader = _Reader(folder, backend.con)
    names = [_TRAIN, _TEST, *(name for name in layout() if name != APPLICATION)]
    with tempfile.TemporaryDirectory(prefix="clairscore-") as scratch:
        for done, name in enumerate(names):
            progress("read", done / len(names))
            reader.load(name, Path(scratch))
    reader.unite_applications()
    progress("read", 1.0)
    if reader.violations:
        raise InvalidInput(reader.violations)
    return RawTables(
        tables={name: clean(backend.table(name), name) for name in layout()},
        present=tuple(reader.present),
        synthetic=(folder / SYNTHETIC_MARKER).is_file(),
        warnings=tuple(reader.warnings),
    )


class _Reader:
    """Loads file after file and notes faults instead of stopping at the first."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.folder = folder
        self.connection = connection
        self.violations: list[Violation] = []
        self.warnings: list[str] = []
        self.present: list[str] = []

    def load(self, name: str, scratch: Path) -> None:
        """Loads one file as a typed table, an empty one where a history is absent."""
        table = layout()[APPLICATION if name in (_TRAIN, _TEST) else name]
        try:
            path = find(self.folder, name)
            if path is None:
                if table.name != APPLICATION:
                    self.warnings.append(f"{name} is not there; its features will be missing")
                    self._create_empty(table)
                return
            self.present.append(name)
            self._load(source(path, scratch, self.connection), name, table)
        except FileFault as fault:
            self.violations.append(fault.violation)

    def _load(self, file: Source, name: str, table: Table) -> None:
        optional = ("TARGET",) if name == _TEST else ()
        self.warnings += checks.unknown_columns(file.file, file.columns, table)
        if not is_ended(file.path):
            self.warnings.append(f"{file.file}: the last line has no end; make sure that the file was copied whole")
        missing = checks.columns(file.file, file.columns, table, optional=optional)
        self.violations += missing
        used = [c for c in table.columns.values() if c.name in file.columns and c.name not in optional]
        if missing or not self._load_sound(file, name, used):
            self._load_checked(file, name, used, complete=not missing)
        if self._is_loaded(name):
            self.warnings += checks.later_dates(self.connection, name, file.file, used)
            self.violations += checks.duplicates(self.connection, name, file.file, table.key)

    def _load_sound(self, file: Source, name: str, used: list[Column]) -> bool:
        """Loads a file in one pass, checks and types and all, if there is nothing to say about its values."""
        columns = ", ".join(checks.sound_column(column) for column in used)
        types = {column.name: checks.read_type(column) for column in used}
        self.connection.execute("SET preserve_insertion_order = false")
        try:
            self.connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT {columns} FROM ({file.typed(types)})")
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error:
            return False
        finally:
            self.connection.execute("RESET preserve_insertion_order")
        return True

    def _load_checked(self, file: Source, name: str, used: list[Column], *, complete: bool) -> None:
        """Loads a file as text, in its order, to name every fault with its row; then types it if there is none."""
        raw = f"raw {name}"
        try:
            self.connection.execute(f"CREATE TABLE {quoted(raw)} AS {file.select}")
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise FileFault(file.file, f"cannot be read ({reason}); export or copy it again") from error
        faults = checks.values(self.connection, raw, file.file, used)
        self.violations += faults
        self.warnings += checks.unknown_categories(self.connection, raw, file.file, used)
        if complete and not faults:
            typed = ", ".join(checks.typed_column(column) for column in used)
            self.connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT {typed} FROM {quoted(raw)}")
        self.connection.execute(f"DROP TABLE {quoted(raw)}")

    def _is_loaded(self, *names: str) -> bool:
        return {row[0] for row in self.connection.execute("SHOW TABLES").fetchall()}.issuperset(names)

    def _create_empty(self, table: Table) -> None:
        columns = ", ".join(f"{quoted(column.name)} {_SQL_TYPES[column.type]}" for column in table.columns.values())
        self.connection.execute(f"CREATE TABLE {quoted(table.name)} ({columns})")

    def unite_applications(self) -> None:
        """Makes ``application`` of the main files, if all of them could be loaded."""
        given = [name for name in (_TRAIN, _TEST) if name in self.present]
        if not given:
            if not any(v.field in (_TRAIN, _TEST) for v in self.violations):
                wanted = f"{_TRAIN} or {_TEST} ({', '.join(FORMATS)})"
                self.violations.append(Violation(str(self.folder), f"the main table is missing; it needs {wanted}"))
            return
        if not self._is_loaded(*given):
            return
        selects = [f"SELECT {self._columns(name)} FROM {name}" for name in given]
        self.connection.execute(f"CREATE VIEW application AS {' UNION ALL '.join(selects)}")
        if not self.connection.execute("SELECT count(*) FROM application").fetchall()[0][0]:
            self.violations.append(Violation(" and ".join(given), "no client in it; export it again"))
        if len(given) > 1 and not any("occur more than once" in v.description for v in self.violations):
            self.violations += checks.duplicates(
                self.connection, "application", " and ".join(given), layout()[APPLICATION].key
            )

    def _columns(self, name: str) -> str:
        wanted = (quoted(column) for column in layout()[APPLICATION].columns)
        if name == _TRAIN:
            return ", ".join(wanted)
        return ", ".join("CAST(NULL AS TINYINT) AS TARGET" if c == '"TARGET"' else c for c in wanted)
