"""Builds the features file of a raw folder."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.backends.duckdb import Backend

from pipeline.features import store
from pipeline.features.aggregate import aggregate
from pipeline.features.application import columns
from pipeline.features.assemble import assemble
from pipeline.features.derived import DERIVED, derive
from pipeline.features.describe import Observed, dictionary, unobserved
from pipeline.features.dictionary import Feature, FeatureDictionary, Kind
from pipeline.features.recipe import FAMILIES, join
from pipeline.progress import Progress, silent
from pipeline.tables.files import quoted
from pipeline.tables.layout import Unit
from pipeline.tables.read import APPLICATION, RawTables, open_tables
from services.common.errors import InvalidInput, Violation

DEFAULT_MEMORY_LIMIT = "4GiB"
# Rows per Parquet row group: about 25 MB of 460 float64 columns.
_ROW_GROUP = 8192
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
            origin = origin_of(backend, raw)
            parts = _compute(backend, raw, progress)
            described = dictionary(observe(backend, list(parts.values()), unobserved()))
            progress("compute", 1.0)
            rows = _write(backend, parts, described, origin, out, progress)
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


def _compute(backend: Backend, raw: RawTables, progress: Progress) -> dict[str, ibis.Table]:
    """Makes the parts of the result (see ``assemble``) by name; frees the memory of each history as soon as it may."""
    # The order of the rows matters only when they are written; to keep it costs memory.
    backend.con.execute("SET preserve_insertion_order = false")
    histories: dict[str, ibis.Table] = {}
    # Family by family: in one query, DuckDB would hold the groups of all of them at the same time.
    for done, family in enumerate(FAMILIES):
        progress("compute", 0.6 * done / len(FAMILIES))
        name = f"features of {family.table}"
        histories[name] = _part(backend, name, aggregate(raw.tables, family))
        for table in family.tables:
            backend.con.execute(f"DROP TABLE {quoted(table)}")
    progress("compute", 0.6)
    clients = raw.tables[APPLICATION]
    name = f"features of {APPLICATION}"
    of_clients = _part(backend, name, clients.select(store.ID, store.TARGET, *(column.name for column in columns())))
    derived = derive(join(clients, list(histories.values()))).select(store.ID, *(made.name for made in DERIVED))
    parts = {name: of_clients, **histories, _DERIVED: _part(backend, _DERIVED, derived)}
    progress("compute", 0.8)
    return parts


def _part(backend: Backend, name: str, features: ibis.Table) -> ibis.Table:
    # In the clients' order, a block of clients is found without a look at the others.
    return backend.create_table(name, features.order_by(store.ID))


def observe(backend: BaseBackend, parts: Sequence[ibis.Table], described: FeatureDictionary) -> dict[str, Observed]:
    """Statistics of the features over the labelled clients, or over all where none is labelled.

    Args:
        backend: holds the parts.
        parts: tables of at most one row per client; the first has all clients, and the target.
        described: the features; each is a column of one part.
    """
    clients = parts[0]
    if backend.execute(clients.aggregate(labelled=clients[store.TARGET].count()))["labelled"][0]:
        clients = clients.filter(clients[store.TARGET].notnull())
    rows = int(backend.execute(clients.count()))
    observed: dict[str, Observed] = {}
    for part in parts:
        chosen = clients if part is parts[0] else part.semi_join(clients, store.ID)
        for chunk in _chunks([feature for feature in described.features if feature.name in part.columns], 100):
            observed |= _observe(backend, chosen, rows, chunk)
    return observed


def _observe(backend: BaseBackend, table: ibis.Table, rows: int, features: Sequence[Feature]) -> dict[str, Observed]:
    figures: dict[str, ibis.Value] = {}
    for feature in features:
        column = table[feature.name]
        figures[f"{feature.name}|count"] = column.count()
        if feature.kind is Kind.NUMBER:
            figures[f"{feature.name}|min"] = column.min()
            figures[f"{feature.name}|max"] = column.max()
            figures[f"{feature.name}|median"] = column.median()
    row = backend.to_pyarrow(table.aggregate(**figures)).to_pylist()[0]
    return {
        feature.name: Observed(
            missing_rate=1 - row[f"{feature.name}|count"] / rows,
            minimum=row.get(f"{feature.name}|min"),
            maximum=row.get(f"{feature.name}|max"),
            median=row.get(f"{feature.name}|median"),
        )
        for feature in features
    }


def _chunks(features: Sequence[Feature], size: int) -> list[Sequence[Feature]]:
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


def _write(
    backend: Backend,
    parts: Mapping[str, ibis.Table],
    described: FeatureDictionary,
    origin: store.Origin,
    out: Path,
    progress: Progress,
) -> int:
    schema = schema_of(described, origin)
    total = int(backend.execute(next(iter(parts.values())).count()))
    written = 0
    with store.writer(out, schema) as sink:
        for block in assemble(backend.con, list(parts), schema):
            sink.write_table(block, row_group_size=_ROW_GROUP)
            written += block.num_rows
            progress("write", written / total)
    return written


def columns_by_source(described: FeatureDictionary) -> dict[str, int]:
    """How many features each source table gives, and ``derived``."""
    counts: dict[str, int] = {}
    for feature in described.features:
        source = feature.source_table or _DERIVED
        counts[source] = counts.get(source, 0) + 1
    return counts
