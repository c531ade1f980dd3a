"""What another acceptance threshold would have done, by what became of the clients."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontend.analysis.outcomes import Numbers, Outcomes, outcomes
from pipeline.evaluation.proportion import LEVEL, z_of
from pipeline.evaluation.result import Interval


@dataclass(frozen=True, slots=True)
class Simulation:
    """A threshold (accepted are scores from it on). ``cost`` is per client with a known outcome, in refused good ones.

    A missed default costs ``cost_ratio`` refused good clients (1 each). None without a known outcome.
    """

    threshold: float
    accepted: Outcomes
    refused: Outcomes
    cost: Interval | None


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """Along thresholds: the share of all clients accepted, the default rate among them, the cost (NaN: unknown)."""

    thresholds: NDArray[np.float64]
    accepted: NDArray[np.float64]
    default_rate: NDArray[np.float64]
    cost: NDArray[np.float64]


def simulate(target: Numbers, scores: Numbers, threshold: float, cost_ratio: float) -> Simulation:
    """Accepts every score from the threshold on."""
    taken = accepts(scores, threshold)
    return Simulation(
        threshold,
        outcomes(target, scores, taken),
        outcomes(target, scores, ~taken),
        _mean(_costs(target, taken, cost_ratio)),
    )


def cost_difference(
    target: Numbers, scores: Numbers, threshold: float, present: float, cost_ratio: float
) -> Interval | None:
    """Cost at a threshold less the cost at the present one, on the same clients; below 0: cheaper."""
    new = _costs(target, accepts(scores, threshold), cost_ratio)
    return _mean(new - _costs(target, accepts(scores, present), cost_ratio))


def curve(target: Numbers, scores: Numbers, thresholds: Sequence[float], cost_ratio: float) -> Curve:
    """The same figures along thresholds."""
    at = np.asarray(thresholds, np.float64)
    order = np.argsort(scores)
    outcome = target[order]
    first = np.searchsorted(scores[order], at.astype(np.float32), side="left")
    known = np.concatenate([[0], np.cumsum(~np.isnan(outcome))])
    defaults = np.concatenate([[0.0], np.cumsum(np.nan_to_num(outcome), dtype=np.float64)])
    refused_good = (known - defaults)[first]
    missed = defaults[-1] - defaults[first]
    with np.errstate(divide="ignore", invalid="ignore"):
        return Curve(
            at,
            (scores.size - first) / scores.size,
            missed / (known[-1] - known[first]),
            (cost_ratio * missed + refused_good) / known[-1],
        )


def accepts(scores: Numbers, threshold: float) -> NDArray[np.bool_]:
    """Which scores a threshold accepts, compared in the precision of the scores."""
    return scores >= scores.dtype.type(threshold)


def _costs(target: Numbers, taken: NDArray[np.bool_], cost_ratio: float) -> NDArray[np.float64]:
    """What each client with a known outcome costs."""
    known = ~np.isnan(target)
    default, accepted = target[known] == 1, taken[known]
    return np.where(accepted & default, cost_ratio, 0.0) + np.where(~accepted & ~default, 1.0, 0.0)


def _mean(costs: NDArray[np.float64]) -> Interval | None:
    """The mean with its 95 % interval by the central limit theorem."""
    if not costs.size:
        return None
    mean = float(costs.mean())
    half = z_of(LEVEL) * float(costs.std()) / math.sqrt(costs.size)
    return Interval(value=mean, low=mean - half, high=mean + half)
