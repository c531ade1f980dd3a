"""Numbers, amounts, shares, durations and dates as a person writes them, by the Unicode CLDR rules of the locale."""

import math
from dataclasses import dataclass
from datetime import datetime

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

_NO_BREAK_SPACE = "\u00a0"
_DAYS_PER_YEAR = 365.25
_MONTHS_PER_YEAR = 12
# The unit of amounts in the data is fictitious; the lender shows it as euros.
_CURRENCY = "EUR"
_MOST_PERCENT_DIGITS = 6


@dataclass(frozen=True)
class Format:
    """Formats values for one locale ("fr", "en"). Nothing it returns breaks between a number and its unit."""

    locale: str

    def integer(self, value: float) -> str:
        """A whole number with thousands separators: ``"1 234"``."""
        return format_decimal(round(value), locale=self.locale)

    def decimal(self, value: float) -> str:
        """A number with at most two decimals, or three significant digits below one: ``"16,46"``, ``"0,00123"``."""
        pattern = "@##" if 0 < abs(value) < 1 else "#,##0.##"
        return format_decimal(value, format=pattern, locale=self.locale)

    def fixed(self, value: float, digits: int) -> str:
        """A number with so many decimals, for figures that stand beside each other: ``"0,410"``."""
        return format_decimal(value, format=f"#,##0.{'0' * digits}", locale=self.locale)

    def signed(self, value: float) -> str:
        """A change, with its sign: ``"+0,42"``, ``"−1,5"``."""
        return self._with_sign(self.decimal(abs(value)), value)

    def points(self, share: float) -> str:
        """A change of a probability, in points of 100: ``"+3,2 pts"``."""
        value = round(100 * share, 1)
        return self._with_sign(
            f"{format_decimal(abs(value), format='#,##0.0', locale=self.locale)}{_NO_BREAK_SPACE}pts", value
        )

    def currency(self, amount: float) -> str:
        """An amount without cents: ``"202 500 €"``."""
        pattern = str(Locale.parse(self.locale).currency_formats["standard"].pattern).replace(".00", "")
        return format_currency(amount, _CURRENCY, format=pattern, locale=self.locale, currency_digits=False)

    def percent(self, share: float, digits: int = 1) -> str:
        """A share (1 is 100 %) with a fixed number of decimals: ``"64,8 %"``."""
        whole = str(Locale.parse(self.locale).percent_formats[None].pattern)
        pattern = whole.replace("0", "0." + "0" * digits) if digits else whole
        return format_percent(share, format=pattern, locale=self.locale)

    def percent_short(self, share: float) -> str:
        """A share with only the decimals that it has: ``"52 %"``, ``"52,5 %"``; at most six of a third."""
        enough = (d for d in range(_MOST_PERCENT_DIGITS) if math.isclose(round(share, d + 2), share))
        return self.percent(share, next(enough, _MOST_PERCENT_DIGITS))

    def percent_beside(self, share: float, limit: float) -> str:
        """A share with one decimal, or as many as it takes not to round it across (or onto) the limit.

        ``0.5196`` beside ``0.52`` is ``"51,96 %"``: "52,0 %, below 52 %" would contradict itself.
        """
        for digits in range(1, _MOST_PERCENT_DIGITS):
            if (round(share, digits + 2) >= limit) == (share >= limit):
                return self.percent(share, digits)
        return self.percent(share, _MOST_PERCENT_DIGITS)

    def years(self, years: float) -> str:
        """Completed years: ``"34 ans"``."""
        return self._unit(math.floor(years), "duration-year")

    def months(self, months: float) -> str:
        """A number of months: ``"24 mois"``."""
        return self._unit(round(months), "duration-month")

    def duration(self, days: float) -> str:
        """How long a number of days is, whatever its sign: ``"5 ans et 3 mois"``, ``"12 jours"``."""
        days = abs(days)
        months = math.floor(days / _DAYS_PER_YEAR * _MONTHS_PER_YEAR)
        if months == 0:
            return self._unit(round(days), "duration-day")
        years, months = divmod(months, _MONTHS_PER_YEAR)
        parts = [self._unit(years, "duration-year")] if years else []
        parts += [self._unit(months, "duration-month")] if months else []
        return format_list(parts, style="unit", locale=self.locale)

    def age(self, days_before: float) -> str:
        """Completed years since a day that is given as (negative) days: ``-12500`` is ``"34 ans"``."""
        return self.years(abs(days_before) / _DAYS_PER_YEAR)

    def date(self, timestamp: str) -> str:
        """The day of an RFC 3339 timestamp: ``"22 novembre 2026"``; empty when there is none."""
        return format_date(datetime.fromisoformat(timestamp).date(), "long", locale=self.locale) if timestamp else ""

    @staticmethod
    def _with_sign(text: str, value: float) -> str:
        if value == 0:
            return text
        return f"{'+' if value > 0 else '−'}{text}"

    def _unit(self, value: float, unit: str) -> str:
        return format_unit(value, unit, locale=self.locale).replace(" ", _NO_BREAK_SPACE)
