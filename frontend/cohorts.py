"""Cohorts as the links of the analysis pages hold them, and how one is narrowed."""

import math
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from frontend.analysis.axis import Span
from frontend.analysis.plane import Side
from frontend.clients.explanations import Cohort, FeatureFilter
from frontend.clients.types import Band, Decision, FeatureDictionary
from frontend.components.fieldset import read_number

# Conditions on features that a link holds: two that are typed, and the two sides of a part of a map.
FILTERS = 4
# Between categories of one condition; none of the data has it.
OR = "|"
_E = TypeVar("_E", bound=StrEnum)


def read_cohort(parameters: Mapping[str, str]) -> Cohort:
    """Reads the parameters of a link; what cannot be read is as if it were not there."""
    filters = (read_filter(parameters.get(_filter(k), "")) for k in range(FILTERS))
    return Cohort(
        among(Decision, parameters.get("decision", "")),
        among(Band, parameters.get("band", "")),
        tuple(one for one in filters if one),
    )


def write_cohort(cohort: Cohort) -> dict[str, str]:
    """The parameters of a link; empty where there is no condition."""
    filters = [write_filter(one) for one in cohort.filters] + [""] * FILTERS
    return {
        "decision": cohort.decision.value if cohort.decision else "",
        "band": cohort.band.value if cohort.band else "",
        **{_filter(k): filters[k] for k in range(FILTERS)},
    }


def write_filter(condition: FeatureFilter) -> str:
    """``DAYS_BIRTH:-12000:-9000``, ``AMT_CREDIT::500000`` or ``NAME_CONTRACT_TYPE=Cash loans|Revolving loans``."""
    if condition.categories:
        return f"{condition.feature}={OR.join(condition.categories)}"
    ends = ("" if end is None else write_number(end) for end in (condition.minimum, condition.maximum))
    return ":".join((condition.feature, *ends))


def read_filter(text: str) -> FeatureFilter | None:
    """The condition of such a text; None when it is none."""
    name, equals, categories = text.partition("=")
    if equals:
        chosen = tuple(one for one in categories.split(OR) if one)
        return FeatureFilter(name, categories=chosen) if name and chosen else None
    parts = text.split(":")
    if len(parts) != 3 or not parts[0]:
        return None
    return FeatureFilter(parts[0], read_number(parts[1]), read_number(parts[2]))


def write_number(number: float) -> str:
    """The shortest text that reads as exactly this number."""
    return repr(float(number)).removesuffix(".0")


def usable(cohort: Cohort, dictionary: FeatureDictionary) -> Cohort:
    """The cohort without conditions that no client could be asked: on unknown features, or of another kind."""

    def holds(condition: FeatureFilter) -> bool:
        feature = dictionary.features.get(condition.feature)
        if feature is None:
            return False
        ends = condition.minimum is not None or condition.maximum is not None
        return not ends and set(condition.categories) <= set(feature.categories) if feature.categories else (
            not condition.categories
        )  # fmt: skip

    return replace(cohort, filters=tuple(one for one in cohort.filters if holds(one)))


def without(cohort: Cohort, key: str) -> Cohort:
    """The cohort without one condition: ``decision``, ``band``, or the position of a filter (``0``)."""
    if key == "decision":
        return replace(cohort, decision=None)
    if key == "band":
        return replace(cohort, band=None)
    return replace(cohort, filters=tuple(one for k, one in enumerate(cohort.filters) if str(k) != key))


def narrowed(cohort: Cohort, condition: FeatureFilter) -> Cohort | None:
    """The clients of a cohort that also satisfy a condition; None when a link cannot hold so many conditions."""
    own = next((one for one in cohort.filters if one.feature == condition.feature), None)
    if own is None:
        filters = (*cohort.filters, condition)
        return replace(cohort, filters=filters) if len(filters) <= FILTERS else None
    both = _both(own, condition)
    return replace(cohort, filters=tuple(both if one is own else one for one in cohort.filters))


def part_of_axis(feature: str, side: Side, span: Span, factor: float) -> FeatureFilter:
    """The condition that holds the values in a part of an axis; ``factor`` takes the feature's unit to the axis's."""
    if side.categories:
        first, last = max(math.ceil(span.lower), 0), math.floor(span.upper)
        return FeatureFilter(feature, categories=side.categories[first : last + 1])
    # A span of whole numbers ends between two of them.
    half = side.step / 2
    ends = sorted(((span.lower + half) / factor, (span.upper - half) / factor))
    return FeatureFilter(feature, ends[0], ends[1])


def among(kind: type[_E], text: str) -> _E | None:
    """The member of an enumeration that a text spells; None when there is none."""
    try:
        return kind(text)
    except ValueError:
        return None


def _filter(k: int) -> str:
    return f"filter{k + 1}"


def _both(one: FeatureFilter, other: FeatureFilter) -> FeatureFilter:
    if one.categories and other.categories:
        return replace(one, categories=tuple(name for name in one.categories if name in other.categories))
    lows = [end for end in (one.minimum, other.minimum) if end is not None]
    highs = [end for end in (one.maximum, other.maximum) if end is not None]
    return FeatureFilter(
        other.feature, max(lows, default=None), min(highs, default=None), other.categories or one.categories
    )
