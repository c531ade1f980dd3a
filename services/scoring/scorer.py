"""Scores clients in plain Python: no protobuf, no gRPC. What a notebook or a test calls, the service calls too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from pipeline.features.serving import Row
from pipeline.model.applicants import Applicants, Record
from pipeline.model.encoding import Matrix
from pipeline.model.runtime import ScoringModel
from pipeline.model.score import Score

# Checked together: a block whose every value is wrong must not make millions of violations.
_CHECKED_ROWS = 256


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of n clients, as arrays of shape (n,)."""

    probability_of_default: npt.NDArray[np.float64]
    probability_of_repayment: npt.NDArray[np.float64]
    # Position in Band, from 0 (very high risk) to 6 (very low).
    band: npt.NDArray[np.intp]
    accepted: npt.NDArray[np.bool_]
    expected_default_rate: npt.NDArray[np.float64]


class Scorer:
    """Gives scores for every form of input. Safe to call from several threads at once."""

    def __init__(self, model: ScoringModel) -> None:
        self.model = model
        self.manifest = model.manifest
        self._applicants = Applicants(model)
        # The lower limits of all bands but the first: a probability on a limit belongs to the band above it.
        self._limits = np.array([b.lower for b in self.manifest.bands[1:]])

    def vector(self, vector: Matrix) -> Score:
        """Scores one model input, shape (1, inputs), NaN meaning missing.

        Raises:
            InvalidInput: wrong width, or a value that the model does not accept; names the inputs.
        """
        self.model.vectors.validate(vector)
        return self._score(vector)

    def record(self, record: Record, overrides: Record) -> Score:
        """Scores one client given as exactly the base features; None means that a value is not known.

        Args:
            record: base features by name.
            overrides: base features that replace the record's own; derived features follow.

        Raises:
            InvalidInput: names every faulty feature, those of the overrides as ``overrides[NAME]``.
        """
        return self._score(self._applicants.record(record, overrides).vector)

    def application(self, application: Row, histories: Mapping[str, Sequence[Row]], overrides: Record) -> Score:
        """Scores one client given as raw rows: aggregates and derived features are computed as in training.

        Args:
            application: the row of ``application_train`` or ``application_test``, by column.
            histories: the client's rows of each history table; a table that is not given is not known.
            overrides: base features that replace the computed ones.

        Raises:
            InvalidInput: names every faulty table, column or override.
        """
        return self._score(self._applicants.application(application, histories, overrides).vector)

    def validate_block(self, block: Matrix) -> None:
        """Accepts rows of the model's input, shape (n, inputs).

        Raises:
            InvalidInput: names row and input of the values that the model does not accept, those of the first faulty
                256 rows.
        """
        for start in range(0, len(block), _CHECKED_ROWS):
            self.model.vectors.validate(block[start : start + _CHECKED_ROWS], row_name=partial(_row_name, start))

    def block(self, block: Matrix) -> Scores:
        """Scores validated rows of the model's input, shape (n, inputs)."""
        default, rate = self.model.probabilities(block)
        repayment = 1.0 - default
        return Scores(
            probability_of_default=default,
            probability_of_repayment=repayment,
            band=np.searchsorted(self._limits, repayment, side="right"),
            accepted=repayment >= self.manifest.threshold,
            expected_default_rate=rate,
        )

    def _score(self, vector: Matrix) -> Score:
        default, rate = (float(probability[0]) for probability in self.model.probabilities(vector))
        return Score.of(self.manifest, default, rate)


def _row_name(start: int, row: int) -> str:
    return f"rows[{start + row}]"


def concatenate(parts: Sequence[Scores]) -> Scores:
    """Joins the scores of consecutive blocks."""
    return Scores(
        np.concatenate([p.probability_of_default for p in parts]),
        np.concatenate([p.probability_of_repayment for p in parts]),
        np.concatenate([p.band for p in parts]),
        np.concatenate([p.accepted for p in parts]),
        np.concatenate([p.expected_default_rate for p in parts]),
    )
