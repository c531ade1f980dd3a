"""The fields of a step of the application form: label, unit, usual range, and what is wrong with a value."""

from collections.abc import Mapping, Sequence

from frontend.application.form import REQUIRED, Fault
from frontend.clients.types import Feature, Unit, Value
from frontend.components.feature_search import label_of
from frontend.components.fieldset import Field
from frontend.components.values import options_of
from frontend.editing import edit_text, edit_unit, far_outside, value_as_text
from frontend.language import Language


def fields(
    features: Sequence[Feature],
    values: Mapping[str, Value],
    faults: Mapping[str, Fault],
    insisted: Sequence[str],
    language: Language,
) -> list[Field]:
    """The fields of some features; those of ``insisted`` ones say that they must not be empty."""
    return [_field(one, values.get(one.name), faults.get(one.name), one.name in insisted, language) for one in features]


def fault_text(fault: Fault, feature: Feature, language: Language) -> str:
    """What is wrong with a value, in the unit in which it is typed."""
    _ = language.gettext
    if fault.unreadable:
        return _("This is not a number.")
    unit = edit_unit(feature, language)
    limit = fault.minimum if fault.minimum is not None else fault.maximum
    # A negative factor turns the order round: the latest birthday is the lowest age.
    lowest = (fault.minimum is not None) == (unit.factor > 0)
    text = _("Not possible: at least {limit}.") if lowest else _("Not possible: at most {limit}.")
    return text.format(limit=f"{edit_text(limit, feature, language)} {unit.suffix}".rstrip())


def _field(feature: Feature, value: Value, fault: Fault | None, insisted: bool, language: Language) -> Field:
    _ = language.gettext
    required = feature.name in REQUIRED
    error = ""
    if fault is not None:
        error = fault_text(fault, feature, language)
    elif insisted:
        error = _("Required: there is no score without it.")
    options = options_of(feature, language)
    marks = [_("required")] if required else []
    if feature.protected:
        marks.append(_("protected by law"))
    return Field(
        feature.name,
        label_of(feature, language),
        fault.unreadable if fault and fault.unreadable else value_as_text(value, feature, language),
        options,
        unit="" if options else edit_unit(feature, language).suffix,
        error=error,
        hint=_hint(feature, value, language),
        mark=f"({', '.join(marks)})" if marks else "",
        required=required,
    )


def _rounded(number: float, language: Language) -> str:
    """A number as an indication of size: without decimals where these say nothing."""
    return language.format.integer(number) if abs(number) >= 100 else language.format.decimal(number)


def _hint(feature: Feature, value: Value, language: Language) -> str:
    _ = language.gettext
    if feature.minimum is None or feature.maximum is None or feature.unit is Unit.FLAG:
        return ""
    unit = edit_unit(feature, language)
    low, high = sorted((feature.minimum / unit.factor, feature.maximum / unit.factor))
    lower, upper = (_rounded(end, language) for end in (low, high))
    seen = _("seen: {lower} to {upper}").format(lower=lower, upper=f"{upper} {unit.suffix}".rstrip())
    if far_outside(value, feature):
        return _("Far from what the model has seen ({seen}): its answer is uncertain here.").format(seen=seen)
    return seen
