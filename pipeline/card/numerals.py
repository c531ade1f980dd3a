"""How numbers are written in each language of the card."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.evaluation.result import Interval

_NARROW_SPACE, _NO_BREAK_SPACE, _MINUS = "\u202f", "\u00a0", "\u2212"


@dataclass(frozen=True, slots=True)
class Numerals:
    """Decimal sign, separator of thousands and space before the per cent sign of a language."""

    point: str
    thousands: str
    before_percent: str
    range_format: str

    def decimal(self, value: float, digits: int = 3) -> str:
        """A number with a fixed number of decimals: "0,757"."""
        text = f"{value:,.{digits}f}"
        if not text.strip("-0.,"):
            text = text.lstrip("-")
        marks = {",": self.thousands, ".": self.point, "-": _MINUS}
        return "".join(marks.get(character, character) for character in text)

    def count(self, value: float) -> str:
        """A whole number: "19 947"."""
        return self.decimal(value, 0)

    def percent(self, value: float, digits: int = 1) -> str:
        """A share (0..1) in per cent: "8,0 %"."""
        return f"{self.decimal(value * 100, digits)}{self.before_percent}%"

    def percent_tick(self, value: float, places: int) -> str:
        """A share as ``percent``, with as many decimals as keep ``places`` decimal places of the share itself."""
        return self.percent(value, max(0, places - 2))

    def interval(self, value: Interval, write: Callable[[float], str]) -> str:
        """The limits of an interval: "0,742 à 0,768"."""
        return self.range_format.format(low=write(value.low), high=write(value.high))

    def estimate(self, value: Interval, write: Callable[[float], str]) -> str:
        """An estimate and its interval, which may stand on a second line but is not broken itself."""
        limits = self.interval(value, write).replace(" ", _NO_BREAK_SPACE)
        return f"{write(value.value)} ({limits})"


FRENCH = Numerals(point=",", thousands=_NARROW_SPACE, before_percent=_NARROW_SPACE, range_format="{low} à {high}")
ENGLISH = Numerals(point=".", thousands=",", before_percent="", range_format="{low} to {high}")
