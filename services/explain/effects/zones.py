"""Critical values and risk zones: where a feature turns from speaking for a client to speaking against him."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from services.explain.binning import bin_edges, bin_of
from services.explain.effects.rounding import roundest
from services.explain.effects.segmentation import segment
from services.explain.ensemble import Floats

MOST_ZONES = 5
# The resolution at which a border is looked for, and the clients that a place on the scale needs.
_BINS, _CLIENTS_A_BIN = 100, 20
# A border may move by this share of a bin's clients to a value that reads well.
_MOVES = 0.25
# Of the feature's importance: a mean contribution up to this is neutral.
_NEUTRAL = 0.5


class Risk(StrEnum):
    """What a zone does to the risk of default."""

    LOWERS = "lowers"
    NEUTRAL = "neutral"
    RAISES = "raises"


@dataclass(frozen=True, slots=True)
class Zone:
    """An interval of values with one level of risk: ``lower <= value < upper``, the last one including its upper.

    ``contribution`` is its clients' mean, log-odds; ``share`` their share of all clients of the cohort, those without
    a value included.
    """

    lower: float
    upper: float
    contribution: float
    risk: Risk
    share: float


def risk_zones(values: Floats, contributions: Floats, importance: float) -> tuple[Zone, ...]:
    """At most ``MOST_ZONES`` zones of a number's values, rising. Each border between two is a critical value.

    The values are cut into up to 100 bins of equally many clients, and the bins' mean contributions into levels by the
    penalised least-squares step function of ``segment``, with the variance within the bins as its noise, so that noise
    makes no border. A border then moves to the roundest value among those of a quarter of a bin's clients on either
    side.

    A zone raises the risk if its mean contribution is above half of the feature's importance, lowers it if it is below
    minus that, and is neutral in between. A feature without any effect is neutral everywhere.

    Args:
        values: of the cohort, shape (n,); NaN means missing, and belongs to no zone.
        contributions: of the feature to the same clients' margin, shape (n,), log-odds.
        importance: mean absolute contribution of the feature over the portfolio, log-odds: it makes the zones of
            different cohorts comparable.
    """
    known = ~np.isnan(values)
    order = np.argsort(values[known], kind="stable")
    ordered, effect = values[known][order], contributions[known][order].astype(np.float64)
    if not len(ordered):
        return ()
    borders = _critical_values(ordered, effect)
    limits = [float(ordered[0]), *borders, float(ordered[-1])]
    zones = []
    for k, rows in enumerate(np.split(effect, np.searchsorted(ordered, borders))):
        mean = float(rows.mean())
        zones.append(Zone(limits[k], limits[k + 1], mean, _risk(mean, importance), len(rows) / len(values)))
    return tuple(zones)


def _critical_values(ordered: Floats, effect: Floats) -> list[float]:
    edges = bin_edges(ordered, _BINS, _CLIENTS_A_BIN)
    place = bin_of(edges, ordered)
    counts = np.bincount(place)
    means = np.bincount(place, effect) / counts
    noise = float(((effect - means[place]) ** 2).mean())
    near = [float(edges[start]) for start in segment(means, counts.astype(np.float64), noise, MOST_ZONES)[1:]]
    moves = int(_MOVES * len(ordered) / len(counts))
    readable = [_readable(ordered, value, moves) for value in near]
    # Borders that moved until no client is between them are one.
    first = np.unique(np.searchsorted(ordered, readable), return_index=True)[1]
    return [readable[k] for k in first]


def _readable(ordered: Floats, border: float, moves: int) -> float:
    at = int(np.searchsorted(ordered, border))
    lower, upper = ordered[max(at - 1 - moves, 0)], ordered[min(at + moves, len(ordered) - 1)]
    return roundest(float(lower), float(upper), border)


def _risk(contribution: float, importance: float) -> Risk:
    if contribution > _NEUTRAL * importance:
        return Risk.RAISES
    return Risk.LOWERS if contribution < -_NEUTRAL * importance else Risk.NEUTRAL
