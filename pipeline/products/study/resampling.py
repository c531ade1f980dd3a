"""Intervals and tests for accuracies that come from the same products again and again.

Scores of cross-validation folds share most of their training products, so that their plain variance is too small.
Nadeau, C. and Bengio, Y. (2003), "Inference for the generalization error", Machine Learning 52: the variance of the
mean is multiplied by ``1/k + n_test/n_train`` instead of ``1/k``.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student

from pipeline.evaluation.result import Interval
from pipeline.evaluation.sample import Floats

LEVEL = 0.95


def mean_interval(scores: Sequence[float], folds: int) -> Interval:
    """Mean of the scores (0..1) of a (repeated) cross-validation with its corrected 95 % interval, inside 0..1.

    Args:
        scores: of every fold of every repeat.
        folds: of one repeat.
    """
    mean, half = _mean_and_half(np.asarray(scores, dtype=np.float64), folds)
    return Interval(value=mean, low=max(0.0, mean - half), high=min(1.0, mean + half))


def paired(one: Sequence[float], other: Sequence[float], folds: int) -> tuple[Interval, float]:
    """Mean difference ``one - other`` of the scores on the same folds, its corrected interval, and the two-sided p.

    Without any difference in any fold p is 1.
    """
    differences = np.asarray(one, dtype=np.float64) - np.asarray(other, dtype=np.float64)
    mean, half = _mean_and_half(differences, folds)
    error = _standard_error(differences, folds)
    p = 1.0 if not error and not mean else 0.0 if not error else 2 * float(student.sf(abs(mean) / error, _freedom(one)))
    return Interval(value=mean, low=mean - half, high=mean + half), p


def draws_interval(scores: Sequence[float]) -> Interval:
    """Mean of scores on random draws with the 95 % interval of one draw's score (its 2.5 and 97.5 percentiles)."""
    low, high = np.quantile(scores, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    mean = float(np.mean(scores))
    return Interval(value=mean, low=min(mean, float(low)), high=max(mean, float(high)))


def seeds_interval(values: Sequence[float]) -> Interval:
    """Median of several seeds with the least and the greatest."""
    return Interval(value=float(np.median(values)), low=float(min(values)), high=float(max(values)))


def _mean_and_half(scores: Floats, folds: int) -> tuple[float, float]:
    return float(scores.mean()), float(student.ppf((1 + LEVEL) / 2, _freedom(scores))) * _standard_error(scores, folds)


def _standard_error(scores: Floats, folds: int) -> float:
    # One fold is tested and folds - 1 are learned from.
    return float(scores.std(ddof=1)) * math.sqrt(1 / len(scores) + 1 / (folds - 1))


def _freedom(scores: Sequence[float] | Floats) -> int:
    return len(scores) - 1
