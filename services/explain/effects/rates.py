"""What really happened: observed default rates over the range of a feature's values."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.evaluation.proportion import wilson
from pipeline.evaluation.result import Interval
from services.explain.binning import NOWHERE, Places, bin_edges, bin_of
from services.explain.ensemble import Floats

MOST_BINS = 10
# Enough for an interval that says something; a small cohort has fewer bins.
_CLIENTS_A_BIN = 30


@dataclass(frozen=True, slots=True)
class RateBin:
    """Clients whose values lie together: ``lower <= value < upper``, the last bin including its upper.

    ``known`` of the ``clients`` have a known outcome; ``default_rate`` is the share of defaults among them (0..1) with
    its 95 % Wilson interval, None if there are none. ``contribution`` is the clients' mean, log-odds.
    """

    clients: int
    known: int
    default_rate: Interval | None
    contribution: float
    # Numbers only.
    lower: float | None = None
    upper: float | None = None
    # Categories only.
    category: str | None = None


def number_rates(values: Floats, outcomes: Floats, contributions: Floats) -> tuple[RateBin, ...]:
    """At most ``MOST_BINS`` bins of equally many clients, rising; see ``bin_edges`` for what frequent values do.

    Args:
        values: of the cohort, shape (n,); NaN means missing, and belongs to no bin.
        outcomes: 1 for a default, 0 for a repaid loan, NaN where unknown; shape (n,).
        contributions: of the feature to the same clients' margin, log-odds; shape (n,).
    """
    edges = bin_edges(values, MOST_BINS, _CLIENTS_A_BIN)
    place = bin_of(edges, values)
    return tuple(
        _bin(place, k, outcomes, contributions, lower=float(edges[k]), upper=float(edges[k + 1]))
        for k in range(len(edges) - 1)
    )


def category_rates(
    values: Floats, categories: Sequence[str], outcomes: Floats, contributions: Floats
) -> tuple[RateBin, ...]:
    """A bin for each category that the cohort has, in their order; ``values`` are positions in ``categories``."""
    place = np.nan_to_num(values, nan=NOWHERE).astype(np.intp)
    return tuple(
        _bin(place, k, outcomes, contributions, category=category)
        for k, category in enumerate(categories)
        if (place == k).any()
    )


def missing_rate(values: Floats, outcomes: Floats, contributions: Floats) -> RateBin | None:
    """The clients without a value; None if all have one."""
    place = np.where(np.isnan(values), 0, NOWHERE)
    return _bin(place, 0, outcomes, contributions) if (place == 0).any() else None


def _bin(
    place: Places,
    k: int,
    outcomes: Floats,
    contributions: Floats,
    *,
    lower: float | None = None,
    upper: float | None = None,
    category: str | None = None,
) -> RateBin:
    inside = place == k
    known = outcomes[inside]
    known = known[~np.isnan(known)]
    return RateBin(
        clients=int(inside.sum()),
        known=len(known),
        default_rate=wilson(float(known.sum()), len(known)) if len(known) else None,
        contribution=float(contributions[inside].mean(dtype=np.float64)),
        lower=lower,
        upper=upper,
        category=category,
    )
