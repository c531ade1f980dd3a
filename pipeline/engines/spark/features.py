"""Builds the features of a raw folder with Spark, as a folder of Parquet files (see ``store``)."""

import math
import tempfile
import time
from pathlib import Path

import ibis
import pyarrow.parquet as pq

from pipeline.engines import LOCAL
from pipeline.engines.spark.folder import replacing, tidy
from pipeline.engines.spark.raw import open_tables
from pipeline.engines.spark.session import session
from pipeline.features import store
from pipeline.features.build import BuildReport, columns_by_source, observe, origin_of, schema_of
from pipeline.features.derived import derive
from pipeline.features.describe import dictionary, unobserved
from pipeline.features.recipe import base
from pipeline.progress import Progress, silent
from pipeline.tables.read import APPLICATION, RawTables

# Clients in one file of the result: about 250 MB.
_CLIENTS_PER_FILE = 100_000
_FEATURES = "features"


def build(folder: Path, out: Path, progress: Progress = silent, *, master: str = LOCAL) -> BuildReport:
    """Computes the features of every client of a raw folder; the files of the result are in the clients' order.

    A run that fails or is interrupted leaves an earlier result as it was.

    Args:
        folder: raw tables in the Home Credit layout (see ``raw.open_tables``).
        out: the folder to write; workers must see it and its parent under this path.
        progress: told about the steps ``read``, ``compute`` and ``write``.
        master: see ``session``.

    Raises:
        InvalidInput: the raw folder is at fault, and everything that is, is named; or ``out`` holds something else.
        Misconfigured: Spark does not start.
    """
    started = time.monotonic()
    folder, out = folder.resolve(), out.resolve()
    with replacing(out) as aside, session(master) as spark:
        with tempfile.TemporaryDirectory(prefix=".features-", dir=out.parent) as scratch:
            backend = ibis.pyspark.connect(spark)
            raw = open_tables(folder, backend, spark, Path(scratch), progress)
            progress("compute", 0.0)
            computed = str(Path(scratch, _FEATURES))
            spark.sql(backend.compile(_labelled(derive(base(raw.tables)), raw))).write.parquet(computed)
            frame = spark.read.parquet(computed)
            frame.createOrReplaceTempView(_FEATURES)
            progress("compute", 0.8)
            described = dictionary(observe(backend, [backend.table(_FEATURES)], unobserved()))
            origin = origin_of(backend, raw)
            progress("compute", 1.0)
            schema = schema_of(described, origin)
            progress("write", 0.0)
            rows = frame.count()
            files = math.ceil(rows / _CLIENTS_PER_FILE)
            ordered = frame.select(*schema.names).repartitionByRange(files, store.ID).sortWithinPartitions(store.ID)
            ordered.write.parquet(str(aside))
        tidy(aside)
        pq.write_metadata(schema, aside / store.COMMON_METADATA)
        progress("write", 1.0)
    return BuildReport(rows, columns_by_source(described), raw.warnings, time.monotonic() - started)


def _labelled(features: ibis.Table, raw: RawTables) -> ibis.Table:
    """The features of all clients with what is to be predicted."""
    target = raw.tables[APPLICATION].select(store.ID, store.TARGET)
    return features.join(target, store.ID).select(
        store.ID, store.TARGET, *(name for name in features.columns if name != store.ID)
    )
