"""Reads a products file: every fault named by file, column and row, or clean typed products."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.hashing import sha256
from services.common.errors import InvalidInput, Violation

IDENTIFIER, NAME, DESCRIPTION = "uniq_id", "product_name", "description"
CATEGORY, BRAND, SPECIFICATIONS = "product_category_tree", "brand", "product_specifications"
SYNTHETIC = "synthetic"
REQUIRED = (NAME, DESCRIPTION, CATEGORY)

_LEVELS = ">>"
# A specification comes as a Ruby hash: {"product_specification"=>[{"key"=>"Type", "value"=>"Eyelet"}, …]}.
_SPECIFICATION = re.compile(r'"(?:key|value)"=>"((?:[^"\\]|\\.)*)"')
# What programs write for a value that is missing.
_MISSING = frozenset({"", "nan", "nil", "none", "null"})
# So many faults are named; the rest is counted.
_MOST_FAULTS = 20
# Descriptions of some shops are longer than what the csv module takes by default (128 KiB is plenty).
_MOST_CHARACTERS = 1 << 20


@dataclass(frozen=True, slots=True)
class Product:
    """One product; ``brand`` and ``specification`` (keys and values in words) are empty where the file has none."""

    identifier: str
    name: str
    description: str
    brand: str
    specification: str
    category: str


@dataclass(frozen=True, slots=True)
class Products:
    """The rows of a products file, in its order."""

    rows: Sequence[Product]
    # SHA-256 of the file.
    sha256: str
    # Demonstration data, written by ``clairscore generate-products``.
    synthetic: bool

    @property
    def categories(self) -> tuple[str, ...]:
        """The main categories in alphabetical order."""
        return tuple(sorted({row.category for row in self.rows}))


def read(file: Path, *, least: int = 2) -> Products:
    """Reads a CSV file (UTF-8, with a header) of labelled products.

    Columns: ``product_name``, ``description`` and ``product_category_tree`` are required; ``uniq_id`` (else the number
    of the row), ``brand`` and ``product_specifications`` are read where they are there; others are ignored. The main
    category is the first level of ``product_category_tree``: ``Computers`` of ``["Computers >> Mice"]``.

    Args:
        file: the products file.
        least: products that every main category must have.

    Raises:
        InvalidInput: the file is not there, empty or not CSV, a column is missing, a value is missing or wrong, an
            identifier or a product comes twice, there is one category only, or one has too few products. Names column
            and row (the header is row 1, a value that spans lines counts as one row).
    """
    faults: list[Violation] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            products, synthetic = _rows(file, csv.DictReader(stream, strict=True), faults)
    except OSError as error:
        raise InvalidInput([Violation(str(file), f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise InvalidInput([Violation(str(file), "is not UTF-8 text; save it as CSV UTF-8")]) from error
    except csv.Error as error:
        raise InvalidInput([Violation(str(file), f"is not a CSV file: {error}")]) from error
    faults += _faults_of_categories(file, products, least) if not faults else []
    if faults:
        more = len(faults) - _MOST_FAULTS
        rest = [Violation(str(file), f"has {more} more faults of this kind")] if more > 0 else []
        raise InvalidInput([*faults[:_MOST_FAULTS], *rest])
    return Products(products, sha256(file), synthetic)


def main_category(tree: str) -> str | None:
    """The first level of a category tree, as a JSON list of paths or as one path; None where there is none."""
    try:
        paths = json.loads(tree)
    except json.JSONDecodeError:
        paths = [tree]
    path = paths[0] if isinstance(paths, list) and paths else None
    return _value(path.split(_LEVELS, maxsplit=1)[0]) or None if isinstance(path, str) else None


def specification(text: str) -> str:
    """Keys and values of a specification, as words; empty for none (``nil``)."""
    return " ".join(re.sub(r"\\(.)", r"\1", found) for found in _SPECIFICATION.findall(text))


def _rows(file: Path, reader: "csv.DictReader[str]", faults: list[Violation]) -> tuple[list[Product], bool]:
    csv.field_size_limit(_MOST_CHARACTERS)
    if not reader.fieldnames:
        raise InvalidInput([Violation(str(file), "is empty")])
    missing = [column for column in REQUIRED if column not in reader.fieldnames]
    if missing:
        raise InvalidInput([Violation(f"{file}: {column}", "this column is missing") for column in missing])
    products, synthetic = [], True
    identifiers, texts = dict[str, int](), dict[tuple[str, str], int]()
    for number, row in enumerate(reader, start=2):
        values = {column: _value(row.get(column)) for column in (*REQUIRED, IDENTIFIER, BRAND, SPECIFICATIONS)}
        values[IDENTIFIER] = values[IDENTIFIER] or str(number)
        found = list(_faults_of_row(values))
        if None in row:
            found.append(("", f"has more values than the header has columns ({len(reader.fieldnames)})"))
        first = identifiers.setdefault(values[IDENTIFIER], number)
        if first != number:
            found.append((IDENTIFIER, f"{values[IDENTIFIER]!r} is in row {first} already"))
        # Its copy among the training products would tell a classifier the answer.
        first = texts.setdefault((values[NAME], values[DESCRIPTION]), number)
        if first != number and not found:
            found.append((DESCRIPTION, f"is that of row {first}, and so is the name: the same product twice"))
        faults += [Violation(f"{file}: {column}{', ' if column else ''}row {number}", text) for column, text in found]
        synthetic &= (row.get(SYNTHETIC) or "") == "true"
        if not found:
            products.append(_product(values))
    if not products and not faults:
        raise InvalidInput([Violation(str(file), "has a header and no products below it")])
    return products, synthetic


def _value(text: str | None) -> str:
    """A value without what surrounds it; empty where it is missing."""
    stripped = (text or "").strip()
    return "" if stripped.lower() in _MISSING else stripped


def _product(values: Mapping[str, str]) -> Product:
    return Product(
        identifier=values[IDENTIFIER],
        name=values[NAME],
        description=values[DESCRIPTION],
        brand=values[BRAND],
        specification=specification(values[SPECIFICATIONS]),
        category=main_category(values[CATEGORY]) or "",
    )


def _faults_of_row(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in REQUIRED:
        if not values[column]:
            yield column, "is missing"
    if values[CATEGORY] and main_category(values[CATEGORY]) is None:
        yield CATEGORY, f"has no main category: {values[CATEGORY][:60]!r}"


def _faults_of_categories(file: Path, products: Sequence[Product], least: int) -> Iterator[Violation]:
    counts = Counter(product.category for product in products)
    if len(counts) < 2:
        yield Violation(f"{file}: {CATEGORY}", f"needs two main categories or more, has {len(counts)}")
    for category, count in sorted(counts.items()):
        if count < least:
            yield Violation(f"{file}: {CATEGORY}", f"{category!r} has {count} products; {least} are needed")
