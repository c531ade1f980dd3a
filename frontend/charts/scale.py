"""How the values of a feature lie on an axis: in units that a person uses, days before the application as years."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from frontend.charts.plot import PERCENT, PLAIN
from frontend.clients.types import Feature, Unit
from frontend.language import Language

_DAYS_PER_YEAR = 365.25
_YEARS_FROM = 2 * _DAYS_PER_YEAR
_CURRENCY: Mapping[str, object] = {
    "style": "currency",
    "currency": "EUR",
    "notation": "compact",
    "maximumFractionDigits": 1,
}


@dataclass(frozen=True)
class Scale:
    """``position`` is where a value lies; ``unit`` names the axis; ``ticks`` are options of Intl.NumberFormat."""

    unit: str
    language: Language
    factor: float = 1.0
    ticks: Mapping[str, object] = field(default_factory=lambda: PLAIN)

    def position(self, value: float) -> float:
        """Where a value of the feature lies on the axis."""
        # Without the sign that zero gets from a negative factor.
        return value * self.factor + 0.0

    def interval(self, lower: float, upper: float) -> tuple[float, float]:
        """Where an interval of values lies on the axis, the lower end first."""
        one, other = self.position(lower), self.position(upper)
        return min(one, other), max(one, other)

    def text(self, value: float) -> str:
        """A value as on the axis, without its unit where the axis names it: "34,2", "202 500 €", "12,5 %"."""
        place = self.position(value)
        if self.ticks is _CURRENCY:
            return self.language.format.currency(place)
        if self.ticks is PERCENT:
            return self.language.format.percent(place)
        # Years that were counted in days are no more precise than this.
        return self.language.format.decimal(place if abs(self.factor) == 1 else round(place, 1))

    def interval_text(self, lower: float, upper: float) -> str:
        """An interval of values: "20,5 to 27,1"."""
        first, last = (lower, upper) if self.factor > 0 else (upper, lower)
        if first == last:
            return self.text(first)
        return self.language.gettext("{lower} to {upper}").format(lower=self.text(first), upper=self.text(last))

    def with_unit(self, text: str) -> str:
        """A text of values with the unit of the axis."""
        return f"{text} {self.unit}".rstrip()


def scale_of(feature: Feature, lower: float, upper: float, language: Language) -> Scale:
    """The scale for values of a feature between two of its own."""
    _ = language.gettext
    if feature.is_age:
        return Scale(_("years"), language, -1 / _DAYS_PER_YEAR)
    if feature.unit is Unit.DAYS:
        return _days(lower, upper, language)
    if feature.unit is Unit.MONTHS and _before(lower, upper):
        return Scale(_("months before the application"), language, -1)
    return {
        Unit.CURRENCY: Scale("", language, ticks=_CURRENCY),
        Unit.SHARE: Scale("", language, ticks=PERCENT),
        Unit.MONTHS: Scale(_("months"), language),
        Unit.YEARS: Scale(_("years"), language),
        Unit.HOUR: Scale(_("hour of the day"), language),
        Unit.FLAG: Scale(_("0: no, 1: yes"), language),
    }.get(feature.unit, Scale("", language))


def counts_backwards(feature: Feature) -> bool:
    """Whether a person counts the feature backwards from the application: more on the axis is less in the data."""
    if feature.minimum is None or feature.maximum is None:
        return False
    return feature.unit in {Unit.DAYS, Unit.MONTHS} and _before(feature.minimum, feature.maximum)


def _before(lower: float, upper: float) -> bool:
    """Whether all values lie before the application, so that they are better counted from it backwards."""
    return upper <= 0 and lower < 0


def _days(lower: float, upper: float, language: Language) -> Scale:
    _ = language.gettext
    years = upper - lower >= _YEARS_FROM
    divisor = _DAYS_PER_YEAR if years else 1
    if _before(lower, upper):
        unit = _("years before the application") if years else _("days before the application")
        return Scale(unit, language, -1 / divisor)
    unit = _("years after the application") if years else _("days after the application")
    return Scale(unit, language, 1 / divisor)
