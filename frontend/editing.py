"""Values as an officer types them: in a sensible unit, written as the officer's language writes numbers."""

import re
from dataclasses import dataclass

from babel.numbers import format_decimal

from frontend.clients.types import Feature, Unit, Value
from frontend.language import Language

_DAYS_PER_YEAR = 365.25
# Time in the current job is told in years, like an age; other times in days.
_IN_YEARS = frozenset({"DAYS_BIRTH", "DAYS_EMPLOYED"})
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009'’]+")
_NUMBER = {
    # Digits, perhaps in groups of three; a decimal comma, or a point as calculators have it.
    "fr": re.compile(r"[+\-−]?(\d+|\d{1,3}( \d{3})+)([.,]\d+)?"),
    "en": re.compile(r"[+\-−]?(\d+|\d{1,3}([ ,]\d{3})+)(\.\d+)?"),
}


@dataclass(frozen=True, slots=True)
class EditUnit:
    """How a number is typed: the typed number times ``factor`` is the feature's value; ``suffix`` names the unit."""

    factor: float
    suffix: str


def edit_unit(feature: Feature, language: Language) -> EditUnit:
    """The unit in which an officer changes a number."""
    _ = language.gettext
    if feature.unit is Unit.DAYS:
        past = feature.maximum is not None and feature.maximum <= 0 and (feature.minimum or 0) < 0
        if feature.name in _IN_YEARS:
            return EditUnit(-_DAYS_PER_YEAR, _("years"))
        return EditUnit(-1.0, _("days before the application")) if past else EditUnit(1.0, _("days"))
    suffixes = {
        Unit.CURRENCY: "€",
        Unit.SHARE: "%",
        Unit.MONTHS: _("months"),
        Unit.YEARS: _("years"),
        Unit.HOUR: _("h"),
    }
    return EditUnit(0.01 if feature.unit is Unit.SHARE else 1.0, suffixes.get(feature.unit, ""))


def edit_text(value: float | None, feature: Feature, language: Language) -> str:
    """A number as the field shows it; empty when it is missing."""
    if value is None:
        return ""
    typed = value / edit_unit(feature, language).factor
    # Twelve digits: what a conversion adds behind them is not the client's.
    shown = float(f"{typed:.12g}")
    places = 2 if feature.name in _IN_YEARS else 6
    return format_decimal(shown or 0.0, format="#,##0." + "#" * places, locale=language.code)


def read_number(text: str, feature: Feature, language: Language) -> float | None:
    """The feature's number that a text means; None: the field is empty, so the value is missing.

    ``71 000,5`` and ``71000.5`` are French, ``71,000.5`` is English.

    Raises:
        ValueError: the text is not a number in this language.
    """
    plain = _SPACES.sub(" ", text).strip().removesuffix("€").removesuffix("%").strip()
    if not plain:
        return None
    if _NUMBER[language.code].fullmatch(plain) is None:
        raise ValueError(text)
    plain = plain.replace(" ", "").replace("−", "-")
    plain = plain.replace(",", ".") if language.code == "fr" else plain.replace(",", "")
    number = float(plain) * edit_unit(feature, language).factor
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    # The data counts whole days, and a share has no more digits than it was typed with.
    number = float(round(number)) if feature.unit is Unit.DAYS else float(f"{number:.15g}")
    return number or 0.0


def read_value(text: str, feature: Feature, language: Language) -> Value:
    """What a field's text means: a number, a category, or None for "not known".

    Raises:
        ValueError: the text is no number, or no category of the feature.
    """
    if feature.categories:
        if text and text not in feature.categories:
            raise ValueError(text)
        return text or None
    if feature.unit is Unit.FLAG:
        return {"": None, "0": 0.0, "1": 1.0}[text] if text in ("", "0", "1") else read_number(text, feature, language)
    return read_number(text, feature, language)


def value_as_text(value: Value, feature: Feature, language: Language) -> str:
    """What a field's text is for a value: the reverse of ``read_value``."""
    if feature.categories or isinstance(value, str):
        return "" if value is None else str(value)
    if feature.unit is Unit.FLAG and value in (None, 0.0, 1.0):
        return "" if value is None else f"{value:g}"
    return edit_text(value, feature, language)


def is_valid(value: object, feature: Feature) -> bool:
    """Whether a stored value can be one of this feature that may be changed."""
    if not feature.editable:
        return False
    if value is None:
        return True
    if feature.categories:
        return isinstance(value, str) and value in feature.categories
    return isinstance(value, int | float) and not isinstance(value, bool)


def far_outside(value: Value, feature: Feature) -> bool:
    """Whether a number lies outside what was seen of the feature."""
    if not isinstance(value, int | float) or feature.minimum is None or feature.maximum is None:
        return False
    return not feature.minimum <= value <= feature.maximum
