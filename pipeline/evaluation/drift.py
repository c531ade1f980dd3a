"""Whether clients of today still look like those that the model learned from, with alarms that know the sample size.

The population stability index (PSI) is ``sum (q - p) ln(q / p)`` over bins, p and q being the two samples' shares.
Without any drift it is not 0: for samples of n and m clients it follows approximately ``(1/n + 1/m) chi²(B - 1)`` over
B bins (Yurdakul 2018, "Statistical properties of the population stability index"; Du Pisanie, Allison & Visagie 2023).
A fixed limit of 0.1 therefore alarms on small samples for nothing, and a test alone alarms on large ones for a trifle.
An alarm here needs both: a PSI of 0.1 or more, and significance after Benjamini & Hochberg (1995) over all features.
"""

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2, false_discovery_control

from pipeline.evaluation.result import Result
from services.common.errors import InvalidInput, Violation

BINS = 10
SIGNIFICANCE = 0.05
# The trade's two marks (Siddiqi 2006): below the first nothing happened, from the second on the model needs a review.
MODERATE, MAJOR = 0.1, 0.25
# The chi² approximation needs about five clients a bin (Cochran 1954), in both samples if they are alike.
_FEWEST = 5.0

Counts = npt.NDArray[np.int64]


class Alarm(StrEnum):
    """How far a feature has drifted."""

    NONE = "none"
    MODERATE = "moderate"
    MAJOR = "major"


class BinKind(StrEnum):
    """What a bin holds: an interval of numbers, one category, missing values, or what is too rare to stand alone."""

    INTERVAL = "interval"
    CATEGORY = "category"
    MISSING = "missing"
    RARE = "rare"


class Bin(Result):
    """One bin; an interval is ``lower < value <= upper``, without a limit where it is None."""

    kind: BinKind
    lower: float | None = None
    upper: float | None = None
    category: str = ""


class BinShare(Result):
    """A bin with its share (0..1) of the reference and of the current clients."""

    bin: Bin
    reference: float
    current: float


class Drift(Result):
    """The drift of one feature, or of the score.

    ``expected`` is the PSI that sampling alone gives on average; ``adjusted_p`` the Benjamini-Hochberg adjusted
    probability of so high a PSI without drift.
    """

    feature: str
    psi: float
    expected: float
    p_value: float
    adjusted_p: float
    alarm: Alarm
    bins: tuple[BinShare, ...]


def psi(reference: npt.NDArray[Any], current: npt.NDArray[Any]) -> float:
    """Population stability index of two vectors of counts over the same bins, in nats; symmetric, 0 or more.

    Half a client is added to every bin (Jeffreys), or one empty bin would make it infinite.
    """
    p, q = (np.asarray(counts, dtype=np.float64) + 0.5 for counts in (reference, current))
    p, q = p / p.sum(), q / q.sum()
    return float(np.sum((q - p) * np.log(q / p)))


def drift(
    reference: Mapping[str, npt.NDArray[Any]],
    current: Mapping[str, npt.NDArray[Any]],
    *,
    bins: int = BINS,
    significance: float = SIGNIFICANCE,
) -> tuple[Drift, ...]:
    """Compares every column of two tables; the most drifted first.

    Args:
        reference: columns of the clients that the model learned from, by name. Numbers are cut at their quantiles;
            anything else is a category. NaN and None are missing values, in a bin of their own.
        current: the same columns of today's clients.
        bins: at most so many bins for a number; fewer where the samples are small.
        significance: share of false alarms among the alarms that is tolerated.

    Raises:
        InvalidInput: a column is absent on one side, has no rows, or is a number here and a category there.
    """
    _check(reference, current)
    found = [_compare(name, reference[name], current[name], bins) for name in reference]
    if not found:
        return ()
    adjusted = false_discovery_control([p for *_, p in found], method="bh")
    results = [
        Drift(
            feature=name,
            psi=value,
            expected=expected,
            p_value=p,
            adjusted_p=float(q),
            alarm=_alarm(value, float(q), significance),
            bins=shares,
        )
        for (name, shares, value, expected, p), q in zip(found, adjusted, strict=True)
    ]
    return tuple(sorted(results, key=lambda d: (-d.psi, d.feature)))


def _alarm(value: float, adjusted: float, significance: float) -> Alarm:
    if adjusted >= significance or value < MODERATE:
        return Alarm.NONE
    return Alarm.MAJOR if value >= MAJOR else Alarm.MODERATE


