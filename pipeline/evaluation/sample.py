"""The sample that is evaluated: who defaulted, and what the model had said."""

from typing import Any

import numpy as np
import numpy.typing as npt

from services.common.errors import InvalidInput, Violation

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def checked(labels: npt.NDArray[Any], probability: npt.NDArray[Any]) -> tuple[Bools, Floats]:
    """Returns the labels as booleans and the probabilities of default as float64, both of shape (n,), n >= 1.

    Raises:
        InvalidInput: the two are not one-dimensional and equally long, are empty, a label is neither 0 nor 1,
            or a probability is missing or outside of 0..1.
    """
    score = np.asarray(probability, dtype=np.float64)
    target = np.asarray(labels)
    if target.ndim != 1 or target.shape != score.shape or not target.size:
        shapes = f"{target.shape} and {score.shape}"
        raise InvalidInput([Violation("labels", f"need one label for each probability and at least one, got {shapes}")])
    violations = []
    if strange := np.count_nonzero((target != 0) & (target != 1)):
        violations.append(Violation("labels", f"{strange} of {target.size} are neither 0 (repaid) nor 1 (default)"))
    if strange := np.count_nonzero(~((score >= 0) & (score <= 1))):
        violations.append(Violation("probability", f"{strange} of {score.size} are missing or outside of 0..1"))
    if violations:
        raise InvalidInput(violations)
    return target.astype(np.bool_), score


def accepted(probability: npt.NDArray[Any], threshold: float) -> Bools:
    """Who is accepted at a threshold on the probability of repayment, shape (n,)."""
    return np.asarray(1 - np.asarray(probability, dtype=np.float64) >= threshold)
