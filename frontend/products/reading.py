"""Reads products that were pasted, one a line, or uploaded as CSV; every fault names file, row and column.

A file is read here and not by a service: what is wrong with it is said in the officer's language before anything is
asked for.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from frontend.language import Language
from services.common.errors import InvalidInput, Violation

MAX_BYTES = 5 * 1024 * 1024
MAX_PRODUCTS = 5_000
# The columns that are read, in any case; of each kind the first that is there.
NAMES = ("product_name", "name", "nom")
DESCRIPTIONS = ("description", "text", "texte")
_SHOWN = 40
_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class ProductText:
    """A product: the line or row that it stands in (the header is row 1), and its text."""

    row: int
    text: str


def read_lines(text: str, language: Language) -> Sequence[ProductText]:
    """The products of a pasted text; empty lines are skipped.

    Raises:
        InvalidInput: there are none, or too many.
    """
    lines = enumerate(text.splitlines(), start=1)
    found = [ProductText(number, line.strip()) for number, line in lines if line.strip()]
    _ = language.gettext
    where = _("Products")
    if not found:
        raise InvalidInput([Violation(where, _("paste at least one product"))])
    if len(found) > MAX_PRODUCTS:
        raise InvalidInput([Violation(where, _too_many(language))])
    return found


def read_file(name: str, content: bytes, language: Language) -> Sequence[ProductText]:
    """The products of a CSV file with a header: a name, a description, or both; comma, semicolon or tab between.

    Raises:
        InvalidInput: too large, not text, not CSV, no such column, an empty product, or too many of them; every fault
            is named, in the officer's language.
    """
    return _File(PurePath(name).name[:_SHOWN] or "?", language).products(content)


class _File:
    def __init__(self, name: str, language: Language) -> None:
        self._name = name
        self._language = language

    def products(self, content: bytes) -> Sequence[ProductText]:
        rows = self._rows(self._text(content))
        columns = self._columns(rows[0][1])
        faults: list[Violation] = []
        found = []
        for number, row in rows[1:]:
            if len(row) != len(rows[0][1]):
                text = self._language.gettext("has {found} values for {wanted} columns")
                faults.append(self._violation(text.format(found=len(row), wanted=len(rows[0][1])), number))
                continue
            values = [row[position].strip() for position in columns.values()]
            if not any(values):
                faults.append(self._violation(self._language.gettext("is empty"), number, ", ".join(columns)))
            found.append(ProductText(number, ". ".join(value for value in values if value)))
        if faults:
            raise InvalidInput(list(self._first(faults)))
        return found

    def _text(self, content: bytes) -> str:
        _ = self._language.gettext
        if len(content) > MAX_BYTES:
            raise self._refusal(_("is larger than {size} MB").format(size=MAX_BYTES // 2**20))
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            row = content[: error.start].count(b"\n") + 1
            raise self._refusal(_("is not UTF-8 text; save it with this encoding"), row) from error
        if not text.strip():
            raise self._refusal(_("is empty"))
        return text

    def _rows(self, text: str) -> list[tuple[int, list[str]]]:
        _ = self._language.gettext
        first = text.lstrip("\r\n").splitlines()[0]
        delimiter = max(",;\t", key=first.count)
        # A description may be as long as the file.
        csv.field_size_limit(MAX_BYTES)
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise self._refusal(_("cannot be read as CSV: a quotation mark is not closed")) from error
        filled = [(number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]
        if len(filled) < 2:
            raise self._refusal(_("has a header and no products below it"))
        if len(filled) > MAX_PRODUCTS + 1:
            raise self._refusal(_too_many(self._language))
        return filled

    def _columns(self, header: Sequence[str]) -> dict[str, int]:
        """Positions of the columns that are read, by their name in the file."""
        places = {cell.strip().lower(): position for position, cell in reversed(list(enumerate(header)))}
        kinds = (next((name for name in kind if name in places), None) for kind in (NAMES, DESCRIPTIONS))
        found = {header[places[name]].strip(): places[name] for name in kinds if name is not None}
        if not found:
            text = self._language.gettext("has none of the columns {wanted}; it has: {found}")
            wanted = ", ".join((*NAMES, *DESCRIPTIONS))
            given = ", ".join(cell.strip()[:_SHOWN] for cell in header[:_MOST_FAULTS])
            raise self._refusal(text.format(wanted=wanted, found=given), 1)
        return found

    def _first(self, faults: Sequence[Violation]) -> Iterator[Violation]:
        yield from faults[:_MOST_FAULTS]
        more = len(faults) - _MOST_FAULTS
        if more > 0:
            ngettext = self._language.ngettext
            text = ngettext("and {count} more faulty row", "and {count} more faulty rows", more).format(count=more)
            yield Violation(self._name, text)

    def _refusal(self, description: str, row: int | None = None) -> InvalidInput:
        return InvalidInput([self._violation(description, row)])

    def _violation(self, description: str, row: int | None = None, column: str = "") -> Violation:
        where = [self._name]
        if row is not None:
            where.append(self._language.gettext("row {number}").format(number=row))
        if column:
            where.append(column)
        return Violation(", ".join(where), description)


def _too_many(language: Language) -> str:
    most = language.format.integer(MAX_PRODUCTS)
    return language.gettext("more than {most} products; split them").format(most=most)
