"""What became of a group of clients, and what the model thinks of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.proportion import wilson
from pipeline.evaluation.result import Interval

Numbers = NDArray[np.floating]
Rows = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """So many clients, of whom the outcome of ``known`` is known; the rest is None where there is nobody to ask."""

    clients: int
    known: int
    defaults: int
    default_rate: Interval | None
    mean_score: float | None


def outcomes(target: Numbers, scores: Numbers, rows: Rows | None = None) -> Outcomes:
    """Counts, observed default rate (95 % Wilson interval) and mean score of the clients in ``rows``; None: of all."""
    if rows is not None:
        target, scores = target[rows], scores[rows]
    known = int(np.count_nonzero(~np.isnan(target)))
    defaults = int(np.nansum(target))
    return outcomes_of_counts(target.size, known, defaults, float(np.sum(scores, dtype=np.float64)))


def outcomes_of_counts(clients: int, known: int, defaults: int, scores: float) -> Outcomes:
    """The same from counts and the sum of the scores."""
    return Outcomes(
        clients,
        known,
        defaults,
        wilson(defaults, known) if known else None,
        scores / clients if clients else None,
    )
