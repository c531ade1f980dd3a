"""How a feature goes with the score."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from frontend.analysis.outcomes import Numbers


@dataclass(frozen=True, slots=True)
class Correlation:
    """Of a number: Pearson's and Spearman's coefficients, -1..1. Of a category: the correlation ratio, 0..1.

    The ratio is the share of the score's variance that lies between the categories. None where it has no meaning: all
    values or all scores are the same. ``clients`` have a value.
    """

    clients: int
    pearson: float | None = None
    spearman: float | None = None
    ratio: float | None = None


def correlation(values: Numbers, scores: Numbers) -> Correlation:
    """The correlations of a number with the score, over the clients that have a value."""
    known = ~np.isnan(values)
    values, scores = values[known].astype(np.float64), scores[known].astype(np.float64)
    pearson = _pearson(values, scores)
    spearman = None if pearson is None else _pearson(rankdata(values), rankdata(scores))
    return Correlation(values.size, pearson=pearson, spearman=spearman)


def category_correlation(codes: Numbers, scores: Numbers) -> Correlation:
    """The correlation ratio of a category (codes from 0) with the score, over the clients that have one."""
    known = ~np.isnan(codes)
    groups, scores = codes[known].astype(np.intp), scores[known].astype(np.float64)
    if groups.size < 2 or np.ptp(scores) == 0:
        return Correlation(groups.size)
    counts = np.bincount(groups)
    means = np.bincount(groups, scores) / np.maximum(counts, 1)
    between = float(np.sum(counts * (means - scores.mean()) ** 2))
    return Correlation(groups.size, ratio=min(1.0, between / float(np.sum((scores - scores.mean()) ** 2))))


def _pearson(x: Numbers, y: Numbers) -> float | None:
    if x.size < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    # Scaled first, so that squares of large or tiny values neither overflow nor vanish.
    dx, dy = (x - x.mean()) / np.ptp(x), (y - y.mean()) / np.ptp(y)
    return float(np.clip(dx @ dy / np.sqrt((dx @ dx) * (dy @ dy)), -1.0, 1.0))
