"""The form that says which clients are looked at: decision, band, and ranges of attributes."""

from collections.abc import Iterable, Mapping

from frontend.charts.plane_axis import scale_of_feature
from frontend.charts.scale import Scale
from frontend.clients.explanations import Cohort, FeatureFilter
from frontend.clients.types import Band, Decision, Feature, FeatureDictionary
from frontend.cohorts import FILTERS, OR
from frontend.components.cohort_words import categories_text
from frontend.components.feature_search import label_of
from frontend.components.fieldset import Field, read_number
from frontend.components.values import value_text
from frontend.components.wording import band_name
from frontend.language import Language

# What a lender asks for first; the features of the page are offered as well.
_ATTRIBUTES = (
    "DAYS_BIRTH",
    "AMT_INCOME_TOTAL",
    "AMT_CREDIT",
    "AMT_ANNUITY",
    "DAYS_EMPLOYED",
    "EXT_SOURCE_MEAN",
    "NAME_CONTRACT_TYPE",
    "NAME_INCOME_TYPE",
    "NAME_EDUCATION_TYPE",
    "NAME_FAMILY_STATUS",
)


def cohort_fields(
    cohort: Cohort, dictionary: FeatureDictionary | None, more: Iterable[str], language: Language
) -> list[Field]:
    """The form's fields; ``more`` are features to be offered besides."""
    _ = language.gettext
    decisions = {"": _("Any"), "accept": _("Accepted clients"), "refuse": _("Refused clients")}
    bands = {"": _("Any")} | {band.value: band_name(band, language) for band in Band}
    fields = [
        Field("decision", _("Decision"), cohort.decision.value if cohort.decision else "", decisions),
        Field("band", _("Risk band"), cohort.band.value if cohort.band else "", bands),
    ]
    if dictionary is None:
        return fields
    used = [condition.feature for condition in cohort.filters]
    names = [name for name in dict.fromkeys((*_ATTRIBUTES, *more, *used)) if name in dictionary.features]
    attributes = {"": _("None")} | {name: label_of(dictionary.features[name], language) for name in names}
    # A place is free once those before it are used: the form does not ask for more than it needs to.
    for k in range(min(FILTERS, len(cohort.filters) + 1)):
        condition = cohort.filters[k] if k < len(cohort.filters) else None
        feature = dictionary.features.get(condition.feature) if condition else None
        label = _("Attribute {number}").format(number=k + 1)
        fields.append(Field(f"attribute{k}", label, feature.name if feature else "", attributes))
        if condition and feature:
            fields += _limits(k, condition, feature, language)
    return fields


def cohort_of(values: Mapping[str, str], shown: Cohort, dictionary: FeatureDictionary, language: Language) -> Cohort:
    """The cohort that the form's values say; a limit that is not a number is no limit.

    ``shown`` is the cohort that the form shows: a limit that was not changed keeps the digits that a form leaves out.
    """
    conditions = (_condition(values, k, shown, dictionary, language) for k in range(FILTERS))
    return Cohort(
        Decision(values["decision"]) if values.get("decision") in set(Decision) else None,
        Band(values["band"]) if values.get("band") in set(Band) else None,
        tuple(one for one in conditions if one),
    )


def _limits(k: int, condition: FeatureFilter, feature: Feature, language: Language) -> list[Field]:
    _ = language.gettext
    if feature.categories:
        names = {"": _("Any")} | {one: value_text(one, feature, language) for one in feature.categories}
        chosen = OR.join(condition.categories)
        if len(condition.categories) > 1:
            names |= {chosen: categories_text(condition.categories, feature, language)}
        return [Field(f"category{k}", _("Value"), chosen, names)]
    scale = scale_of_feature(feature, language)
    low, high = _ends(condition, scale, language)
    wrong = _("Nobody: the end lies before the beginning.") if _is_empty(condition) else ""
    return [
        Field(f"from{k}", _("From"), low, unit=_unit(scale)),
        Field(f"to{k}", _("To"), high, unit=_unit(scale), error=wrong),
    ]


def _ends(condition: FeatureFilter, scale: Scale, language: Language) -> tuple[str, str]:
    """From and to as the form shows them."""
    low, high = (_shown(end, scale, language) for end in (condition.minimum, condition.maximum))
    return (low, high) if scale.factor > 0 else (high, low)


def _condition(
    values: Mapping[str, str], k: int, shown: Cohort, dictionary: FeatureDictionary, language: Language
) -> FeatureFilter | None:
    feature = dictionary.features.get(values.get(f"attribute{k}", ""))
    if feature is None:
        return None
    if feature.categories:
        categories = values.get(f"category{k}", "").split(OR)
        return FeatureFilter(feature.name, categories=tuple(one for one in categories if one in feature.categories))
    scale = scale_of_feature(feature, language)
    before = shown.filters[k] if k < len(shown.filters) and shown.filters[k].feature == feature.name else None
    typed = (values.get(f"from{k}", ""), values.get(f"to{k}", ""))
    known = _ends(before, scale, language) if before else ("", "")
    exact = (before.minimum, before.maximum) if before else (None, None)
    if scale.factor < 0:
        exact = (exact[1], exact[0])
    ends = [exact[side] if typed[side] == known[side] else _raw(typed[side], scale) for side in range(2)]
    if scale.factor < 0:
        ends.reverse()
    return FeatureFilter(feature.name, ends[0], ends[1])


def is_percent(scale: Scale) -> bool:
    """Whether a person writes the values in percent."""
    return scale.ticks.get("style") == "percent"


def _raw(text: str, scale: Scale) -> float | None:
    number = read_number(text)
    return None if number is None else number / scale.factor / (100 if is_percent(scale) else 1)


def _shown(end: float | None, scale: Scale, language: Language) -> str:
    if end is None:
        return ""
    return number_text(scale.position(end), scale, language)


def number_text(place: float, scale: Scale, language: Language) -> str:
    """A place on an axis as one types it."""
    return language.format.decimal(place * (100 if is_percent(scale) else 1))


def _unit(scale: Scale) -> str:
    if is_percent(scale):
        return "%"
    return "€" if scale.ticks.get("style") == "currency" else scale.unit.split(" ", maxsplit=1)[0]


def _is_empty(condition: FeatureFilter) -> bool:
    low, high = condition.minimum, condition.maximum
    return low is not None and high is not None and low > high
