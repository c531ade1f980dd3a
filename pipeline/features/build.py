"""Builds the features file of a raw folder."""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.backends.duckdb import Backend

from pipeline.features import store
from pipeline.features.aggregate import aggregate
from pipeline.features.derived import derive
from pipeline.features.describe import Observed, dictionary, unobserved
from pipeline.features.dictionary import Feature, FeatureDictionary, Kind
from pipeline.features.recipe import FAMILIES, join
from pipeline.progress import Progress, silent
from pipeline.tables.files import quoted
from pipeline.tables.layout import Unit
from pipeline.tables.read import APPLICATION, RawTables, open_tables
from services.common.errors import InvalidInput, Violation

DEFAULT_MEMORY_LIMIT = "4GiB"
FEATURES = "features"
# Rows per Parquet row group: about 25 MB of 460 float64 columns.
_BATCH = 8192
_DERIVED = "derived"
_DAYS_PER_MONTH = 30.4375


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. ``columns`` counts the features of each source table, and ``derived``."""

    rows: int
    columns: Mapping[str, int]
    warnings: tuple[str, ...]
    seconds: float


def build(
    folder: Path, out: Path, progress: Progress = silent, *, memory_limit: str = DEFAULT_MEMORY_LIMIT
) -> BuildReport:
    """Computes the features of every client of a raw folder and writes the features file (see ``store``).

    A run that fails or is interrupted leaves an earlier file as it was. Sums over tables of more than some 100,000 rows
    may differ between runs in their last digits, because processors share the rows out as they come.

    Args:
        folder: raw tables in the Home Credit layout (see ``open_tables``).
        out: the Parquet file to write; its folder is made if need be.
        progress: told about the steps ``read``, ``compute`` and ``write``.
        memory_limit: what the database may hold in memory, such as ``4GiB``. What is more goes to a temporary folder
            beside ``out``. The process takes up to about 1 GiB in addition.

    Raises:
        InvalidInput: the raw folder is at fault, and everything that is, is named; or ``memory_limit`` is no size,
            or too little.
    """
    started = time.monotonic()
    out.parent.mkdir(parents=True, exist_ok=True)
    # What does not fit into memory goes beside the result: histories may be larger than /tmp.
    with tempfile.TemporaryDirectory(prefix=".features-", dir=out.parent) as scratch:
        backend = _connect(Path(scratch), memory_limit)
        try:
            raw = open_tables(folder, backend, progress)
            _compute(backend, raw, progress)
            described = dictionary(observe(backend, unobserved()))
            origin = origin_of(backend, raw)
            progress("compute", 1.0)
            rows = _write(backend, described, origin, out, progress)
        except duckdb.OutOfMemoryException as error:
            fault = f"{memory_limit} is too little for these tables and this number of processors; give more"
            raise InvalidInput([Violation("memory_limit", fault)]) from error
        finally:
            backend.disconnect()
    return BuildReport(rows, columns_by_source(described), raw.warnings, time.monotonic() - started)


def _connect(scratch: Path, memory_limit: str) -> Backend:
    try:
        return ibis.duckdb.connect(":memory:", memory_limit=memory_limit, temp_directory=str(scratch / "spilled"))
    except duckdb.Error as error:
        raise InvalidInput([Violation("memory_limit", f"must be a size such as 4GiB, not {memory_limit!r}")]) from error


def _compute(backend: Backend, raw: RawTables, progress: Progress) -> None:
    # The order of the rows matters only when they are written; to keep it costs memory.
    backend.con.execute("SET preserve_insertion_order = false")
    # Family by family: in one query, DuckDB would hold the groups of all of them at the same time.
    histories = []
    for done, family in enumerate(FAMILIES):
        progress("compute", 0.6 * done / len(FAMILIES))
        histories.append(backend.create_table(f"features of {family.table}", aggregate(raw.tables, family)))
    progress("compute", 0.6)
    backend.create_table(FEATURES, labelled(derive(join(raw.tables[APPLICATION], histories)), raw))
    progress("compute", 0.8)


def labelled(features: ibis.Table, raw: RawTables) -> ibis.Table:
    """The features of all clients with what is to be predicted."""
    target = raw.tables[APPLICATION].select(store.ID, store.TARGET)
    return features.join(target, store.ID).select(
        store.ID, store.TARGET, *(name for name in features.columns if name != store.ID)
    )


def observe(backend: BaseBackend, described: FeatureDictionary) -> dict[str, Observed]:
    """Statistics of the table ``FEATURES`` over the labelled clients, or over all where none is labelled."""
    table = backend.table(FEATURES)
    if backend.execute(table.aggregate(labelled=table[store.TARGET].count()))["labelled"][0]:
        table = table.filter(table[store.TARGET].notnull())
    observed = {}
    row_count = table.count()
    for chunk in _chunks(described.features, 100):
        figures: dict[str, ibis.Value] = {"rows": row_count}
        for feature in chunk:
            column = table[feature.name]
            figures[f"{feature.name}|count"] = column.count()
            if feature.kind is Kind.NUMBER:
                figures[f"{feature.name}|min"] = column.min()
                figures[f"{feature.name}|max"] = column.max()
                figures[f"{feature.name}|median"] = column.median()
        row = backend.to_pyarrow(table.aggregate(**figures)).to_pylist()[0]
        for feature in chunk:
            observed[feature.name] = Observed(
                missing_rate=1 - row[f"{feature.name}|count"] / row["rows"],
                minimum=row.get(f"{feature.name}|min"),
                maximum=row.get(f"{feature.name}|max"),
                median=row.get(f"{feature.name}|median"),
            )
    return observed


def _chunks(features: tuple[Feature, ...], size: int) -> list[tuple[Feature, ...]]:
    return [features[start : start + size] for start in range(0, len(features), size)]


def origin_of(backend: BaseBackend, raw: RawTables) -> store.Origin:
    """Where the features come from."""
    days: list[float] = []
    for family in FAMILIES:
        column = raw.tables[family.table][family.dated_by]
        days_each = _DAYS_PER_MONTH if family.columns[family.dated_by].unit is Unit.MONTHS else 1.0
        entries = raw.tables[family.table].aggregate(oldest=column.min(), newest=column.max())
        row = backend.to_pyarrow(entries).to_pylist()[0]
        days += [date * days_each for date in row.values() if date is not None]
    return store.Origin(
        synthetic=raw.synthetic,
        tables=raw.present,
        history_days=(int(min(days)), int(max(days))) if days else None,
    )


def schema_of(described: FeatureDictionary, origin: store.Origin) -> pa.Schema:
    """The columns of the result, with dictionary and origin in the metadata."""
    fields = [pa.field(store.ID, pa.int64(), nullable=False), pa.field(store.TARGET, pa.int8())]
    fields += [pa.field(f.name, pa.float64() if f.kind is Kind.NUMBER else pa.string()) for f in described.features]
    return store.attach(pa.schema(fields), described, origin)


def _write(backend: Backend, described: FeatureDictionary, origin: store.Origin, out: Path, progress: Progress) -> int:
    schema = schema_of(described, origin)
    columns = ", ".join(quoted(name) for name in schema.names)
    total: int = backend.con.execute(f"SELECT count(*) FROM {FEATURES}").fetchall()[0][0]
    rows = backend.con.sql(f"SELECT {columns} FROM {FEATURES} ORDER BY {store.ID}")
    written = 0
    with store.writer(out, schema) as sink:
        for batch in rows.to_arrow_reader(_BATCH):
            sink.write_batch(batch.cast(schema))
            written += batch.num_rows
            progress("write", written / total)
    return written


def columns_by_source(described: FeatureDictionary) -> dict[str, int]:
    """How many features each source table gives, and ``derived``."""
    counts: dict[str, int] = {}
    for feature in described.features:
        source = feature.source_table or _DERIVED
        counts[source] = counts.get(source, 0) + 1
    return counts
