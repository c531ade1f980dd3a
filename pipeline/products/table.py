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
        InvalidInput: the file is not there or not CSV, a column is missing, a value is missing or wrong, an identifier
            comes twice, there is one category only, or one has too few products. Names column and row (the header is
            row 1, a value that spans lines counts as one row).
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
    path = paths[0] if isinstance(paths, list) and paths else ""
    return str(path).split(_LEVELS, maxsplit=1)[0].strip() or None


def specification(text: str) -> str:
    """Keys and values of a specification, as words; empty for none (``nil``)."""
    return " ".join(re.sub(r"\\(.)", r"\1", found) for found in _SPECIFICATION.findall(text))


def _rows(file: Path, reader: "csv.DictReader[str]", faults: list[Violation]) -> tuple[list[Product], bool]:
    csv.field_size_limit(_MOST_CHARACTERS)
    missing = [column for column in REQUIRED if column not in (reader.fieldnames or ())]
    if missing:
        raise InvalidInput([Violation(f"{file}: {column}", "this column is missing") for column in missing])
    products, synthetic, seen = [], True, set[str]()
    for number, row in enumerate(reader, start=2):
        values = {column: (row.get(column) or "").strip() for column in (*REQUIRED, IDENTIFIER, BRAND, SPECIFICATIONS)}
        found = list(_faults_of_row(values, seen))
        faults += [Violation(f"{file}: {column}, row {number}", text) for column, text in found]
        identifier = values[IDENTIFIER] or str(number)
        seen.add(identifier)
        synthetic &= (row.get(SYNTHETIC) or "") == "true"
        if not found:
            products.append(_product(identifier, values))
    return products, synthetic and bool(products)


def _product(identifier: str, values: Mapping[str, str]) -> Product:
    return Product(
        identifier=identifier,
        name=values[NAME],
        description=values[DESCRIPTION],
        brand=values[BRAND],
        specification=specification(values[SPECIFICATIONS]),
        category=main_category(values[CATEGORY]) or "",
    )


def _faults_of_row(values: Mapping[str, str], seen: set[str]) -> Iterator[tuple[str, str]]:
    for column in REQUIRED:
        if not values[column]:
            yield column, "is empty"
    if values[CATEGORY] and main_category(values[CATEGORY]) is None:
        yield CATEGORY, f"has no main category: {values[CATEGORY][:60]!r}"
    if values[IDENTIFIER] in seen:
        yield IDENTIFIER, f"{values[IDENTIFIER]!r} is there twice"


def _faults_of_categories(file: Path, products: Sequence[Product], least: int) -> Iterator[Violation]:
    counts = Counter(product.category for product in products)
    if len(counts) < 2:
        yield Violation(f"{file}: {CATEGORY}", f"needs two main categories or more, has {len(counts)}")
    for category, count in sorted(counts.items()):
        if count < least:
            yield Violation(f"{file}: {CATEGORY}", f"{category!r} has {count} products; {least} are needed")
