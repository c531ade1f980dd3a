"""A sample reduced to its distinct scores, and its bootstrap.

Every figure of discrimination depends only on how many defaults and repaid loans share each distinct score. Sorting
once and resampling those counts makes a bootstrap of 300,000 clients a matter of counting, not of sorting.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.evaluation.proportion import LEVEL
from pipeline.evaluation.result import Interval
from pipeline.evaluation.sample import Floats, checked
from services.common.errors import InvalidInput, Violation

RESAMPLES = 200


@dataclass(frozen=True)
class Ranking:
    """Distinct probabilities of default, falling, shape (k,), with the number of defaults and repaid loans at each."""

    probability: Floats
    defaults: Floats
    repaid: Floats

    @cached_property
    def cumulated(self) -> tuple[Floats, Floats]:
        """Defaults and repaid loans at each score or a riskier one, shape (k,). Kept: every statistic needs them."""
        return np.cumsum(self.defaults), np.cumsum(self.repaid)

    @property
    def totals(self) -> tuple[float, float]:
        """Number of defaults and of repaid loans, both at least 1."""
        defaults, repaid = self.cumulated
        return float(defaults[-1]), float(repaid[-1])


def dot(a: Floats, b: Floats) -> float:
    """Sum of the products. Unlike ``a @ b`` it starts no BLAS threads, whose waiting costs more than these sums."""
    return float(np.einsum("i,i->", a, b))


Statistic = Callable[[Ranking], float]


def rank(labels: npt.NDArray[Any], probability: npt.NDArray[Any]) -> Ranking:
    """Sorts a sample by probability of default.

    Raises:
        InvalidInput: as ``checked``, or the labels hold one class only, so that nothing can be told apart.
    """
    target, score = checked(labels, probability)
    if target.all() or not target.any():
        only = "defaults" if target[0] else "repaid loans"
        raise InvalidInput([Violation("labels", f"hold {only} only; give a sample with both outcomes")])
    distinct, position = np.unique(-score, return_inverse=True)
    count = distinct.size
    return Ranking(
        probability=-distinct,
        defaults=np.bincount(position[target], minlength=count).astype(np.float64),
        repaid=np.bincount(position[~target], minlength=count).astype(np.float64),
    )


def resamples(ranking: Ranking, number: int, seed: int) -> Iterator[Ranking]:
    """Draws clients with replacement, defaults and repaid loans apart, so that the default rate stays as it is."""
    random = np.random.default_rng(seed)
    count = ranking.probability.size
    pools = [
        np.repeat(np.arange(count, dtype=np.int32), counts.astype(np.int64))
        for counts in (ranking.defaults, ranking.repaid)
    ]
    for _ in range(number):
        defaults, repaid = (
            np.bincount(pool[random.integers(0, pool.size, pool.size, dtype=np.int32)], minlength=count)
            for pool in pools
        )
        yield Ranking(ranking.probability, defaults.astype(np.float64), repaid.astype(np.float64))


def bootstrap(
    ranking: Ranking,
    statistics: Mapping[str, Statistic],
    *,
    number: int = RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
) -> dict[str, Interval]:
    """Each statistic with its stratified percentile bootstrap interval (Efron & Tibshirani 1993, chapter 13).

    All statistics are computed on the same resamples. The interval says how much another sample of clients would
    change the figure, not how much another training would.
    """
    draws = np.array([[f(sample) for f in statistics.values()] for sample in resamples(ranking, number, seed)])
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return {
        name: Interval(value=f(ranking), low=float(low[i]), high=float(high[i]))
        for i, (name, f) in enumerate(statistics.items())
    }
