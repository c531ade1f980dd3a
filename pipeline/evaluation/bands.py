"""Seven bands of the probability of repayment, each with its observed default rate.

Method: the limits are chosen among quantiles of the probability, on each side of the acceptance threshold (three bands
below it, four above it), so that the observed default rate falls strictly from band to band and, among all such limits,
the bands explain the outcomes best: the binomial log-likelihood of the defaults given the bands is largest. That is
optimal binning under a monotone constraint (Navas-Palencia 2020, "Optimal binning: mathematical programming
formulation"); with so few cuts dynamic programming solves it exactly. Every band holds at least 5 % of the clients
of its side; where no limits give a strict order, the demand falls to 2 %, 1 % and then one client.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.evaluation.proportion import wilson
from pipeline.evaluation.result import Interval, Result
from pipeline.evaluation.sample import Floats, checked
from pipeline.model.manifest import Band
from services.common.errors import InvalidInput, Violation

BELOW, ABOVE = 3, 4
_CANDIDATES = 40
_SHARES = (0.05, 0.02, 0.01, 0.0)


class BandFigures(Result):
    """A band ``lower <= probability of repayment < upper`` (the last one including 1) and what happened in it."""

    band: Band
    lower: float
    upper: float
    clients: int
    # None where the band is empty.
    default_rate: Interval | None


class Bands(Result):
    """The seven bands from the least to the most probable repayment.

    ``monotone`` says whether the observed default rate falls strictly from each band to the next.
    """

    bands: tuple[BandFigures, ...]
    monotone: bool

    @property
    def limits(self) -> tuple[float, ...]:
        """The six inner limits, rising; the third is the acceptance threshold."""
        return tuple(band.upper for band in self.bands[:-1])


def observe(labels: npt.NDArray[Any], probability: npt.NDArray[Any], limits: tuple[float, ...]) -> Bands:
    """The observed default rate of each band between the six given limits.

    Raises:
        InvalidInput: as ``checked``, or the limits are not six that rise inside of 0..1.
    """
    target, score = checked(labels, probability)
    edges = (0.0, *limits, 1.0)
    if len(edges) != len(Band) + 1 or any(b <= a for a, b in pairwise(edges)):
        raise InvalidInput([Violation("limits", f"must be {len(Band) - 1} that rise between 0 and 1, got {limits}")])
    position = np.searchsorted(np.array(limits), 1 - score, side="right")
    clients = np.bincount(position, minlength=len(Band))
    defaults = np.bincount(position[target], minlength=len(Band))
    figures = tuple(
        BandFigures(
            band=band,
            lower=edges[i],
            upper=edges[i + 1],
            clients=int(clients[i]),
            default_rate=wilson(int(defaults[i]), int(clients[i])) if clients[i] else None,
        )
        for i, band in enumerate(Band)
    )
    rates = [f.default_rate.value for f in figures if f.default_rate]
    falling = len(rates) == len(Band) and all(b < a for a, b in pairwise(rates))
    return Bands(bands=figures, monotone=falling)


def choose(labels: npt.NDArray[Any], probability: npt.NDArray[Any], threshold: float) -> Bands:
    """Chooses the limits of the seven bands; the acceptance threshold is the third of the six.

    Where no limits give strictly falling default rates (too few clients on one side, or a score without order), the
    limits are quantiles of each side and ``monotone`` is False.

    Raises:
        InvalidInput: as ``checked``, or the threshold is not inside of 0..1.
    """
    target, score = checked(labels, probability)
    if not 0 < threshold < 1:
        raise InvalidInput([Violation("threshold", f"must lie between 0 and 1, got {threshold}")])
    repayment = 1 - score
    edges, split = _candidates(repayment, threshold)
    position = np.searchsorted(edges[1:-1], repayment, side="right")
    clients = np.concatenate([[0], np.cumsum(np.bincount(position, minlength=edges.size - 1))])
    defaults = np.concatenate([[0], np.cumsum(np.bincount(position[target], minlength=edges.size - 1))])
    for share in _SHARES:
        smallest = np.where(
            np.arange(edges.size - 1) < split,
            max(1.0, share * clients[split]),
            max(1.0, share * (clients[-1] - clients[split])),
        )
        chosen = _best(clients, defaults, split, smallest)
        if chosen is not None:
            return observe(labels, probability, tuple(float(edges[i]) for i in chosen))
    return observe(labels, probability, _fallback(repayment, threshold))


def _candidates(repayment: Floats, threshold: float) -> tuple[Floats, int]:
    """Edges from 0 to 1 among which limits are chosen, and the index of the threshold in them."""
    steps = np.linspace(0, 1, _CANDIDATES + 1)[1:-1]
    sides = []
    for members in (repayment[repayment < threshold], repayment[repayment >= threshold]):
        sides.append(np.unique(np.quantile(members, steps, method="inverted_cdf")) if members.size else np.empty(0))
    # Rounded to a tenth of a per cent, as people read them, where that leaves enough to choose from.
    low, high = (np.unique(s.round(3)) if np.unique(s.round(3)).size > _CANDIDATES / 2 else s for s in sides)
    low, high = low[(low > 0) & (low < threshold)], high[(high > threshold) & (high < 1)]
    return np.concatenate([[0.0], low, [threshold], high, [1.0]]), low.size + 1


def _best(
    clients: npt.NDArray[np.int64], defaults: npt.NDArray[np.int64], split: int, smallest: Floats
) -> tuple[int, ...] | None:
    """Indices of the six inner limits with the largest likelihood, or None if none gives a strict order.

    ``clients`` and ``defaults`` are cumulated up to each edge; ``value[i, j]`` is the best log-likelihood of k bands
    that cover the edges 0..j, the last one being i..j.
    """
    last = clients.size - 1
    size = (clients[None, :] - clients[:, None]).astype(np.float64)
    bad = (defaults[None, :] - defaults[:, None]).astype(np.float64)
    start, end = np.indices(size.shape)
    # A band never straddles the threshold, nor is it smaller than its side allows.
    allowed = (start < end) & ~((start < split) & (end > split)) & (size >= np.append(smallest, np.inf)[:, None])
    rate = np.divide(bad, size, out=np.full_like(size, np.nan), where=allowed)
    gain = np.where(allowed, _log_likelihood(bad, size), -np.inf)

    value = np.full_like(gain, -np.inf)
    value[0] = gain[0]
    origins = []
    for band in range(1, BELOW + ABOVE):
        step = np.full_like(gain, -np.inf)
        origin = np.zeros(gain.shape, dtype=np.int64)
        for middle in range(1, last):
            # From a band h..middle to a band middle..j, whose rate must be lower.
            reachable = np.where(rate[:, middle, None] > rate[None, middle, :], value[:, middle, None], -np.inf)
            origin[middle] = reachable.argmax(axis=0)
            step[middle] = reachable.max(axis=0) + gain[middle]
        if band + 1 == BELOW:
            step[:, np.arange(last + 1) != split] = -np.inf
        value = step
        origins.append(origin)

    begin, finish = int(value[:, last].argmax()), last
    if value[begin, last] == -np.inf:
        return None
    limits = []
    for origin in reversed(origins):
        limits.append(begin)
        begin, finish = int(origin[begin, finish]), begin
    return tuple(reversed(limits))


def _log_likelihood(bad: Floats, size: Floats) -> Floats:
    """Binomial log-likelihood of ``bad`` defaults among ``size`` clients at the rate ``bad / size``, 0 ln 0 being 0."""
    good = size - bad
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(
            np.where(bad > 0, bad * np.log(bad / size), 0.0) + np.where(good > 0, good * np.log(good / size), 0.0)
        )


def _fallback(repayment: Floats, threshold: float) -> tuple[float, ...]:
    """Quantiles of each side, or equal steps where a side has too few distinct values for that."""

    def side(members: Floats, bands: int, low: float, high: float) -> Floats:
        steps = np.arange(1, bands) / bands
        if members.size:
            quantiles = np.quantile(members, steps)
            if (np.diff([low, *quantiles, high]) > 0).all():
                return np.asarray(quantiles)
        return low + steps * (high - low)

    below = side(repayment[repayment < threshold], BELOW, 0.0, threshold)
    above = side(repayment[repayment >= threshold], ABOVE, threshold, 1.0)
    return (*map(float, below), threshold, *map(float, above))