def _compare(
    name: str, reference: npt.NDArray[Any], current: npt.NDArray[Any], bins: int
) -> tuple[str, tuple[BinShare, ...], float, float, float]:
    """Name, bins, PSI, PSI expected without drift, and probability of so high a PSI without drift."""
    n, m = reference.size, current.size
    of_kind = _numbers(reference, current, bins) if _is_number(reference) else _categories(reference, current)
    cut, counts = _without_thin(*of_kind)
    value, scale, freedom = psi(*counts), 1 / n + 1 / m, len(cut) - 1
    shares = tuple(
        BinShare(bin=b, reference=float(before / n), current=float(after / m))
        for b, before, after in zip(cut, *counts, strict=True)
    )
    probability = float(chi2.sf(value / scale, freedom)) if freedom else 1.0
    return name, shares, value, freedom * scale, probability


def _numbers(reference: npt.NDArray[Any], current: npt.NDArray[Any], bins: int) -> tuple[list[Bin], Counts]:
    """Quantile bins of the reference, then missing values, with counts of shape (2, bins)."""
    columns = [np.asarray(column, dtype=np.float64) for column in (reference, current)]
    known = [column[~np.isnan(column)] for column in columns]
    missing = [column.size - rest.size for column, rest in zip(columns, known, strict=True)]
    fewest = min(column.size for column in known)
    number = max(1, min(bins, int(fewest / (2 * _FEWEST))))
    edges = np.empty(0)
    if known[0].size:
        edges = np.unique(np.quantile(known[0], np.linspace(0, 1, number + 1)[1:-1], method="inverted_cdf"))
        edges = edges[edges < known[0].max()]
    inside = [np.bincount(np.searchsorted(edges, column, side="left"), minlength=edges.size + 1) for column in known]
    limits: list[float | None] = [None, *map(float, edges), None]
    intervals = [Bin(kind=BinKind.INTERVAL, lower=low, upper=high) for low, high in pairwise(limits)]
    counts = np.array([[*counted, gone] for counted, gone in zip(inside, missing, strict=True)])
    return [*intervals, Bin(kind=BinKind.MISSING)], counts


def _categories(reference: npt.NDArray[Any], current: npt.NDArray[Any]) -> tuple[list[Bin], Counts]:
    """One bin for each category of either side, by name, then missing values, with counts of shape (2, bins)."""
    both = pd.concat([pd.Series(side).value_counts() for side in (reference, current)], axis=1, keys=(0, 1))
    both = both.fillna(0).astype(np.int64).sort_index(key=lambda names: names.astype(str))
    counts = both.to_numpy().T
    missing = np.array([reference.size, current.size]) - counts.sum(axis=1)
    categories = [Bin(kind=BinKind.CATEGORY, category=str(name)) for name in both.index]
    return [*categories, Bin(kind=BinKind.MISSING)], np.column_stack([counts, missing])


def _without_thin(cut: list[Bin], counts: Counts) -> tuple[list[Bin], Counts]:
    """Puts bins together in which the smaller sample, without drift, would have fewer than five clients.

    What is still thin together goes to the largest bin. A bin that only one sample fills is not thin if it is large.
    """
    sizes = counts.sum(axis=1)
    expected = counts.sum(axis=0) * sizes.min() / sizes.sum()
    thin = expected < _FEWEST
    kept = [b for b, alone in zip(cut, ~thin, strict=True) if alone]
    merged, rest = counts[:, ~thin], counts[:, thin].sum(axis=1)
    if expected[thin].sum() >= _FEWEST or not kept:
        return [*kept, Bin(kind=BinKind.RARE)], np.column_stack([merged, rest])
    merged[:, merged.sum(axis=0).argmax()] += rest
    return kept, merged


def _is_number(column: npt.NDArray[Any]) -> bool:
    return column.dtype.kind in "fiub"


def _check(reference: Mapping[str, npt.NDArray[Any]], current: Mapping[str, npt.NDArray[Any]]) -> None:
    violations = [Violation(name, "is on one side only") for name in sorted(reference.keys() ^ current.keys())]
    for name in reference.keys() & current.keys():
        if not reference[name].size or not current[name].size:
            violations.append(Violation(name, "has no rows on one side; drift needs clients on both"))
        elif _is_number(reference[name]) != _is_number(current[name]):
            violations.append(Violation(name, "is a number on one side and a category on the other"))
    if violations:
        raise InvalidInput(violations)
