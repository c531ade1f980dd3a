"""How well a score tells defaults from repaid loans.

Fawcett, T. (2006), "An introduction to ROC analysis", Pattern Recognition Letters 27, for ROC, AUC and confusion
matrices; Siddiqi, N. (2006), "Credit Risk Scorecards", for KS, Gini, lift and gains as the trade reads them.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.evaluation.ranking import Ranking, dot, rank
from pipeline.evaluation.result import Result
from pipeline.evaluation.sample import Floats, accepted, checked
from services.common.errors import InvalidInput, Violation

CURVE_POINTS = 200


class Curve(Result):
    """A curve for plotting; ``probability`` of default is the cut that gives each point."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    probability: tuple[float, ...]


class KolmogorovSmirnov(Result):
    """The largest distance between the two cumulative distributions, 0..1, and the probability of default there."""

    value: float
    probability: float


class Decile(Result):
    """A tenth of the clients, the riskiest first. Lifts are relative to the overall default rate."""

    number: int
    clients: int
    # Expected number when clients of equal score lie on both sides of a limit: not always whole.
    defaults: float
    default_rate: float
    lift: float
    cumulative_lift: float
    # Share of all defaults found up to and including this tenth: the gains curve.
    cumulative_gain: float


class Confusion(Result):
    """Outcomes at a threshold; a default is the positive class, a refusal its prediction."""

    threshold: float
    refused_defaults: int
    refused_repaid: int
    accepted_defaults: int
    accepted_repaid: int


class Fold(Result):
    """A score's figures on one validation fold."""

    number: int
    clients: int
    default_rate: float
    roc_auc: float
    ks: float
    average_precision: float


class Stability(Result):
    """The folds' figures, with mean and standard deviation (n - 1) of the ROC AUC over them."""

    folds: tuple[Fold, ...]
    roc_auc_mean: float
    roc_auc_deviation: float


def _rates(ranking: Ranking) -> tuple[Floats, Floats]:
    """False and true positive rate when refusing from the riskiest score down, shape (k + 1,), from 0 to 1."""
    defaults, repaid = ranking.cumulated
    return np.concatenate([[0.0], repaid / repaid[-1]]), np.concatenate([[0.0], defaults / defaults[-1]])


def roc_auc(ranking: Ranking) -> float:
    """Probability that a random default has a higher score than a random repaid loan, ties counting half."""
    defaults, repaid = ranking.totals
    # Each repaid loan has above it the defaults of riskier scores, and half of those that share its own.
    above = dot(ranking.repaid, ranking.cumulated[0]) - dot(ranking.repaid, ranking.defaults) / 2
    return above / (defaults * repaid)


def gini(ranking: Ranking) -> float:
    """``2 AUC - 1``: 0 for chance, 1 for a perfect order (Somers' D)."""
    return 2 * roc_auc(ranking) - 1


def _precision_recall(ranking: Ranking) -> tuple[Floats, Floats]:
    found, wrong = ranking.cumulated
    flagged = found + wrong
    # A resample may leave the first scores without a client: nothing is flagged there, nothing is wrong.
    precision = np.divide(found, flagged, out=np.ones_like(found), where=flagged > 0)
    return precision, found / found[-1]


def average_precision(ranking: Ranking) -> float:
    """Precision averaged over the recall gained at each score, without interpolation (Davis & Goadrich 2006)."""
    precision, _ = _precision_recall(ranking)
    return dot(ranking.defaults, precision) / ranking.totals[0]


def ks(ranking: Ranking) -> float:
    """The Kolmogorov-Smirnov statistic alone, see ``kolmogorov_smirnov``."""
    defaults, repaid = ranking.cumulated
    return float(np.abs(defaults / defaults[-1] - repaid / repaid[-1]).max())


def kolmogorov_smirnov(ranking: Ranking) -> KolmogorovSmirnov:
    """Two-sample Kolmogorov-Smirnov statistic between the scores of defaults and of repaid loans, and where."""
    false_positive, true_positive = _rates(ranking)
    distance = np.abs(true_positive - false_positive)[1:]
    at = int(np.argmax(distance))
    return KolmogorovSmirnov(value=float(distance[at]), probability=float(ranking.probability[at]))


