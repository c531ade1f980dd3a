"""Which clients of the portfolio are looked at, and whether that makes sense."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.features.dictionary import Feature, FeatureDictionary, Kind
from pipeline.model.manifest import Band, Decision
from services.common.errors import InvalidInput, Violation

MAX_FILTERS = 20
MAX_CATEGORIES = 100
MIN_SIMILAR = 10
MAX_SIMILAR = 10_000
DEFAULT_SIMILAR = 500
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The category is one of these."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """The number lies between the two, inclusive; None is an open side."""

    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """The value is missing, or known."""

    missing: bool


@dataclass(frozen=True, slots=True)
class FeatureFilter:
    """A condition on one feature of the dictionary; a client without a value satisfies neither ``AnyOf`` nor ``Range``.

    A ``condition`` of None stands for a request that names none.
    """

    feature: str
    condition: AnyOf | Range | Missing | None


@dataclass(frozen=True, slots=True)
class Similar:
    """The ``count`` clients whose contributions are nearest to these (log-odds, one a feature of the model)."""

    contributions: tuple[float, ...]
    count: int = DEFAULT_SIMILAR


@dataclass(frozen=True, slots=True)
class Cohort:
    """Clients that satisfy every condition that is given; none given: the whole portfolio.

    ``bands``: any of these, none for all. ``similar`` is applied to those that satisfy the other conditions.
    """

    decision: Decision | None = None
    bands: tuple[Band, ...] = ()
    filters: tuple[FeatureFilter, ...] = ()
    similar: Similar | None = None


def check(cohort: Cohort, dictionary: FeatureDictionary) -> None:
    """Accepts a cohort whose conditions make sense for the features of the dictionary.

    Raises:
        InvalidInput: names every faulty condition, by its path in the request: ``cohort.filters[2].feature``.
    """
    violations = list(_violations(cohort, dictionary))
    if violations:
        raise InvalidInput(violations)


def _violations(cohort: Cohort, dictionary: FeatureDictionary) -> Iterator[Violation]:
    if len(cohort.filters) > MAX_FILTERS:
        yield Violation("cohort.filters", f"must be at most {MAX_FILTERS}")
    for k, item in enumerate(cohort.filters[:MAX_FILTERS]):
        path, feature = f"cohort.filters[{k}]", dictionary.by_name.get(item.feature)
        if feature is None:
            yield Violation(f"{path}.feature", f"there is no feature {item.feature[:_SHOWN]!r}")
        else:
            yield from _condition_violations(path, feature, item.condition)
    if cohort.similar is not None and not MIN_SIMILAR <= cohort.similar.count <= MAX_SIMILAR:
        yield Violation(
            "cohort.similar.count", f"must be {MIN_SIMILAR} to {MAX_SIMILAR}, or 0 for {DEFAULT_SIMILAR} clients"
        )


def _condition_violations(
    path: str, feature: Feature, condition: AnyOf | Range | Missing | None
) -> Iterator[Violation]:
    number = feature.kind is Kind.NUMBER
    match condition:
        case None:
            yield Violation(path, f"has no condition: set {'range' if number else 'any_of'} or missing")
        case AnyOf() if number:
            yield Violation(f"{path}.any_of", f"{feature.name} is a number: set range")
        case AnyOf(values):
            yield from _category_violations(f"{path}.any_of.values", feature, values)
        case Range() if not number:
            yield Violation(f"{path}.range", f"{feature.name} is a category: set any_of")
        case Range(minimum, maximum):
            yield from _range_violations(f"{path}.range", minimum, maximum)


def _category_violations(path: str, feature: Feature, values: tuple[str, ...]) -> Iterator[Violation]:
    if not 1 <= len(values) <= MAX_CATEGORIES:
        yield Violation(path, f"must hold 1 to {MAX_CATEGORIES} categories")
        return
    known = [category.value for category in feature.categories]
    for k, value in enumerate(values):
        if value not in known:
            yield Violation(f"{path}[{k}]", f"must be one of {', '.join(known)}")


def _range_violations(path: str, minimum: float | None, maximum: float | None) -> Iterator[Violation]:
    sides = {"minimum": minimum, "maximum": maximum}
    faulty = [side for side, bound in sides.items() if bound is not None and not math.isfinite(bound)]
    for side in faulty:
        yield Violation(f"{path}.{side}", "must be a finite number; leave it out for an open side")
    if not faulty and minimum is not None and maximum is not None and minimum > maximum:
        yield Violation(path, "is inverted: minimum is above maximum")
