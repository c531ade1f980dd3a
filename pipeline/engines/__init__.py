"""The engines that a long job can run on: DuckDB on one machine, Spark on a cluster (ADR 5)."""

from enum import StrEnum
from importlib.util import find_spec

from services.common.errors import Misconfigured

LOCAL = "local[*]"


class Engine(StrEnum):
    """Where a job's tables are read, joined and scored."""

    DUCKDB = "duckdb"
    SPARK = "spark"


def require_spark() -> None:
    """Checks that PySpark is installed, before anything imports it.

    Raises:
        Misconfigured: it is not.
    """
    if find_spec("pyspark") is None:
        raise Misconfigured("Spark is not installed; install clairscore with its extra 'spark', or leave out --engine")
