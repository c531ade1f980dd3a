"""The layout of the raw tables, read from ``columns.csv`` and ``categories.csv`` beside this module.

The two files are the one place where a raw column's type, unit, labels and categories are written down.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


class ColumnType(StrEnum):
    """What a raw column holds."""

    IDENTIFIER = "identifier"
    INTEGER = "integer"
    NUMBER = "number"
    CATEGORY = "category"


class Unit(StrEnum):
    """The unit of a column or a feature; days and months are relative to the application (negative: before it)."""

    NONE = "none"
    CURRENCY = "currency"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"
    COUNT = "count"
    SHARE = "share"
    FLAG = "flag"
    HOUR = "hour"
    VARIANCE = "variance"


class Direction(StrEnum):
    """The way in which a customer can move a value; days before the application go down as time passes."""

    UP = "up"
    DOWN = "down"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Category:
    """One category as the data spells it, with its labels."""

    value: str
    label_fr: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a raw table.

    ``past`` marks a date that can only lie before the application: what comes after it would tell the outcome.
    ``direction`` is how a customer can move the value, null where not at all; ``step`` the smallest sensible move, in
    the column's unit, null for a category.
    """

    table: str
    name: str
    type: ColumnType
    unit: Unit
    label_fr: str
    label_en: str
    protected: bool
    editable: bool
    categories: tuple[Category, ...] = ()
    past: bool = False
    direction: Direction | None = None
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A raw table: columns in file order, the columns that identify a row, the one that points to its parent."""

    name: str
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    parent_key: str | None


# A row of a history is identified by these; bureau_balance hangs on bureau, the others on the client.
_KEYS: dict[str, tuple[tuple[str, ...], str | None]] = {
    "application": (("SK_ID_CURR",), None),
    "bureau": (("SK_ID_BUREAU",), "SK_ID_CURR"),
    "bureau_balance": (("SK_ID_BUREAU", "MONTHS_BALANCE"), "SK_ID_BUREAU"),
    "previous_application": (("SK_ID_PREV",), "SK_ID_CURR"),
    "POS_CASH_balance": (("SK_ID_PREV", "MONTHS_BALANCE"), "SK_ID_CURR"),
    # A late instalment may be paid in several parts: the table has no key.
    "installments_payments": ((), "SK_ID_CURR"),
    "credit_card_balance": (("SK_ID_PREV", "MONTHS_BALANCE"), "SK_ID_CURR"),
}


@cache
def layout() -> Mapping[str, Table]:
    """Returns the tables by name; ``application`` stands for ``application_train`` and ``application_test``."""
    categories: dict[tuple[str, str], list[Category]] = {}
    for row in _rows("categories.csv"):
        found = categories.setdefault((row["table"], row["column"]), [])
        found.append(Category(row["value"], row["label_fr"], row["label_en"]))
    columns: dict[str, dict[str, Column]] = {name: {} for name in _KEYS}
    for row in _rows("columns.csv"):
        columns[row["table"]][row["column"]] = Column(
            table=row["table"],
            name=row["column"],
            type=ColumnType(row["type"]),
            unit=Unit(row["unit"]),
            label_fr=row["label_fr"],
            label_en=row["label_en"],
            protected=row["protected"] == "yes",
            editable=row["editable"] == "yes",
            categories=tuple(categories.get((row["table"], row["column"]), ())),
            past=row["past"] == "yes",
            direction=Direction(row["direction"]) if row["direction"] else None,
            step=float(row["step"]) if row["step"] else None,
        )
    return {name: Table(name, columns[name], key, parent) for name, (key, parent) in _KEYS.items()}


def _rows(file: str) -> list[dict[str, str]]:
    with (_HERE / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
