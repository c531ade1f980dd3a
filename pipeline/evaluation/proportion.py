"""Confidence intervals for shares, in closed form.

Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.
Newcombe, R. G. (1998), "Interval estimation for the difference between independent proportions", Stat. Med. 17,
method 10.
Katz, D. et al. (1978), "Obtaining confidence intervals for the risk ratio in cohort studies", Biometrics 34.
"""

import math
from statistics import NormalDist

from pipeline.evaluation.result import Interval

LEVEL = 0.95


def z_of(level: float) -> float:
    """The two-sided normal quantile of a confidence level: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(successes: float, n: int, level: float = LEVEL) -> Interval:
    """A share with its Wilson score interval, which stays inside of 0..1 and is useful at 0 and 1 too.

    Raises:
        ValueError: ``n`` is 0; there is no share of nothing.
    """
    if n < 1:
        raise ValueError("a share needs at least one observation")
    share, z = successes / n, z_of(level)
    scale = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # Rounding must not push a limit past the estimate that it encloses, nor past 0 or 1.
    return Interval(value=share, low=max(0.0, min(share, centre - half)), high=min(1.0, max(share, centre + half)))


def difference(a: Interval, b: Interval) -> Interval:
    """``a - b`` for two independent shares with their Wilson intervals (Newcombe's hybrid score interval)."""
    value = a.value - b.value
    low = value - math.hypot(a.value - a.low, b.high - b.value)
    high = value + math.hypot(a.high - a.value, b.value - b.low)
    return Interval(value=value, low=max(-1.0, low), high=min(1.0, high))


def ratio(successes_a: int, n_a: int, successes_b: int, n_b: int, level: float = LEVEL) -> Interval | None:
    """Share ``a`` over share ``b`` for independent samples, log-normal interval; None where a share is 0 or absent."""
    if min(successes_a, successes_b) < 1:
        return None
    share_a, share_b = successes_a / n_a, successes_b / n_b
    value = share_a / share_b
    spread = z_of(level) * math.sqrt((1 - share_a) / successes_a + (1 - share_b) / successes_b)
    return Interval(value=value, low=value * math.exp(-spread), high=value * math.exp(spread))
