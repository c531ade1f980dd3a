"""Scores a whole features file, in bounded memory.

Blocks of rows are scored side by side, each by one thread from encoding to the decision, while the next are read and
those before are written. (One block at a time on all threads would leave most of them waiting while it is encoded.)
"""

import contextlib
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from pipeline.features import store
from pipeline.model.manifest import Decision, Manifest
from pipeline.model.runtime import ScoringModel
from pipeline.progress import Progress, silent
from services.common.errors import InvalidInput, Violation

_ROWS = 8192

SCHEMA = pa.schema(
    [
        (store.ID, pa.int64()),
        ("probability_of_default", pa.float64()),
        ("probability_of_repayment", pa.float64()),
        ("band", pa.string()),
        ("decision", pa.string()),
        ("model_version", pa.string()),
    ]
)
# What else is known of a score; the columns of the file are fixed.
SCORES = SCHEMA.append(pa.field("expected_default_rate", pa.float64()))


class _Writer(Protocol):
    def write_batch(self, batch: pa.RecordBatch) -> None: ...


_WRITERS: dict[str, Callable[[str, pa.Schema], AbstractContextManager[_Writer]]] = {
    ".parquet": pq.ParquetWriter,
    ".csv": pa_csv.CSVWriter,
}


def score(model_dir: Path, features: Path, out: Path, progress: Progress = silent, *, threads: int = 2) -> int:
    """Scores every client of a features file and returns how many there are.

    Args:
        model_dir: as ``clairscore train`` writes it.
        features: as ``clairscore features`` writes it, with the features that the model was trained on.
        out: the scores, in the order of the features file: ``.parquet`` or ``.csv``. Written aside and renamed at
            the end, so that an interrupted run leaves nothing new.
        progress: hears how far the job is.
        threads: threads that score; reading and writing go on beside them.

    Raises:
        InvalidInput: another ending of ``out``, not a features file, features of another contract than the model's,
            or a client whose values cannot be true (all such clients of a block of rows are named).
        Misconfigured: the model folder is not complete and intact.
    """
    open_writer = _WRITERS.get(out.suffix.lower())
    if open_writer is None:
        raise InvalidInput([Violation(str(out), "must end in .parquet or .csv")])
    model = ScoringModel.load(model_dir)
    check_contract(model, features)
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.part")
    scored = 0
    try:
        with store.Reader(features) as source, open_writer(str(aside), SCHEMA) as writer:
            blocks = source.iter_batches(_ROWS, columns=[store.ID, *model.encoder.features])
            with contextlib.closing(_scored(model, blocks, threads)) as scored_blocks:
                for scores in scored_blocks:
                    writer.write_batch(scores.select(SCHEMA.names))
                    scored += scores.num_rows
                    progress("Scoring", scored / source.num_rows)
        aside.replace(out)
    finally:
        with contextlib.suppress(FileNotFoundError):
            aside.unlink()
    return scored


def _scored(
    model: ScoringModel, blocks: Iterator[pa.RecordBatch], threads: int
) -> Generator[pa.RecordBatch, None, None]:
    """Scores blocks on so many threads; gives the scores in the blocks' order.

    No more than two blocks a thread are in memory.

    Raises:
        InvalidInput: names what cannot be scored in the first block that has such a value.
    """
    pool = ThreadPoolExecutor(threads)
    pending: deque[Future[pa.RecordBatch]] = deque()
    try:
        for block in blocks:
            pending.append(pool.submit(score_table, model, pa.Table.from_batches([block])))
            if len(pending) == 2 * threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        # After an error or Ctrl-C: blocks that nobody has begun are not begun.
        pool.shutdown(cancel_futures=True)


def check_contract(model: ScoringModel, features: Path) -> None:
    """Checks that a features file holds what the model was trained on.

    Raises:
        InvalidInput: it does not, or is no features file.
    """
    dictionary, _ = store.read_header(features)
    if dictionary.contract != model.manifest.feature_contract:
        raise InvalidInput(
            [Violation(str(features), f"holds other features than model {model.manifest.version} was trained on")]
        )


def score_table(model: ScoringModel, clients: pa.Table) -> pa.RecordBatch:
    """Scores clients given as rows of a features file; returns the columns of ``SCORES``, in their order.

    Raises:
        InvalidInput: names every client and feature whose value cannot be true.
    """
    manifest = model.manifest
    ids = clients[store.ID]
    matrix = model.encoder.table(clients)
    model.vectors.validate(matrix, row_name=lambda row: f"{store.ID} {ids[row]}")
    default, rate = model.probabilities(matrix)
    repayment = 1 - default
    return pa.record_batch(
        [
            ids.combine_chunks(),
            default,
            repayment,
            _bands(manifest, repayment),
            pc.if_else(pa.array(repayment >= manifest.threshold), Decision.ACCEPT.value, Decision.REFUSE.value),
            pa.repeat(manifest.version, len(matrix)),
            rate,
        ],
        schema=SCORES,
    )


def _bands(manifest: Manifest, repayment: npt.NDArray[np.float64]) -> pa.Array:
    """``manifest.band`` of each probability of repayment."""
    number = np.searchsorted([band.lower for band in manifest.bands[1:]], repayment, side="right")
    return pa.array([band.band.value for band in manifest.bands]).take(pa.array(number))
