"""A feature's value in the customer's units."""

import math
from collections.abc import Callable

from pipeline.features.dictionary import Feature
from pipeline.tables.layout import Unit
from services.explain.words.catalogue import Catalogue, catalogue
from services.explain.words.measures import Measure, Value, aggregate_of, is_missing, is_yes, measure_of

_MINUTES = 60
# An amount below this, other than whole, is written with cents.
_SMALL_AMOUNT = 10


def quantity(feature: Feature, value: Value, language: str) -> str:
    """The value as a person says it: ``"202 500 €"``, ``"34 ans"``, ``"2 ans et 3 mois avant la demande"``, ``"oui"``.

    A missing value is ``"non renseigné"``, a category its label, a variance the usual variation in the varying unit.

    Raises:
        InvalidInput: the language is not known.
    """
    words = catalogue(language)
    return words.typeset(quantity_text(feature, value, words))


def quantity_text(feature: Feature, value: Value, words: Catalogue, *, exact: bool = False) -> str:
    """As ``quantity``, to be typeset with the sentence; ``exact`` rounds less, to tell close values apart."""
    if value is None or is_missing(value):
        return words.text("missing")
    measure = measure_of(feature)
    if measure is Measure.FLAG:
        return words.text("yes" if is_yes(value) else "no")
    if isinstance(value, str):
        return category_label(feature, value, words)
    if measure is Measure.SPREAD:
        return _spread(feature, max(value, 0.0), words, exact)
    return _number(measure, feature.unit, value, words, exact)


def category_label(feature: Feature, value: str, words: Catalogue) -> str:
    """The label of a category, or the category itself where the dictionary has none."""
    found = next((c for c in feature.categories if c.value == value), None)
    return value if found is None else found.label_fr if words.language == "fr" else found.label_en


def duration_text(unit: Unit, value: float, words: Catalogue, *, exact: bool = False) -> str:
    """How long a time in days or months is, whatever its sign."""
    if unit is Unit.MONTHS:
        return words.numerals.duration_of_months(value)
    return words.numerals.days(abs(value)) if exact else words.numerals.duration(value)


def same_time(unit: Unit, value: float) -> str | None:
    """Whether a time is the application's own: "today", "this_month", or null where it is another."""
    if round(value) != 0:
        return None
    return "today" if unit is Unit.DAYS else "this_month"


def _number(measure: Measure, unit: Unit, value: float, words: Catalogue, exact: bool) -> str:
    numerals = words.numerals
    decimals = 6 if exact else 2
    texts: dict[Measure, Callable[[], str]] = {
        Measure.AMOUNT: lambda: _amount(value, words, exact),
        Measure.AGE: lambda: numerals.days(abs(value)) if exact else numerals.age(value),
        Measure.ELAPSED: lambda: duration_text(unit, value, words, exact=exact),
        Measure.DATE: lambda: _date(unit, value, words, exact),
        Measure.DAYS: lambda: numerals.days(value),
        Measure.YEARS: lambda: numerals.years(value),
        Measure.HOUR: lambda: _hour(value, words),
        Measure.SHARE: lambda: numerals.percent(value, decimals - 1),
        Measure.SHARE_OF_ROWS: lambda: numerals.percent(value, decimals - 1),
    }
    return texts.get(measure, lambda: numerals.decimal(value, decimals))()


def _amount(value: float, words: Catalogue, exact: bool) -> str:
    cents = exact or (abs(value) < _SMALL_AMOUNT and value != round(value))
    return words.numerals.currency(value, 2 if cents else 0)


def _date(unit: Unit, value: float, words: Catalogue, exact: bool) -> str:
    same = same_time(unit, value)
    if same:
        return words.text(f"date.{same}")
    side = "date.past" if value <= 0 else "date.future"
    return words.text(side, duration=duration_text(unit, value, words, exact=exact))


def _hour(value: float, words: Catalogue) -> str:
    hour, minute = divmod(round(value * _MINUTES), _MINUTES)
    form = "hour.minutes" if minute else "hour.whole"
    return words.text(form, hour=words.numerals.decimal(hour), minute=f"{minute:02d}")


def _spread(feature: Feature, variance: float, words: Catalogue, exact: bool) -> str:
    aggregate = aggregate_of(feature)
    unit = aggregate.column.unit if aggregate and aggregate.column else Unit.NONE
    deviation = math.sqrt(variance)
    if unit in (Unit.DAYS, Unit.MONTHS):
        return duration_text(unit, deviation, words, exact=exact)
    measure = {Unit.CURRENCY: Measure.AMOUNT, Unit.SHARE: Measure.SHARE}.get(unit, Measure.NUMBER)
    return _number(measure, unit, deviation, words, exact)
