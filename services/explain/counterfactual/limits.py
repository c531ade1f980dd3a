"""What an officer allows a client's features to become."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.features.dictionary import Feature, FeatureDictionary, Kind
from services.common.errors import InvalidInput, Violation


@dataclass(frozen=True, slots=True)
class Limit:
    """Bounds of one actionable feature's new value, inclusive and in its unit; None: the portfolio's range.

    ``fixed``: it stays as it is. ``max_relative_change`` is a share of the client's own value, 0..1; None: any.
    """

    feature: str
    fixed: bool = False
    minimum: float | None = None
    maximum: float | None = None
    max_relative_change: float | None = None


def by_feature(limits: Sequence[Limit], dictionary: FeatureDictionary) -> Mapping[str, Limit]:
    """Checks limits and returns them by the names of their features.

    Raises:
        InvalidInput: names every faulty field, as ``limits[2].feature``.
    """
    seen: set[str] = set()
    violations: list[Violation] = []
    for number, limit in enumerate(limits):
        violations += [Violation(f"limits[{number}].{f}", text) for f, text in _faults(limit, dictionary, seen)]
        seen.add(limit.feature)
    if violations:
        raise InvalidInput(violations)
    return {limit.feature: limit for limit in limits}


def _faults(limit: Limit, dictionary: FeatureDictionary, seen: set[str]) -> Iterator[tuple[str, str]]:
    feature = dictionary.by_name.get(limit.feature)
    fault = _feature_fault(limit.feature, feature)
    if fault is None and limit.feature in seen:
        fault = f"{limit.feature} has a limit already; give one for each feature"
    if fault is not None:
        yield "feature", fault
    if feature is not None and feature.kind is Kind.CATEGORY:
        for name in ("minimum", "maximum", "max_relative_change"):
            if getattr(limit, name) is not None:
                yield name, f"{limit.feature} is a category: it can only be fixed"
    elif limit.minimum is not None and limit.maximum is not None and limit.minimum > limit.maximum:
        yield "minimum", f"must not be above the maximum, {limit.maximum:g}"
    # Written so that NaN fails.
    for name in ("minimum", "maximum"):
        value = getattr(limit, name)
        if value is not None and not abs(value) < float("inf"):
            yield name, "must be finite"
    if limit.max_relative_change is not None and not 0 <= limit.max_relative_change <= 1:
        yield "max_relative_change", "must be between 0 and 1 (10 % is 0.1)"


def _feature_fault(name: str, feature: Feature | None) -> str | None:
    if feature is None:
        return f"{name!r} is not a feature of this model"
    if feature.protected:
        return f"{name} is protected by law: no change of it is ever proposed, so it needs no limit"
    if not feature.actionable:
        return f"{name} is nothing that a customer can change, so it needs no limit"
    return None
