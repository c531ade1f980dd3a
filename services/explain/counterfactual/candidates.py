"""Which new values a client's features could have: within reach of the customer, in round figures."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from pipeline.features.dictionary import Feature, Kind
from pipeline.model.limits import accepted_range
from pipeline.model.validation import Value
from pipeline.tables.layout import Direction, Unit
from services.explain.counterfactual.limits import Limit

# An amount is rounded no finer than to a thousandth of its size: 513,000, but 1,350,000.
_ROUND = 1000
# A changed category lies half of the portfolio away.
_CATEGORY_COST = 0.5
_NO_LIMIT = Limit("")


class Ranks(Protocol):
    """Where the portfolio's clients lie."""

    def percentile(self, feature: str, value: float) -> float | None:
        """Share of the clients with a value that lie below this one, 0..1; None: nobody has one."""

    def range(self, feature: str) -> tuple[float, float] | None:
        """Lowest and highest value; None: nobody has one."""

    def categories(self, feature: str) -> Mapping[str, float]:
        """Shares of the clients (0..1) by category."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """New values of one base feature, the cheapest first.

    ``costs``: shares of the portfolio's clients between the client's own value and each of them, 0..1.
    """

    feature: Feature
    own: float | str
    values: tuple[float | str, ...]
    costs: tuple[float, ...]


def candidates(feature: Feature, own: Value, limit: Limit | None, ranks: Ranks) -> Candidates | None:
    """All values that an actionable feature may take instead of a client's own; None: it has no other.

    A number moves in the feature's direction, by no less than its step, and stays within the accepted range, the range
    seen in the portfolio and the limit; it does not change its sign: a debt can be repaid, not turned into a credit.
    An amount becomes a round multiple of the step; any other number moves by a multiple of it. A category becomes
    another one that some client has. An unknown value stays unknown: nobody can say how far it would move.
    """
    limit = limit or _NO_LIMIT
    if own is None or limit.fixed:
        return None
    if feature.kind is Kind.CATEGORY:
        others = sorted(ranks.categories(feature.name).keys() - {str(own)})
        return Candidates(feature, str(own), tuple(others), (_CATEGORY_COST,) * len(others)) if others else None
    number = float(own)
    start = ranks.percentile(feature.name, number)
    if start is None:
        return None
    found = sorted(
        (abs((ranks.percentile(feature.name, value) or 0.0) - start), abs(value - number), value)
        for value in _numbers(feature, number, limit, ranks)
    )
    if not found:
        return None
    return Candidates(feature, number, tuple(value for _, _, value in found), tuple(cost for cost, _, _ in found))


def _numbers(feature: Feature, own: float, limit: Limit, ranks: Ranks) -> Iterator[float]:
    lowest, highest = _bounds(feature, own, limit, ranks)
    step = feature.step
    assert step is not None
    if feature.unit is Unit.CURRENCY:
        values = _round_figures(max(lowest, 0.0), highest, step)
    else:
        # A hair of tolerance: a bound of exactly so many steps counts.
        first, last = math.ceil((lowest - own) / step - 1e-9), math.floor((highest - own) / step + 1e-9)
        values = (own + k * step for k in range(first, last + 1))
    return (value for value in values if abs(value - own) >= step * (1 - 1e-9) and lowest <= value <= highest)


def _bounds(feature: Feature, own: float, limit: Limit, ranks: Ranks) -> tuple[float, float]:
    accepted, seen = accepted_range(feature), ranks.range(feature.name)
    lower, upper = [accepted[0], limit.minimum], [accepted[1], limit.maximum]
    if seen is not None:
        lower.append(seen[0])
        upper.append(seen[1])
    if limit.max_relative_change is not None:
        lower.append(own - limit.max_relative_change * abs(own))
        upper.append(own + limit.max_relative_change * abs(own))
    if feature.direction is Direction.UP:
        lower.append(own)
    if feature.direction is Direction.DOWN:
        upper.append(own)
    (lower if own >= 0 else upper).append(0.0)
    return max(b for b in lower if b is not None), min(b for b in upper if b is not None)


def _round_figures(lowest: float, highest: float, step: float) -> Iterator[float]:
    """Multiples of the step, ever rounder as they grow; all numbers >= 0."""
    grain, value = step, math.ceil(lowest / step) * step
    while value <= highest:
        if value > _ROUND * grain:
            grain *= 10
            value = math.ceil(value / grain) * grain
            continue
        yield value
        value = round((round(value / grain) + 1) * grain, 6)
