"""The value of a feature in words, by its unit in the feature dictionary."""

from collections.abc import Callable

from frontend.clients.types import Feature, Unit, Value
from frontend.language import Language


def value_text(value: Value, feature: Feature, language: Language) -> str:
    """A feature's value as a person reads it: amounts with currency, days as a duration, categories by their label.

    Days count from the application, so their sign says before or after: "3 years ago", "in 2 months".
    """
    if value is None:
        return missing(language)
    if isinstance(value, str):
        label = feature.categories.get(value)
        return (label.of(language.code) if label else "") or value
    if feature.is_age:
        return language.format.age(value)
    return _number_text(value, feature.unit, language)


def options_of(feature: Feature, language: Language) -> dict[str, str]:
    """What can be chosen for a category or a yes/no flag, name by key ("": not provided); empty for other features."""
    _ = language.gettext
    if feature.categories:
        known = {value: label.of(language.code) or value for value, label in feature.categories.items()}
    elif feature.unit is Unit.FLAG:
        known = {"1": _("yes"), "0": _("no")}
    else:
        return {}
    return {"": missing(language), **known}


def missing(language: Language) -> str:
    """What stands for a value that nobody gave."""
    return language.gettext("not provided")


def _number_text(value: float, unit: Unit, language: Language) -> str:
    texts: dict[Unit, Callable[[float], str]] = {
        Unit.CURRENCY: language.format.currency,
        Unit.DAYS: lambda days: _relative(days, language),
        Unit.MONTHS: language.format.months,
        Unit.YEARS: language.format.years,
        Unit.COUNT: language.format.decimal,
        Unit.SHARE: language.format.percent,
        Unit.FLAG: lambda flag: language.gettext("yes") if flag else language.gettext("no"),
        Unit.HOUR: lambda hour: language.gettext("{hour}:00").format(hour=language.format.integer(hour)),
    }
    return texts.get(unit, language.format.decimal)(value)


def _relative(days: float, language: Language) -> str:
    if round(days) == 0:
        return language.gettext("on the day of the application")
    if days < 0:
        text = language.gettext("{duration} before the application")
    else:
        text = language.gettext("{duration} after the application")
    return text.format(duration=language.format.duration(days))
