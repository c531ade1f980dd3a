"""What kind of quantity a feature's value is, and so how it is said."""

import math
from enum import StrEnum
from functools import cache

from pipeline.features.dictionary import Feature, Kind, Role
from pipeline.features.family import Aggregate, Wording
from pipeline.features.recipe import FAMILIES
from pipeline.tables.layout import Unit

# A value as the services know it; null and NaN mean missing. A float32 infinity cannot be said either.
Value = float | str | None


class Measure(StrEnum):
    """Kinds of quantities that are said in the same way."""

    AMOUNT = "amount"
    # Days since birth, said in years.
    AGE = "age"
    # Time that has passed; negative in the data.
    ELAPSED = "elapsed"
    # A point in time, in days or months from the application.
    DATE = "date"
    # A number of days, as of arrears.
    DAYS = "days"
    YEARS = "years"
    HOUR = "hour"
    COUNT = "count"
    SHARE = "share"
    # The share of a client's history rows that have a category.
    SHARE_OF_ROWS = "share of rows"
    # A number on a scale that is known.
    SCORE = "score"
    NUMBER = "number"
    # A variance, said as its square root, in the unit of what varies.
    SPREAD = "spread"
    FLAG = "flag"
    CATEGORY = "category"


_NAMED = {
    "DAYS_BIRTH": Measure.AGE,
    "DAYS_EMPLOYED": Measure.ELAPSED,
    "INSTAL_DAYS_ENTRY_PAYMENT_SUM": Measure.ELAPSED,
    "CC_MONTHS_BALANCE_SUM": Measure.ELAPSED,
    # The shares of the instalments that were paid add up to a number of instalments.
    "INSTAL_PAYMENT_PERC_SUM": Measure.COUNT,
}
_BY_UNIT = {
    Unit.CURRENCY: Measure.AMOUNT,
    Unit.MONTHS: Measure.DATE,
    Unit.YEARS: Measure.YEARS,
    Unit.COUNT: Measure.COUNT,
    Unit.SHARE: Measure.SHARE,
    Unit.FLAG: Measure.FLAG,
    Unit.HOUR: Measure.HOUR,
    Unit.VARIANCE: Measure.SPREAD,
}
# Lowest and highest score by the beginning of the feature's name.
_SCALES = {"EXT_SOURCE": (0, 1), "REGION_RATING": (1, 3)}
_BUILDING_SCALE = (0, 1)
# Endings of the normalised figures of the client's building.
BUILDING_ENDINGS = ("_AVG", "_MODE", "_MEDI")
# The spellings of yes and no of a category that is a flag.
_YES, _NO = frozenset({"Y", "Yes"}), frozenset({"N", "No"})
# Their values repeat so often among clients that a percentile says little.
_DISCRETE = frozenset({Measure.DAYS, Measure.YEARS, Measure.HOUR, Measure.COUNT, Measure.SHARE_OF_ROWS, Measure.SPREAD})


@cache
def _aggregates() -> dict[str, Aggregate]:
    return {aggregate.name: aggregate for family in FAMILIES for aggregate in family.aggregates}


def aggregate_of(feature: Feature) -> Aggregate | None:
    """How a history feature is made of its table; null for another feature."""
    return _aggregates().get(feature.name) if feature.role is Role.HISTORY else None


def measure_of(feature: Feature) -> Measure:
    """The kind of quantity of a feature."""
    if feature.name in _NAMED:
        return _NAMED[feature.name]
    if feature.kind is Kind.CATEGORY:
        values = {category.value for category in feature.categories}
        return Measure.FLAG if values and values <= _YES | _NO else Measure.CATEGORY
    if feature.aggregation == "SHARE":
        return Measure.SHARE_OF_ROWS
    if feature.unit is Unit.DAYS:
        return _of_days(feature)
    if feature.unit is Unit.NONE:
        return Measure.SCORE if scale_of(feature) else Measure.NUMBER
    return _BY_UNIT[feature.unit]


def _of_days(feature: Feature) -> Measure:
    aggregate = aggregate_of(feature)
    dated = aggregate is None or aggregate.wording in (Wording.DATE, Wording.MONTH)
    return Measure.DATE if dated else Measure.DAYS


def scale_of(feature: Feature) -> tuple[int, int] | None:
    """Lowest and highest value of a score; null where there is no scale."""
    for beginning, scale in _SCALES.items():
        if feature.name.startswith(beginning):
            return scale
    return _BUILDING_SCALE if feature.name.endswith(BUILDING_ENDINGS) and feature.unit is Unit.NONE else None


def is_discrete(feature: Feature) -> bool:
    """Whether many clients share the same value."""
    return measure_of(feature) in _DISCRETE or feature.unit is Unit.MONTHS or feature.name.startswith("REGION_RATING")


def is_missing(value: Value) -> bool:
    """Whether there is no value to be said."""
    return value is None or (not isinstance(value, str) and not math.isfinite(value))


def is_yes(value: float | str) -> bool:
    """Whether a flag is set."""
    return value in _YES if isinstance(value, str) else value >= 0.5
