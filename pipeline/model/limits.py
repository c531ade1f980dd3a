"""Which values of a feature can be true at all.

These are sanity limits, not the range that training saw: a client richer than every client before is scored,
a negative income is refused. The rules follow from a feature's role, unit and aggregation.
"""

import numpy as np

from pipeline.features.dictionary import Feature, Kind, Role
from pipeline.tables.layout import Unit

# The model reads float32: what overflows it cannot be scored.
FLOAT32_MAX = float(np.finfo(np.float32).max)

# A score without these three would answer a question that nobody asked: there is no loan without an amount, no
# affordability without an income, and lending to minors is forbidden, so the age must be known. The raw data never
# lacks them. Everything else may be unknown: the model learned from clients who lack it.
REQUIRED = frozenset({"AMT_CREDIT", "AMT_INCOME_TOTAL", "DAYS_BIRTH"})

# Scores and housing figures that the layout delivers normalised to 0..1 without a unit.
_NORMALISED = ("EXT_SOURCE_",)
_NORMALISED_ENDS = ("_AVG", "_MODE", "_MEDI")

_NOT_NEGATIVE = (0.0, None)
_ZERO_TO_ONE = (0.0, 1.0)
_PAST = (None, 0.0)
_ANY = (None, None)

_APPLICATION: dict[Unit, tuple[float | None, float | None]] = {
    Unit.CURRENCY: _NOT_NEGATIVE,
    Unit.COUNT: _NOT_NEGATIVE,
    Unit.YEARS: _NOT_NEGATIVE,
    # Birth, employment, registration, identity document, phone: all before the application.
    Unit.DAYS: _PAST,
    Unit.SHARE: _ZERO_TO_ONE,
    Unit.FLAG: _ZERO_TO_ONE,
    Unit.HOUR: (0.0, 23.0),
}


def accepted_range(feature: Feature) -> tuple[float | None, float | None]:
    """Lowest and highest accepted value of a number, inclusive; None where only float32 is the limit."""
    if feature.kind is Kind.CATEGORY or feature.role is Role.DERIVED:
        # A derived feature follows from the base, whose values are checked; ratios may be anything.
        return _ANY
    if feature.role is Role.APPLICATION:
        if feature.name.startswith(_NORMALISED) or feature.name.endswith(_NORMALISED_ENDS):
            return _ZERO_TO_ONE
        return _APPLICATION.get(feature.unit, _ANY)
    # Histories hold corrections: debts, balances and rates below zero are real, end dates may lie in the future.
    if feature.aggregation == "SHARE":
        return _ZERO_TO_ONE
    if feature.aggregation in ("COUNT", "VAR") or feature.unit is Unit.COUNT:
        return _NOT_NEGATIVE
    return _ANY
