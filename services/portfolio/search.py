"""What a search asks for, and whether it makes sense."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from services.common.errors import InvalidInput, Violation
from services.portfolio.attributes import ATTRIBUTES, Attribute, AttributeKind

MAX_PAGE_SIZE = 1000
DEFAULT_PAGE_SIZE = 20
# Far above what a person asks for, far below the databases' limits on bound parameters.
MAX_FILTERS = 50
MAX_CATEGORIES = 100


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The attribute is one of these categories."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """The attribute lies between the two, inclusive; None is an open side."""

    minimum: float | None
    maximum: float | None


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on one attribute; a client without a value never satisfies it."""

    attribute: str
    condition: AnyOf | Range | None


@dataclass(frozen=True, slots=True)
class Query:
    """Which clients: the first digits of their identifier, and every filter satisfied."""

    id_prefix: str = ""
    filters: tuple[Filter, ...] = ()

    def violations(self) -> Iterator[Violation]:
        """Yields what is wrong, named by the path of the request's field."""
        if self.id_prefix and not (self.id_prefix.isascii() and self.id_prefix.isdigit()):
            yield Violation("id_prefix", "must hold digits only, or be empty for all clients")
        if len(self.filters) > MAX_FILTERS:
            yield Violation("filters", f"must be at most {MAX_FILTERS}")
            return
        for index, item in enumerate(self.filters):
            yield from _filter_violations(f"filters[{index}]", item)


def check(query: Query, page_size: int) -> int:
    """Returns the number of clients on a page; ``page_size`` 0 asks for the default.

    Raises:
        InvalidInput: query or page size are wrong; names every faulty field.
    """
    violations = list(query.violations())
    if not 0 <= page_size <= MAX_PAGE_SIZE:
        description = f"must be between 1 and {MAX_PAGE_SIZE}, or 0 for {DEFAULT_PAGE_SIZE}"
        violations.append(Violation("page_size", description))
    if violations:
        raise InvalidInput(violations)
    return page_size or DEFAULT_PAGE_SIZE


def id_ranges(prefix: str, lowest: int, highest: int) -> list[tuple[int, int]]:
    """Returns the ranges (inclusive, rising) of the numbers in ``lowest..highest`` that begin with these digits.

    A prefix of a number is one range for each number of digits: 20 is 20..20, 200..209, 2000..2099, …
    So the primary key's index answers, in any database, where a search in the number's text would read every row.
    """
    if not prefix:
        return [(lowest, highest)]
    if prefix.startswith("0") or len(prefix) > len(str(highest)):
        return []
    ranges = []
    first = last = int(prefix)
    while first <= highest:
        if last >= lowest:
            ranges.append((max(first, lowest), min(last, highest)))
        first, last = first * 10, last * 10 + 9
    return ranges


def _filter_violations(path: str, item: Filter) -> Iterator[Violation]:
    attribute = ATTRIBUTES.get(item.attribute)
    if attribute is None:
        yield Violation(f"{path}.attribute", f"must be one of {', '.join(ATTRIBUTES)}")
        return
    match item.condition:
        case None:
            wanted = "range" if attribute.kind is AttributeKind.NUMBER else "any_of"
            yield Violation(path, f"has no condition: set {wanted}")
        case AnyOf(values):
            yield from _category_violations(f"{path}.any_of", attribute, values)
        case Range(minimum, maximum):
            yield from _range_violations(f"{path}.range", attribute, minimum, maximum)


def _category_violations(path: str, attribute: Attribute, values: tuple[str, ...]) -> Iterator[Violation]:
    if attribute.kind is not AttributeKind.CATEGORY:
        yield Violation(path, f"{attribute.name} is a number: set range")
        return
    if not 1 <= len(values) <= MAX_CATEGORIES:
        yield Violation(f"{path}.values", f"must hold 1 to {MAX_CATEGORIES} categories")
        return
    for index, value in enumerate(values):
        if attribute.choices and value not in attribute.choices:
            yield Violation(f"{path}.values[{index}]", f"must be one of {', '.join(attribute.choices)}")
        elif "\0" in value:
            yield Violation(f"{path}.values[{index}]", "must not hold a null character")


def _range_violations(
    path: str, attribute: Attribute, minimum: float | None, maximum: float | None
) -> Iterator[Violation]:
    if attribute.kind is not AttributeKind.NUMBER:
        yield Violation(path, f"{attribute.name} is a category: set any_of")
        return
    sides = {"minimum": minimum, "maximum": maximum}
    faulty = [side for side, bound in sides.items() if bound is not None and not math.isfinite(bound)]
    for side in faulty:
        yield Violation(f"{path}.{side}", "must be a finite number; leave it out for an open side")
    if not faulty and minimum is not None and maximum is not None and minimum > maximum:
        yield Violation(path, "is inverted: minimum is above maximum")
