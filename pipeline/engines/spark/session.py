"""A Spark session for one job."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from pipeline.engines import LOCAL
from services.common.errors import Misconfigured

# Rows that go to Python at once: the block size of the other engine.
_ARROW_ROWS = 8192


@contextmanager
def session(master: str = LOCAL) -> Iterator[SparkSession]:
    """Gives a session, closed at the end. One that the process already has is used as it is and left open.

    Memory, cores and the like are Spark's own settings (``spark-defaults.conf``).

    Args:
        master: ``local[*]``, ``spark://host:7077``, ``yarn``, ``k8s://…``. Workers need this package, its Python
            version, and the input and output folders under the same paths.

    Raises:
        Misconfigured: there is no Java, or no session can be made with the master.
    """
    existing = SparkSession.getActiveSession()
    if existing is not None:
        yield existing
        return
    if not _java():
        raise Misconfigured("Spark needs Java 17; install it, or set JAVA_HOME, or leave out --engine")
    try:
        made = _builder(master).getOrCreate()
    # Py4J's and PySpark's errors about a session that does not start share no base class of their own.
    except Exception as error:
        raise Misconfigured(f"Spark does not start with master {master!r}: {first_line(error)}") from error
    try:
        yield made
    finally:
        made.stop()


def first_line(error: Exception) -> str:
    """What went wrong, without Spark's stack."""
    text = error.getMessage() if isinstance(error, PySparkException) else str(error)
    return ((text or "").strip().splitlines() or [type(error).__name__])[0]


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return Path(home, "bin", "java").is_file() if home else shutil.which("java") is not None


def _builder(master: str) -> SparkSession.Builder:
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(_ARROW_ROWS),
        # Without the columns that nobody reads, a line that is cut would not be noticed.
        "spark.sql.csv.parser.columnPruning.enabled": "false",
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    if master.startswith("local"):
        # Spark would start the first python3 of the PATH.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        # The driver is the only worker: it may take half of the machine. Its interface would be open to the network.
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
        settings |= {
            "spark.driver.memory": f"{memory // 2**20}m",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": str(4 * (os.cpu_count() or 1)),
        }
    builder = SparkSession.builder.appName("clairscore").master(master)
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder
