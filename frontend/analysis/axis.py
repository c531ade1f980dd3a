"""An axis over the values of a column: where it begins and ends, and its cells."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontend.analysis.outcomes import Numbers

# Share of the clients beyond each end of the usual range.
_TAIL = 0.005
# Whole numbers over a span of up to so many have cells of their own.
_DISCRETE = 200


@dataclass(frozen=True, slots=True)
class Span:
    """A part of an axis, ``lower < upper``."""

    lower: float
    upper: float

    def holds(self, values: Numbers) -> NDArray[np.bool_]:
        """Which values lie in it, ends included; a missing one does not."""
        return (values >= self.lower) & (values <= self.upper)


@dataclass(frozen=True, eq=False, slots=True)
class Axis:
    """A column as an axis: values in the unit of the axis (a category: its position), and what they span.

    ``whole`` holds all values, ``usual`` all but the outermost 0.5 % at each end. ``step`` is the distance of values
    that come in steps (whole numbers, categories), 0 for any others. Without any value it spans 0 to 1.
    """

    values: Numbers
    categories: tuple[str, ...]
    whole: Span
    usual: Span
    step: float

    def cells(self, span: Span, most: int) -> int:
        """How many cells of equal width a span has, at most ``most``; as nearly as can be whole steps each."""
        if not self.step:
            return most
        if self.categories:
            return round(span.upper - span.lower)
        steps = max(1, round((span.upper - span.lower) / self.step))
        return steps if steps <= most else -(-steps // -(-steps // most))

    def snapped(self, span: Span) -> Span:
        """The span that begins and ends between two steps; itself where there are none."""
        if not self.step:
            return span
        lower = np.floor(span.lower / self.step + 0.5) - 0.5
        upper = max(np.ceil(span.upper / self.step - 0.5) + 0.5, lower + 1)
        return Span(float(lower * self.step), float(upper * self.step))


def make_axis(values: Numbers, categories: tuple[str, ...] = (), factor: float = 1.0) -> Axis:
    """The axis of a column; ``factor`` takes its unit to the axis's (days before to years: -1/365.25)."""
    if categories:
        whole = Span(-0.5, len(categories) - 0.5)
        return Axis(values, categories, whole, whole, 1.0)
    placed = values * np.float32(factor)
    known = placed[~np.isnan(placed)]
    if not known.size:
        return Axis(placed, (), Span(0.0, 1.0), Span(0.0, 1.0), 0.0)
    step = 1.0 if factor in {1.0, -1.0} and np.ptp(known) <= _DISCRETE and _all_whole(known) else 0.0
    ends = np.quantile(known, [0.0, 1.0, _TAIL, 1 - _TAIL])
    whole, usual = _span(ends[0], ends[1]), _span(ends[2], ends[3])
    axis = Axis(placed, (), whole, usual, step)
    return Axis(placed, (), axis.snapped(whole), axis.snapped(usual), step)


def _all_whole(values: Numbers) -> bool:
    return bool(np.all(values == np.rint(values)))


def _span(lower: float, upper: float) -> Span:
    """A span between two values; one value has room on both sides."""
    if lower < upper:
        return Span(float(lower), float(upper))
    room = max(abs(lower), 1.0) / 2
    return Span(float(lower - room), float(upper + room))
