"""What a model is trained on: the labelled clients of a features file, encoded as the service encodes them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.features import store
from pipeline.features.dictionary import FeatureDictionary
from pipeline.model.encoding import Encoder, Matrix, model_inputs
from pipeline.model.manifest import ModelInput
from services.common.errors import InvalidInput, Violation


@dataclass(frozen=True, slots=True)
class Dataset:
    """Model input, shape (rows, inputs), with its target (1: default), and where they come from."""

    matrix: Matrix
    target: npt.NDArray[np.int8]
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


def read(features: Path, *, folds: int) -> Dataset:
    """Reads the clients with a known TARGET; identifier and target never become inputs.

    Args:
        features: as ``clairscore features`` writes it.
        folds: folds of the cross-validation, each of which needs clients of both classes.

    Raises:
        InvalidInput: not a features file, fewer clients of a class than folds, or nothing that varies among them.
    """
    dictionary, origin = store.read_header(features)
    table = pq.read_table(features)
    if store.TARGET not in table.column_names:
        raise InvalidInput([Violation(f"{features}: {store.TARGET}", "is missing")])
    table = table.filter(pc.is_valid(table[store.TARGET]))
    target = _target(table, features, folds)
    inputs = model_inputs(dictionary)
    matrix = Encoder(inputs, dictionary).table(table)
    varies = _varies(matrix)
    if not varies.any():
        raise InvalidInput([Violation(str(features), "has no feature that varies among the clients with a TARGET")])
    return Dataset(
        matrix=np.ascontiguousarray(matrix[:, varies]),
        target=target,
        inputs=tuple(i for i, kept in zip(inputs, varies, strict=True) if kept),
        dropped=tuple(i.name for i, kept in zip(inputs, varies, strict=True) if not kept),
        dictionary=dictionary,
        origin=origin,
        sha256=store.sha256(features),
    )


def _target(table: pa.Table, features: Path, folds: int) -> npt.NDArray[np.int8]:
    field = f"{features}: {store.TARGET}"
    target: npt.NDArray[np.int8] = table[store.TARGET].to_numpy().astype(np.int8)
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
    return target


def _varies(matrix: Matrix) -> npt.NDArray[np.bool_]:
    """Which columns hold two different values; missing counts as one of them."""
    missing = np.isnan(matrix)
    lowest = np.where(missing, np.inf, matrix).min(axis=0)
    highest = np.where(missing, -np.inf, matrix).max(axis=0)
    some_missing = missing.any(axis=0) & ~missing.all(axis=0)
    varies: npt.NDArray[np.bool_] = (highest > lowest) | some_missing
    return varies
