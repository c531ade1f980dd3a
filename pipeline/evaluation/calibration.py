"""Whether a probability means what it says: of the clients at 8 %, do 8 % default?"""

from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.evaluation.proportion import wilson
from pipeline.evaluation.ranking import Ranking, dot
from pipeline.evaluation.result import Interval, Result
from pipeline.evaluation.sample import Floats, checked

BINS = 10


class ReliabilityBin(Result):
    """Clients of similar probability of default: mean prediction, and observed default rate with Wilson interval."""

    clients: int
    lower: float
    upper: float
    predicted: float
    observed: Interval


class Brier(Result):
    """The Brier score and its parts: ``value = reliability - resolution + uncertainty``."""

    value: float
    reliability: float
    resolution: float
    uncertainty: float


def _bins(score: Floats, number: int) -> npt.NDArray[np.int64]:
    """Bin of each client, 0, 1, … without gaps: equal numbers, but equal scores stay together."""
    edges = np.unique(np.quantile(score, np.linspace(0, 1, number + 1), method="inverted_cdf"))
    position = np.searchsorted(edges[1:-1], score, side="left")
    return np.unique(position, return_inverse=True)[1]


def reliability_curve(
    labels: npt.NDArray[Any], probability: npt.NDArray[Any], bins: int = BINS
) -> tuple[ReliabilityBin, ...]:
    """Predicted against observed default rate in at most ``bins`` bins of equal mass, by rising prediction.

    Raises:
        InvalidInput: as ``checked``.
    """
    target, score = checked(labels, probability)
    position = _bins(score, bins)
    result = []
    for i in range(int(position.max()) + 1):
        rows = position == i
        members = score[rows]
        result.append(
            ReliabilityBin(
                clients=members.size,
                lower=float(members.min()),
                upper=float(members.max()),
                predicted=float(members.mean()),
                observed=wilson(int(target[rows].sum()), members.size),
            )
        )
    return tuple(result)


def expected_calibration_error(labels: npt.NDArray[Any], probability: npt.NDArray[Any], bins: int = BINS) -> float:
    """Mean distance between predicted and observed default rate over equal-mass bins (Naeini et al. 2015).

    Sampling noise alone keeps it above 0: by about ``0.8 sqrt(rate (1 - rate) bins / n)`` for a perfect model.

    Raises:
        InvalidInput: as ``checked``.
    """
    curve = reliability_curve(labels, probability, bins)
    total = sum(b.clients for b in curve)
    return sum(b.clients * abs(b.observed.value - b.predicted) for b in curve) / total


def brier_score(ranking: Ranking) -> float:
    """Mean squared error of the probabilities of default, as a statistic for the bootstrap."""
    defaults, repaid = ranking.totals
    missed = dot(ranking.defaults, (1 - ranking.probability) ** 2)
    return (missed + dot(ranking.repaid, ranking.probability**2)) / (defaults + repaid)


def brier(labels: npt.NDArray[Any], probability: npt.NDArray[Any], bins: int = BINS) -> Brier:
    """Mean squared error of the probabilities, split into reliability, resolution and uncertainty.

    Murphy (1973) with the two within-bin terms of Stephenson, Coelho & Jolliffe (2008), "Two extra components in the
    Brier score decomposition", counted into the resolution, so that the parts add up exactly whatever the bins.

    Raises:
        InvalidInput: as ``checked``.
    """
    target, score = checked(labels, probability)
    outcome = target.astype(np.float64)
    position = _bins(score, bins)
    size = np.bincount(position)
    observed = np.bincount(position, weights=outcome) / size
    predicted = np.bincount(position, weights=score) / size
    weight, rate = size / outcome.size, float(outcome.mean())
    within = score - predicted[position]
    extra = 2 * np.mean(within * (outcome - observed[position])) - np.mean(within**2)
    return Brier(
        value=float(np.mean((score - outcome) ** 2)),
        reliability=float(weight @ (predicted - observed) ** 2),
        resolution=float(weight @ (observed - rate) ** 2 + extra),
        uncertainty=rate * (1 - rate),
    )
