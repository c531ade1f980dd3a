"""What a model is trained on: the labelled clients of a features file, encoded as the service encodes them."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.features import store
from pipeline.features.dictionary import FeatureDictionary
from pipeline.model.encoding import Encoder, Matrix, model_inputs
from pipeline.model.manifest import ModelInput
from pipeline.progress import Progress, silent
from services.common.errors import InvalidInput, Violation

_ROWS = 8192


@dataclass(frozen=True, slots=True)
class Dataset:
    """Model input, shape (rows, inputs), with its target (1: default) and SK_ID_CURR, and where they come from."""

    matrix: Matrix
    target: npt.NDArray[np.int8]
    ids: npt.NDArray[np.int64]
    inputs: tuple[ModelInput, ...]
    # Inputs that are always missing or always the same: no tree can split on them.
    dropped: tuple[str, ...]
    dictionary: FeatureDictionary
    origin: store.Origin
    sha256: str

    @property
    def default_rate(self) -> float:
        """Share of the clients that defaulted (0..1)."""
        return float(self.target.mean())

    def only(self, rows: npt.NDArray[np.bool_]) -> "Dataset":
        """The same with fewer clients, given by a mask of shape (rows,)."""
        return replace(self, matrix=self.matrix[rows], target=self.target[rows], ids=self.ids[rows])


def read(features: Path, *, folds: int, progress: Progress = silent) -> Dataset:
    """Reads the clients with a known TARGET; identifier and target never become inputs.

    Args:
        features: as ``clairscore features`` writes it.
        folds: folds of the cross-validation, each of which needs clients of both classes.
        progress: hears how much is read.

    Raises:
        InvalidInput: not a features file, fewer clients of a class than folds, or nothing that varies among them.
    """
    dictionary, origin = store.read_header(features)
    inputs = model_inputs(dictionary)
    matrix, target, ids = _labelled(features, Encoder(inputs, dictionary), progress)
    _check_target(target, features, folds)
    varies = _varies(matrix)
    if not varies.any():
        raise InvalidInput([Violation(str(features), "has no feature that varies among the clients with a TARGET")])
    return Dataset(
        matrix=matrix if varies.all() else np.compress(varies, matrix, axis=1),
        target=target,
        ids=ids,
        inputs=tuple(i for i, kept in zip(inputs, varies, strict=True) if kept),
        dropped=tuple(i.name for i, kept in zip(inputs, varies, strict=True) if not kept),
        dictionary=dictionary,
        origin=origin,
        sha256=store.sha256(features),
    )


def _labelled(
    features: Path, encoder: Encoder, progress: Progress
) -> tuple[Matrix, npt.NDArray[np.int8], npt.NDArray[np.int64]]:
    """Encodes block by block into one matrix: at no time are there two of them."""
    with store.Reader(features) as file:
        if store.TARGET not in file.schema.names:
            raise InvalidInput([Violation(f"{features}: {store.TARGET}", "is missing")])
        if not file.num_rows:
            raise InvalidInput([Violation(str(features), "has no client")])
        # Room for every client; what those without a TARGET leave of it is never touched, so it takes no memory.
        matrix = np.empty((file.num_rows, encoder.width), dtype=np.float32)
        target = np.empty(file.num_rows, dtype=np.int8)
        ids = np.empty(file.num_rows, dtype=np.int64)
        read = labelled = 0
        for batch in file.iter_batches(_ROWS):
            clients = pa.Table.from_batches([batch]).filter(pc.is_valid(batch[store.TARGET]))
            rows = slice(labelled, labelled + clients.num_rows)
            matrix[rows] = encoder.table(clients)
            target[rows] = clients[store.TARGET].to_numpy()
            ids[rows] = clients[store.ID].to_numpy()
            labelled, read = rows.stop, read + batch.num_rows
            progress("Reading features", read / file.num_rows)
    return matrix[:labelled], target[:labelled], ids[:labelled]


def _check_target(target: npt.NDArray[np.int8], features: Path, folds: int) -> None:
    field = f"{features}: {store.TARGET}"
    if not len(target):
        raise InvalidInput([Violation(field, "is unknown for every client; a model learns from application_train")])
    if not np.isin(target, (0, 1)).all():
        raise InvalidInput([Violation(field, "must be 0 (repaid) or 1 (default)")])
    defaults = int(target.sum())
    if min(defaults, len(target) - defaults) < folds:
        raise InvalidInput(
            [
                Violation(
                    field,
                    f"{defaults} defaults among {len(target)} clients are too few to learn from: "
                    f"{folds}-fold cross-validation needs at least {folds} clients of each class",
                )
            ]
        )


def _varies(matrix: Matrix) -> npt.NDArray[np.bool_]:
    """Which columns hold two different values; missing counts as one of them."""
    missing = np.isnan(matrix)
    some_missing = missing.any(axis=0) & ~missing.all(axis=0)
    # fmin and fmax leave NaN out; where there is nothing else, the comparison is false.
    varies: npt.NDArray[np.bool_] = (np.fmax.reduce(matrix) > np.fmin.reduce(matrix)) | some_missing
    return varies
