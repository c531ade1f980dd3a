"""Numbers, amounts, shares and durations as a person writes them, by the Unicode CLDR rules of the language.

The same rules as on the dashboard (``frontend.format``), which a service cannot import.
"""

import math
from dataclasses import dataclass
from decimal import localcontext

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

_NO_BREAK_SPACE = "\u00a0"
_DAYS_PER_YEAR = 365.25
_MONTHS_PER_YEAR = 12
# The unit of amounts in the data is fictitious; the lender shows it as euros.
_CURRENCY = "EUR"
_MOST_PERCENT_DIGITS = 6
# Room for every float64 without an exponent.
_PRECISION = 400


@dataclass(frozen=True, slots=True)
class Numerals:
    """Writes numbers in one language ("fr", "en"). Nothing it returns breaks between a number and its unit."""

    locale: str

    def plural(self, count: float) -> str:
        """The plural form of a count: ``"one"``, ``"other"`` …; 1.5 is singular in French."""
        return str(Locale.parse(self.locale).plural_form(abs(count)))

    def decimal(self, value: float, digits: int = 2) -> str:
        """A number with at most these decimals, or three significant digits below one: ``"16,46"``, ``"0,00123"``."""
        with localcontext(prec=_PRECISION):
            return format_decimal(value, format=_places(value, digits), locale=self.locale)

    def currency(self, amount: float, digits: int = 0) -> str:
        """An amount, without cents unless asked for: ``"202 500 €"``."""
        pattern = str(Locale.parse(self.locale).currency_formats["standard"].pattern)
        pattern = pattern.replace(".00", "." + "0" * digits if digits else "")
        with localcontext(prec=_PRECISION):
            return format_currency(amount, _CURRENCY, format=pattern, locale=self.locale, currency_digits=False)

    def percent(self, share: float, digits: int = 1) -> str:
        """A share (1 is 100 %) with at most these decimals, two significant digits below 0.1 %: ``"25 %"``."""
        pattern = str(Locale.parse(self.locale).percent_formats[None].pattern)
        places = "@#" if 0 < abs(share) < 0.001 else "#,##0." + "#" * digits
        with localcontext(prec=_PRECISION):
            return format_percent(share, format=pattern.replace("#,##0", places), locale=self.locale)

    def percent_beside(self, share: float, limit: float) -> str:
        """A share with at most one decimal, or as many as it takes not to round it across or onto the limit."""
        digits = next(
            (d for d in range(1, _MOST_PERCENT_DIGITS) if _same_side(share, limit, d + 2)), _MOST_PERCENT_DIGITS
        )
        return self.percent(share, digits)

    def days(self, days: float) -> str:
        """A number of days as it is: ``"120 jours"``."""
        return self._unit(days, "duration-day")

    def years(self, years: float) -> str:
        """Completed years: ``"34 ans"``."""
        return self._unit(math.floor(years), "duration-year")

    def age(self, days: float) -> str:
        """Completed years of a number of days, whatever its sign."""
        return self.years(abs(days) / _DAYS_PER_YEAR)

    def duration(self, days: float) -> str:
        """How long a number of days is, whatever its sign: ``"5 ans et 3 mois"``, ``"12 jours"``."""
        months = math.floor(abs(days) / _DAYS_PER_YEAR * _MONTHS_PER_YEAR)
        return self.duration_of_months(months) if months else self.days(round(abs(days)))

    def duration_of_months(self, months: float) -> str:
        """How long a number of months is, whatever its sign: ``"5 ans et 3 mois"``, ``"1 mois"``."""
        years, rest = divmod(round(abs(months)), _MONTHS_PER_YEAR)
        parts = [self._unit(years, "duration-year")] if years else []
        parts += [self._unit(rest, "duration-month")] if rest or not years else []
        return format_list(parts, style="unit", locale=self.locale)

    def _unit(self, value: float, unit: str) -> str:
        with localcontext(prec=_PRECISION):
            text = format_unit(value, unit, format=_places(value, 1), locale=self.locale)
        return text.replace(" ", _NO_BREAK_SPACE)


def _same_side(share: float, limit: float, digits: int) -> bool:
    rounded = round(share, digits)
    return (rounded > limit) == (share > limit) and (rounded < limit) == (share < limit)


def _places(value: float, digits: int) -> str:
    """The CLDR pattern of a number with at most these decimals, or so many significant digits and one below one."""
    return "@" + "#" * digits if 0 < abs(value) < 1 else "#,##0." + "#" * digits
