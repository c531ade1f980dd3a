"""Reads a raw folder with Spark: every fault of every file in one report, or clean typed tables."""

from pathlib import Path

import duckdb
from ibis.backends.pyspark import Backend
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from pipeline.engines.spark.checks import Checked, arrow_schema, duplicates, spark_schema
from pipeline.progress import Progress, silent
from pipeline.tables import checks
from pipeline.tables.clean import clean
from pipeline.tables.files import FORMATS, SYNTHETIC_MARKER, FileFault, Source, find, source
from pipeline.tables.layout import Table, layout
from pipeline.tables.read import APPLICATION, RawTables
from services.common.errors import InvalidInput, Violation

_TRAIN = "application_train"
_TEST = "application_test"
# Spark's names for a file that it cannot read.
_UNREADABLE = ("FAILED_READ_FILE", "MALFORMED_RECORD_IN_PARSING")
_PLAIN = ("tinyint", "smallint", "int", "bigint", "float", "double")


def open_tables(
    folder: Path, backend: Backend, session: SparkSession, scratch: Path, progress: Progress = silent
) -> RawTables:
    """Reads the files of a folder, each once, and gives the tables as expressions of the backend.

    Takes what ``pipeline.tables.read.open_tables`` takes. A quoted value must not span lines here.

    Args:
        folder: the raw folder, which every worker sees under this path.
        backend: reads from the session.
        session: where the tables are known as views.
        scratch: an empty folder, which every worker sees under this path; the tables need it as long as they live.
        progress: told after each file.

    Raises:
        InvalidInput: the folder, a file, a column or a value is at fault; one violation for each fault of all files.
    """
    if not folder.is_dir():
        raise InvalidInput([Violation(str(folder), "is not a folder; give the folder that holds the raw tables")])
    names = [_TRAIN, _TEST, *(name for name in layout() if name != APPLICATION)]
    with duckdb.connect() as headers:
        reader = _Reader(folder, session, scratch, headers)
        for done, name in enumerate(names):
            progress("read", done / len(names))
            reader.load(name)
    reader.unite_applications()
    progress("read", 1.0)
    if reader.violations:
        raise InvalidInput(reader.violations)
    for name, frame in reader.frames.items():
        frame.createOrReplaceTempView(name)
    return RawTables(
        tables={name: clean(backend.table(name), name) for name in layout()},
        present=tuple(reader.present),
        synthetic=(folder / SYNTHETIC_MARKER).is_file(),
        warnings=tuple(reader.warnings),
    )


class _Reader:
    """Reads file after file and notes faults instead of stopping at the first."""

    def __init__(self, folder: Path, session: SparkSession, scratch: Path, headers: duckdb.DuckDBPyConnection) -> None:
        self.folder = folder
        self.session = session
        self.scratch = scratch
        self.headers = headers
        self.frames: dict[str, DataFrame] = {}
        self.violations: list[Violation] = []
        self.warnings: list[str] = []
        self.present: list[str] = []

    def load(self, name: str) -> None:
        """Reads one file as a typed table, an empty one where a history is absent."""
        table = layout()[APPLICATION if name in (_TRAIN, _TEST) else name]
        try:
            path = find(self.folder, name)
            if path is None:
                if table.name != APPLICATION:
                    self.warnings.append(f"{name} is not there; its features will be missing")
                    self.frames[name] = self._empty(table)
                return
            self.present.append(name)
            self._load(source(path, self.scratch, self.headers), name, table)
        except FileFault as fault:
            self.violations.append(fault.violation)

    def _load(self, file: Source, name: str, table: Table) -> None:
        optional = (checks.TARGET,) if name == _TEST else ()
        self.warnings += checks.unknown_columns(file.file, file.columns, table)
        missing = checks.columns(file.file, file.columns, table, optional=optional)
        self.violations += missing
        used = [c for c in table.columns.values() if c.name in file.columns and c.name not in optional]
        checked = Checked(self._parquet(file) if file.path.suffix == ".parquet" else self._csv(file), file.file, used)
        target = str(self.scratch / f"{name}.parquet")
        try:
            checked.rows.write.parquet(target)
        # Which class the error has depends on where Python was waiting when the file gave out.
        except (PySparkException, Py4JJavaError) as error:
            if not any(condition in str(error) for condition in _UNREADABLE):
                raise
            raise FileFault(
                file.file, "cannot be read (it is broken, or a line has not the columns of the header); export it again"
            ) from error
        self.warnings += checked.warnings
        faults = checked.violations
        self.violations += faults
        if not missing and not faults:
            self.frames[name] = self.session.read.schema(spark_schema(arrow_schema(used))).parquet(target)
            self.violations += duplicates(self.frames[name], file.file, table.key)

    def _csv(self, file: Source) -> DataFrame:
        return self.session.read.csv(
            str(file.path),
            schema=", ".join(f"`{column}` string" for column in file.columns),
            header=True,
            mode="FAILFAST",
            quote='"',
            escape='"',
            nullValue="",
        )

    def _parquet(self, file: Source) -> DataFrame:
        rows = self.session.read.parquet(str(file.path))
        plain = []
        for name, kind in rows.dtypes:
            column = f"`{name}`"
            if kind == "boolean":
                plain.append(f"CAST({column} AS TINYINT) AS {column}")
            elif kind in _PLAIN or kind.startswith("decimal"):
                plain.append(column)
            else:
                plain.append(f"CAST({column} AS STRING) AS {column}")
        return rows.selectExpr(*plain)

    def _empty(self, table: Table) -> DataFrame:
        return self.session.createDataFrame([], spark_schema(arrow_schema(list(table.columns.values()))))

    def unite_applications(self) -> None:
        """Makes ``application`` of the main files, if all of them could be read."""
        given = [name for name in (_TRAIN, _TEST) if name in self.present]
        if not given:
            if not any(v.field in (_TRAIN, _TEST) for v in self.violations):
                wanted = f"{_TRAIN} or {_TEST} ({', '.join(FORMATS)})"
                self.violations.append(Violation(str(self.folder), f"the main table is missing; it needs {wanted}"))
            return
        if not set(given) <= self.frames.keys():
            return
        frames = [self._with_target(self.frames.pop(name)) for name in given]
        clients = frames[0] if len(frames) == 1 else frames[0].unionByName(frames[1])
        self.frames[APPLICATION] = clients
        where = " and ".join(given)
        if clients.isEmpty():
            self.violations.append(Violation(where, "no client in it; export it again"))
        if len(given) > 1 and not any("occur more than once" in v.description for v in self.violations):
            self.violations += duplicates(clients, where, layout()[APPLICATION].key)

    def _with_target(self, frame: DataFrame) -> DataFrame:
        target = checks.TARGET if checks.TARGET in frame.columns else f"CAST(NULL AS TINYINT) AS {checks.TARGET}"
        return frame.selectExpr(*(f"`{c}`" if c != checks.TARGET else target for c in layout()[APPLICATION].columns))
