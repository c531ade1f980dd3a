"""The best step function through rising bins: where a mean jumps from one level to another."""

import math

import numpy as np

from services.explain.ensemble import Floats

# A further border explains at least this share of all variation between the bins. Without it a steady slope, on many
# clients, would be cut as often as is allowed: every border of it is certain, but none of them tells anything new.
LEAST_EXPLAINED = 0.05
# Below this share of the squares themselves a variation is rounding.
_ROUNDING = 1e-12


def segment(means: Floats, weights: Floats, noise: float, most: int) -> list[int]:
    """Cuts a row of bins into at most that many segments of one level each.

    Of every number of segments the least-squares cut is found exactly, by dynamic programming over all cuts (Fisher
    1958, "On grouping for maximum homogeneity"; Auger, Lawrence 1989, "Algorithms for the optimal identification of
    segment neighborhoods"). The number is the one with the least sum of squares plus penalty; the penalty of a border
    is that of Schwarz' criterion, two parameters (a place and a level) at the variance of the noise (Yao 1988,
    "Estimating the number of change-points via Schwarz' criterion"), or ``LEAST_EXPLAINED`` of the variation between
    all bins if that is more.

    Args:
        means: mean of each bin, in the order of the bins, shape (b,), b at least 1.
        weights: clients of each bin, shape (b,), positive.
        noise: variance of a client within a bin, at least 0.
        most: segments at most, at least 1.

    Returns:
        The first bin of every segment, rising; the first of them is 0.
    """
    squares = _squares(means, weights)
    between = squares[0, -1]
    if between <= _ROUNDING * float(weights @ means**2):
        return [0]
    penalty = max(2 * noise * math.log(weights.sum()), LEAST_EXPLAINED * between)
    bins = len(means)
    # Of the best cut of the first j + 1 bins, for each number of segments: its squares, and its last segment's start.
    best, starts = [squares[0]], [np.zeros(bins, np.intp)]
    for _ in range(1, min(most, bins)):
        # candidates[i, j]: the last segment runs from i to j.
        candidates = np.full((bins, bins), np.inf)
        candidates[1:] = best[-1][:-1, None] + squares[1:]
        starts.append(candidates.argmin(axis=0))
        best.append(candidates.min(axis=0))
    number = int(np.argmin([b[-1] + k * penalty for k, b in enumerate(best)]))
    cuts, end = [], bins - 1
    for k in range(number, -1, -1):
        cuts.append(int(starts[k][end]))
        end = cuts[-1] - 1
    return cuts[::-1]


def _squares(means: Floats, weights: Floats) -> Floats:
    """Weighted squares about the mean of every run of bins from i to j, shape (b, b); infinite where j < i."""
    # About the mean of all, so that little is lost to rounding.
    centred = means - np.average(means, weights=weights)
    w, wx, wxx = (np.concatenate([[0.0], np.cumsum(weights * centred**k)]) for k in range(3))
    weight = w[None, 1:] - w[:-1, None]
    i, j = np.indices(weight.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = (wxx[None, 1:] - wxx[:-1, None]) - (wx[None, 1:] - wx[:-1, None]) ** 2 / weight
    return np.where(j < i, np.inf, np.maximum(squares, 0.0))
