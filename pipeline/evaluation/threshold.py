"""Where to accept: what a threshold costs, and what it lets through.

Costs are in units of one refused good client; a missed default costs ``cost_ratio`` of them. With calibrated
probabilities the cheapest threshold is ``cost_ratio / (1 + cost_ratio)`` (Elkan 2001, "The foundations of
cost-sensitive learning"); the one found on a sample shows whether the probabilities bear that out.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.evaluation.proportion import LEVEL, wilson
from pipeline.evaluation.ranking import RESAMPLES, Ranking, rank, resamples
from pipeline.evaluation.result import Interval, Result
from pipeline.evaluation.sample import Floats, accepted, checked
from services.common.errors import InvalidInput, Violation

COST_RATIO = 10.0
_GRID = np.linspace(0.01, 0.99, 99)


class OperatingPoint(Result):
    """What a threshold on the probability of repayment does to the clients of the sample."""

    threshold: float
    accepted_share: Interval
    # None where nobody is accepted.
    accepted_default_rate: Interval | None
    # Share of the defaults that are refused, and of the good clients that are.
    refused_among_defaults: float
    refused_among_repaid: float
    cost: float


class CostPoint(Result):
    """A point of the cost curve."""

    threshold: float
    cost: float
    accepted_share: float


class CostCurve(Result):
    """Cost per client over thresholds 0.01, 0.02, … 0.99, with the cheapest threshold.

    ``optimal`` has the bootstrap interval of the cheapest threshold: where it is wide, many thresholds cost the same.
    ``theoretical`` is the cheapest one if the probabilities are calibrated.
    """

    cost_ratio: float
    points: tuple[CostPoint, ...]
    optimal: Interval
    theoretical: float


def operating_point(
    labels: npt.NDArray[Any], probability: npt.NDArray[Any], threshold: float, cost_ratio: float = COST_RATIO
) -> OperatingPoint:
    """Accepted share, default rate among the accepted, and cost per client at a threshold.

    Raises:
        InvalidInput: as ``rank``, or the cost ratio is not positive.
    """
    _check_ratio(cost_ratio)
    defaults, repaid = rank(labels, probability).totals
    target, score = checked(labels, probability)
    taken = accepted(score, threshold)
    count, missed = int(taken.sum()), int((taken & target).sum())
    refused_good = int((~taken & ~target).sum())
    return OperatingPoint(
        threshold=threshold,
        accepted_share=wilson(count, target.size),
        accepted_default_rate=wilson(missed, count) if count else None,
        refused_among_defaults=1 - missed / defaults,
        refused_among_repaid=refused_good / repaid,
        cost=(cost_ratio * missed + refused_good) / target.size,
    )


def cost_curve(
    labels: npt.NDArray[Any],
    probability: npt.NDArray[Any],
    cost_ratio: float = COST_RATIO,
    *,
    number: int = RESAMPLES,
    seed: int = 0,
) -> CostCurve:
    """Cost per client over all thresholds and the cheapest of them, with a bootstrap interval.

    Raises:
        InvalidInput: as ``rank``, or the cost ratio is not positive.
    """
    _check_ratio(cost_ratio)
    ranking = rank(labels, probability)
    defaults, repaid = ranking.totals
    total = defaults + repaid
    # Refused at a threshold are those whose probability of repayment is below it.
    refused = np.searchsorted(1 - ranking.probability, _GRID, side="left")
    costs = _costs(ranking, cost_ratio)[refused]
    taken = 1 - np.concatenate([[0.0], np.cumsum(ranking.defaults + ranking.repaid)])[refused] / total
    drawn = [optimal_threshold(sample, cost_ratio) for sample in resamples(ranking, number, seed)]
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return CostCurve(
        cost_ratio=cost_ratio,
        points=tuple(
            CostPoint(threshold=float(t), cost=float(c), accepted_share=float(a))
            for t, c, a in zip(_GRID, costs, taken, strict=True)
        ),
        optimal=Interval(value=optimal_threshold(ranking, cost_ratio), low=float(low), high=float(high)),
        theoretical=cost_ratio / (1 + cost_ratio),
    )


def optimal_threshold(ranking: Ranking, cost_ratio: float = COST_RATIO) -> float:
    """The cheapest threshold on the probability of repayment, strictly between 0 and 1.

    It lies half-way between the last client refused and the first accepted; among equally cheap ones the lowest is
    taken, which refuses fewest.
    """
    repayment = np.concatenate([[0.0], 1 - ranking.probability, [1.0]])
    refused, taken = repayment[:-1], repayment[1:]
    between = (refused + taken) / 2
    # Half-way between two neighbouring floats is one of them; a client at the threshold is accepted.
    between = np.where(between > refused, between, taken)
    # No threshold parts equal clients, accepts those at exactly 0, or refuses those at exactly 1.
    possible = (refused < taken) & (between > 0) & (between < 1)
    costs = np.where(possible, _costs(ranking, cost_ratio), np.inf)
    return float(between[int(np.argmin(costs))])


def _costs(ranking: Ranking, cost_ratio: float) -> Floats:
    """Cost per client when the i riskiest distinct scores are refused, shape (k + 1,)."""
    defaults, repaid = ranking.totals
    found, refused = ranking.cumulated
    missed = defaults - np.concatenate([[0.0], found])
    refused_good = np.concatenate([[0.0], refused])
    return np.asarray((cost_ratio * missed + refused_good) / (defaults + repaid))


def _check_ratio(cost_ratio: float) -> None:
    if not (np.isfinite(cost_ratio) and cost_ratio > 0):
        raise InvalidInput([Violation("cost_ratio", f"must be above 0, got {cost_ratio}")])
