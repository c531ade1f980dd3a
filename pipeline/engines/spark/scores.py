"""Scores features with Spark: the ONNX model in every worker, on blocks of rows as Arrow gives them."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark import Accumulator, Broadcast
from pyspark.accumulators import AccumulatorParam

from pipeline.batch import SCHEMA, check_contract, score_table
from pipeline.engines import LOCAL
from pipeline.engines.spark.folder import replacing, tidy
from pipeline.engines.spark.session import session
from pipeline.features import store
from pipeline.model.runtime import ScoringModel
from pipeline.progress import Progress, silent
from services.common.errors import InvalidInput, Violation

_TYPES = {pa.int64(): "bigint", pa.float64(): "double", pa.string(): "string"}
_Files = dict[str, bytes]


class _Violations(AccumulatorParam[list[Violation]]):
    def zero(self, value: list[Violation]) -> list[Violation]:  # noqa: ARG002 (PySpark's)
        return []

    def addInPlace(self, value1: list[Violation], value2: list[Violation]) -> list[Violation]:  # noqa: N802 (PySpark's)
        return value1 + value2


def score(model_dir: Path, features: Path, out: Path, progress: Progress = silent, *, master: str = LOCAL) -> int:
    """Scores every client of a features file or folder and returns how many there are.

    The columns are those of ``pipeline.batch``; the files of ``out`` are in no order. Each worker gets the model with
    the job.

    Args:
        model_dir: as ``clairscore train`` writes it.
        features: as ``clairscore features`` writes it; workers must see it under this path.
        out: the folder of Parquet files to write, in a folder that workers see under this path. An interrupted run
            leaves an earlier one as it was.
        progress: hears how far the job is.
        master: see ``session``.

    Raises:
        InvalidInput: ``out`` is no folder of Parquet files, not a features file, features of another contract than
            the model's, or a client whose values cannot be true (all such clients are named).
        Misconfigured: the model folder is not complete and intact, or Spark does not start.
    """
    if out.suffix.lower() == ".csv":
        raise InvalidInput([Violation(str(out), "is to be CSV, but Spark writes a folder of Parquet files")])
    model = ScoringModel.load(model_dir)
    check_contract(model, features)
    files = {file.name: file.read_bytes() for file in model_dir.iterdir() if file.is_file()}
    features, out = features.resolve(), out.resolve()
    with replacing(out) as aside, session(master) as spark:
        progress("Scoring", 0.0)
        faults = spark.sparkContext.accumulator(list[Violation](), _Violations())
        rows = spark.read.parquet(*(str(part) for part in store.parts(features)))
        scores = rows.select(store.ID, *model.encoder.features).mapInArrow(
            _scorer(spark.sparkContext.broadcast(files), faults),
            ", ".join(f"{field.name} {_TYPES[field.type]}" for field in SCHEMA),
        )
        scores.write.parquet(str(aside))
        if faults.value:
            raise InvalidInput(faults.value)
        scored: int = sum(pq.read_metadata(part).num_rows for part in tidy(aside))
        progress("Scoring", 1.0)
    return scored


def _scorer(
    files: Broadcast[_Files], faults: Accumulator[list[Violation]]
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def score_blocks(blocks: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with tempfile.TemporaryDirectory(prefix="clairscore-") as folder:
            for name, content in files.value.items():
                Path(folder, name).write_bytes(content)
            # One thread: Spark runs as many workers as it has cores.
            model = ScoringModel.load(Path(folder), threads=1)
        for block in blocks:
            try:
                yield score_table(model, pa.Table.from_batches([block])).select(SCHEMA.names)
            except InvalidInput as error:
                # Raised here, it would come out as text of Spark's; the job ends with all of them instead.
                faults.add(list(error.violations))

    return score_blocks
