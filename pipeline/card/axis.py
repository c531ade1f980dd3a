"""Axes of the card's plots: round ticks, and positions on the drawing."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Write = Callable[[float], str]
# Writes a value with so many decimal places.
WritePlaces = Callable[[float, int], str]


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from ``low`` to ``high`` with its title, its ticks and how a tick is written."""

    low: float
    high: float
    title: str
    ticks: tuple[float, ...]
    write: Write

    def position(self, value: float, start: float, end: float) -> float:
        """Where a value lies between two places of the drawing; outside values lie on the nearer end."""
        inside = min(max(value, self.low), self.high)
        return start + (inside - self.low) / (self.high - self.low) * (end - start)


def round_step(span: float, ticks: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten that divides a span into at most ``ticks`` steps."""
    rough = span / ticks
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))


def axis(values: Iterable[float], title: str, write: WritePlaces, *, ticks: int = 5, zero: bool = False) -> Axis:
    """An axis with round ends that holds all values; from zero if wanted, as bars need it.

    Ticks are written with as many decimal places as their step has.
    """
    known = [*values, 0.0] if zero else list(values)
    low, high = min(known), max(known)
    if high <= low:
        high = low + (abs(low) or 1.0)
    step = round_step(high - low, ticks)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    marks = tuple(i * step for i in range(first, last + 1))
    return Axis(marks[0], marks[-1], title, marks, lambda value: write(value, places))


def whole(title: str, write: WritePlaces) -> Axis:
    """An axis of shares from 0 to 1."""
    return axis((0.0, 1.0), title, write)
