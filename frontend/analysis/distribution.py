"""How the scores are distributed, and what became of the clients of each band."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontend.analysis.outcomes import Numbers, Outcomes, outcomes

_BINS = 50


@dataclass(frozen=True, eq=False, slots=True)
class ScoreBins:
    """Bins of equal width over the scores' 0..1: clients, and those of them with a known default or repaid loan."""

    edges: NDArray[np.float64]
    clients: NDArray[np.int64]
    defaults: NDArray[np.int64]
    repaid: NDArray[np.int64]


def score_bins(target: Numbers, scores: Numbers) -> ScoreBins:
    """Counts clients by score; a score on an edge belongs to the bin above it, 1 to the last one."""
    edges = np.linspace(0, 1, _BINS + 1)

    def count(rows: NDArray[np.bool_] | slice) -> NDArray[np.int64]:
        return np.histogram(scores[rows], edges)[0]

    return ScoreBins(edges, count(slice(None)), count(target == 1), count(target == 0))


def by_category(codes: Numbers, categories: Sequence[str], target: Numbers, scores: Numbers) -> dict[str, Outcomes]:
    """What became of the clients of each category."""
    return {category: outcomes(target, scores, codes == code) for code, category in enumerate(categories)}
