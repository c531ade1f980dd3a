"""Reads one person from a CSV or JSON file, in the units of the data; every fault names file, row and field.

The file is read here and not by a service: it fills the form, where the officer looks at every value before anything
is scored or stored, and what is wrong with it is said in the officer's language.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from frontend.application.form import base_features
from frontend.clients.types import Feature, FeatureDictionary, Role, Unit, Value
from frontend.language import Language
from pipeline.tables.placeholders import NO_DAY, PLACEHOLDERS
from services.common.errors import InvalidInput, Violation

MAX_BYTES = 256 * 1024
_SUFFIXES = (".csv", ".json")
# The outcome is what is to be predicted, and an identifier says nothing of a person: neither is ever a feature.
_NEVER = frozenset({"TARGET", "SK_ID_CURR"})
_NAME, _VALUE = "name", "value"
# Columns of the template that explain a row.
_REMARKS = frozenset({"unit", "label", "categories"})
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_MISSING = frozenset({"", "nan", "null", "none", "na"})
_FLAGS = {"true": 1.0, "false": 0.0}
_SHOWN = 40
_CATEGORIES = 8


@dataclass(frozen=True, slots=True)
class ClientFile:
    """What a file says of a person.

    ``values`` are known ones only. ``left_out`` names columns that are no information about a person (outcome,
    identifier, derived features), ``placeholders`` those whose value stands for "not known".
    """

    name: str
    values: Mapping[str, Value]
    left_out: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Cell:
    """A value as the file has it, and where: a column and, in a CSV file, a row (counted from 1)."""

    field: str
    content: object
    row: int | None = None


def read_file(name: str, content: bytes, dictionary: FeatureDictionary, language: Language) -> ClientFile:
    """Reads a file: CSV with a header and one row, or with the columns ``name,value``; or JSON with one object.

    Raises:
        InvalidInput: too large, not text, not of this form, several persons, unknown fields, or values of a wrong
            type; every fault is named, in the officer's language.
    """
    name = PurePath(name).name[:_SHOWN] or "?"
    reader = _Reader(name, dictionary, language)
    suffix = PurePath(name.lower()).suffix
    _ = language.gettext
    if suffix not in _SUFFIXES:
        raise reader.refusal(_("must be a CSV or a JSON file"))
    if len(content) > MAX_BYTES:
        raise reader.refusal(_("is larger than {size} kB").format(size=MAX_BYTES // 1024))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise reader.refusal(_("is not UTF-8 text; save it with this encoding"), row) from error
    if not text.strip():
        raise reader.refusal(_("is empty"))
    return reader.take(reader.from_csv(text) if suffix == ".csv" else reader.from_json(text))


class _Reader:
    def __init__(self, name: str, dictionary: FeatureDictionary, language: Language) -> None:
        self._name = name
        self._features = base_features(dictionary)
        self._derived = {one.name for one in dictionary.features.values() if one.role is Role.DERIVED}
        self._language = language

    def refusal(self, description: str, row: int | None = None, field: str = "") -> InvalidInput:
        return InvalidInput([self._violation(description, row, field)])

    def from_csv(self, text: str) -> list[_Cell]:
        _ = self._language.gettext
        first = text.lstrip("\n").splitlines()[0]
        delimiter = max(",;\t", key=first.count)
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise self.refusal(_("cannot be read as CSV: a quotation mark is not closed")) from error
        filled = [(number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]
        header = [cell.strip() for cell in filled[0][1]]
        decimal_comma = delimiter == ";"
        names = [cell.lower() for cell in header]
        if names[:2] == [_NAME, _VALUE] and set(names[2:]) <= _REMARKS:
            return self._pairs(filled[1:], decimal_comma=decimal_comma)
        if len(filled) != 2:
            count = len(filled) - 1
            text = _("must hold one person: one row below the header, not {count}").format(count=count)
            raise self.refusal(text, filled[2][0] if count > 1 else None)
        number, row = filled[1]
        if len(row) != len(header):
            text = _("has {found} values for {wanted} columns").format(found=len(row), wanted=len(header))
            raise self.refusal(text, number)
        return [
            _Cell(field, _point(cell, decimal_comma=decimal_comma), number)
            for field, cell in zip(header, row, strict=True)
        ]

    def _pairs(self, rows: list[tuple[int, list[str]]], *, decimal_comma: bool) -> list[_Cell]:
        cells = []
        for number, row in rows:
            if len(row) < 2:
                raise self.refusal(self._language.gettext("has a name without a value column"), number)
            cells.append(_Cell(row[0].strip(), _point(row[1], decimal_comma=decimal_comma), number))
        return cells

    def from_json(self, text: str) -> list[_Cell]:
        _ = self._language.gettext
        try:
            found = json.loads(text, object_pairs_hook=_Pairs)
        except (json.JSONDecodeError, RecursionError) as error:
            row = getattr(error, "lineno", None)
            raise self.refusal(_("cannot be read as JSON"), row) from error
        if isinstance(found, list) and not isinstance(found, _Pairs):
            if len(found) != 1:
                raise self.refusal(_("must hold one person, not {count}").format(count=len(found)))
            found = found[0]
        if not isinstance(found, _Pairs):
            raise self.refusal(_("must hold one object with the values by name"))
        return [_Cell(str(field), content) for field, content in found]

    def take(self, cells: list[_Cell]) -> ClientFile:
        """What the cells say; every fault of all of them at once."""
        violations = list(self._field_faults(cells))
        values: dict[str, Value] = {}
        placeholders = []
        for cell in cells:
            feature = self._features.get(cell.field)
            if feature is None:
                continue
            try:
                value = _value(cell.content, feature)
            except ValueError:
                violations.append(self._violation(self._type_fault(cell.content, feature), cell.row, cell.field))
                continue
            if value is not None and _stands_for_nothing(value, feature):
                placeholders.append(cell.field)
            elif value is not None:
                values[cell.field] = value
        if violations:
            raise InvalidInput(violations)
        left_out = (cell.field for cell in cells if cell.field in _NEVER | self._derived)
        return ClientFile(self._name, values, tuple(left_out), tuple(placeholders))

    def _field_faults(self, cells: list[_Cell]) -> Iterator[Violation]:
        _ = self._language.gettext
        seen: set[str] = set()
        for cell in cells:
            if cell.field in seen:
                yield self._violation(_("is given twice"), cell.row, cell.field)
            elif cell.field not in self._features and cell.field not in _NEVER | self._derived:
                yield self._violation(_("is not a known field; compare it with the template"), cell.row, cell.field)
            seen.add(cell.field)

    def _type_fault(self, content: object, feature: Feature) -> str:
        _ = self._language.gettext
        shown = str(content)[:_SHOWN]
        if feature.categories:
            known = [*list(feature.categories)[:_CATEGORIES], *(["…"] if len(feature.categories) > _CATEGORIES else [])]
            return _("“{text}” is not one of its categories: {known}").format(text=shown, known=", ".join(known))
        return _("“{text}” is not a number").format(text=shown)

    def _violation(self, description: str, row: int | None, field: str) -> Violation:
        _ = self._language.gettext
        where = [self._name]
        if row is not None:
            where.append(_("row {number}").format(number=row))
        if field:
            where.append(field[:_SHOWN])
        return Violation(", ".join(where), description)


class _Pairs(list[tuple[str, object]]):
    """A JSON object with its names in order, those that come twice included."""


def _point(cell: str, *, decimal_comma: bool) -> str:
    """A cell with a decimal point; where semicolons part the columns, spreadsheets write a decimal comma."""
    text = cell.strip()
    return text.replace(",", ".") if decimal_comma and re.fullmatch(r"[+-]?\d+,\d+", text) else text


def _value(content: object, feature: Feature) -> Value:
    """The value that a cell means, None for nothing. Raises ValueError when its type is wrong."""
    if isinstance(content, str):
        return _meaning(content.strip(), feature)
    if content is None or content != content:  # noqa: PLR0124 (only NaN differs from itself)
        return None
    if isinstance(content, bool) and feature.unit is Unit.FLAG:
        return float(content)
    if feature.categories or isinstance(content, bool) or not isinstance(content, int | float):
        raise ValueError(content)
    return _finite(content)


def _meaning(text: str, feature: Feature) -> Value:
    if text in feature.categories:
        return text
    if text.lower() in _MISSING:
        return None
    if not feature.categories:
        return _number(text, feature)
    if text not in PLACEHOLDERS:
        raise ValueError(text)
    return text


def _number(text: str, feature: Feature) -> float:
    if feature.unit is Unit.FLAG and text.lower() in _FLAGS:
        return _FLAGS[text.lower()]
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(text)
    return _finite(float(text))


def _finite(number: float) -> float:
    try:
        value = float(number)
    except OverflowError as error:
        raise ValueError(number) from error
    if value in (float("inf"), float("-inf")):
        raise ValueError(number)
    return value


def _stands_for_nothing(value: Value, feature: Feature) -> bool:
    """Whether the raw layout means "not known" by it, as the pipeline reads an application."""
    if feature.role is not Role.APPLICATION:
        return False
    return value in PLACEHOLDERS if feature.categories else feature.unit is Unit.DAYS and value == NO_DAY