def _thinned(progress: Floats, points: int) -> npt.NDArray[np.int64]:
    """Indices of at most ``points`` values that divide the way from first to last evenly, both ends included."""
    steps = np.linspace(progress[0], progress[-1], points)
    inner = np.searchsorted(progress, steps).clip(0, progress.size - 1)
    return np.unique(np.concatenate([[0], inner, [progress.size - 1]]))


def roc_curve(ranking: Ranking, points: int = CURVE_POINTS) -> Curve:
    """True (y) against false (x) positive rate, thinned evenly along the way; the first cut refuses nobody."""
    false_positive, true_positive = _rates(ranking)
    kept = _thinned(false_positive + true_positive, points)
    cut = np.concatenate([[1.0], ranking.probability])
    return Curve(x=tuple(false_positive[kept]), y=tuple(true_positive[kept]), probability=tuple(cut[kept]))


def precision_recall_curve(ranking: Ranking, points: int = CURVE_POINTS) -> Curve:
    """Precision (y) against recall (x), thinned evenly in recall."""
    precision, recall = _precision_recall(ranking)
    kept = _thinned(recall, points)
    return Curve(x=tuple(recall[kept]), y=tuple(precision[kept]), probability=tuple(ranking.probability[kept]))


def deciles(ranking: Ranking, number: int = 10) -> tuple[Decile, ...]:
    """Lift and gains by equal parts of the clients, the riskiest first.

    Clients of equal score that lie on both sides of a limit are shared out in proportion, which is the expectation of
    any random order among them.

    Raises:
        InvalidInput: there are fewer clients than parts.
    """
    defaults, repaid = ranking.totals
    total = defaults + repaid
    if total < number:
        raise InvalidInput([Violation("labels", f"{total:.0f} clients cannot be divided into {number} parts")])
    reached = np.concatenate([[0.0], ranking.cumulated[0] + ranking.cumulated[1]])
    found = np.concatenate([[0.0], ranking.cumulated[0]])
    limits = np.round(np.arange(number + 1) * total / number)
    at_limits = np.interp(limits, reached, found)
    sizes, parts = np.diff(limits), np.diff(at_limits)
    overall = defaults / total
    return tuple(
        Decile(
            number=i + 1,
            clients=int(sizes[i]),
            defaults=float(parts[i]),
            default_rate=float(parts[i] / sizes[i]),
            lift=float(parts[i] / sizes[i] / overall),
            cumulative_lift=float(at_limits[i + 1] / limits[i + 1] / overall),
            cumulative_gain=float(at_limits[i + 1] / defaults),
        )
        for i in range(number)
    )


def confusion(labels: npt.NDArray[Any], probability: npt.NDArray[Any], threshold: float) -> Confusion:
    """Counts the four outcomes of accepting whoever's probability of repayment reaches the threshold.

    Raises:
        InvalidInput: as ``checked``.
    """
    target, score = checked(labels, probability)
    taken = accepted(score, threshold)
    return Confusion(
        threshold=threshold,
        refused_defaults=int(np.count_nonzero(~taken & target)),
        refused_repaid=int(np.count_nonzero(~taken & ~target)),
        accepted_defaults=int(np.count_nonzero(taken & target)),
        accepted_repaid=int(np.count_nonzero(taken & ~target)),
    )


def stability(
    labels: npt.NDArray[Any], probability: npt.NDArray[Any], folds: npt.NDArray[np.integer[Any]]
) -> Stability:
    """Figures of each validation fold, from out-of-fold probabilities and the fold of each client, shape (n,).

    Raises:
        InvalidInput: fewer than two folds, or a fold without both outcomes.
    """
    names = np.unique(folds)
    if names.size < 2:
        raise InvalidInput([Violation("folds", "stability needs at least two folds")])
    results = []
    for number, name in enumerate(names, start=1):
        rows = folds == name
        ranking = rank(labels[rows], probability[rows])
        defaults, repaid = ranking.totals
        results.append(
            Fold(
                number=number,
                clients=int(defaults + repaid),
                default_rate=defaults / (defaults + repaid),
                roc_auc=roc_auc(ranking),
                ks=ks(ranking),
                average_precision=average_precision(ranking),
            )
        )
    areas = [fold.roc_auc for fold in results]
    return Stability(
        folds=tuple(results),
        roc_auc_mean=float(np.mean(areas)),
        roc_auc_deviation=float(np.std(areas, ddof=1)),
    )
