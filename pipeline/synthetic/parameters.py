"""The figures that make the portfolio resemble the public data, as they were measured on it.

``shares.csv``: shares of a column's values, for all rows or for those where ``given`` holds (empty value: missing).
``quantiles.csv``: quantiles of a column or of a ratio, likewise. ``previous_kinds.csv``: shares of contract type,
decision and product of previous applications, and whether an offer was worked out. Amounts are in the public data's
currency, days and months are relative to the application.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import NormalDist

import numpy as np

from pipeline.synthetic.columns import MISSING, Floats, Ints, catalogue, code
from pipeline.tables.layout import ColumnType, layout

_HERE = Path(__file__).parent
# Beyond this, a normal score reads the smallest or largest value that was measured.
_LARGEST_SCORE = 4.0


@dataclass(frozen=True)
class Shares:
    """The values of a column (category codes, or the integers themselves) and their shares, which add up to 1."""

    values: Ints
    shares: Floats


@dataclass(frozen=True)
class Quantiles:
    """A distribution by its quantiles, at normal scores: a standard normal draw reads its value by interpolation."""

    scores: Floats
    values: Floats


@dataclass(frozen=True)
class Kinds:
    """What previous applications there are: category codes of each kind, and its share."""

    contract: Ints
    status: Ints
    product: Ints
    complete: Ints
    share: Floats


@cache
def shares(table: str, column: str) -> Mapping[str, Shares]:
    """The shares of a column by ``given``."""
    known = layout()[table].columns.get(column)
    is_category = known is not None and known.type is ColumnType.CATEGORY
    found: dict[str, list[tuple[int, float]]] = {}
    for row in _rows("shares.csv"):
        if (row["table"], row["column"]) != (table, column):
            continue
        text = row["value"]
        value = MISSING if text == "" else code(table, column, text) if is_category else int(text)
        found.setdefault(row["given"], []).append((value, float(row["share"])))
    if not found:
        raise KeyError(f"shares.csv has no {table}.{column}")
    return {given: _normalised(sorted(pairs)) for given, pairs in found.items()}


@cache
def chance(table: str, column: str, value: str) -> Mapping[str, float]:
    """The share of one value (empty: missing) by ``given``; as it was measured, 0 where it never was."""
    rows = [row for row in _rows("shares.csv") if (row["table"], row["column"]) == (table, column)]
    measured = {row["given"]: 0.0 for row in rows}
    measured |= {row["given"]: float(row["share"]) for row in rows if row["value"] == value}
    return measured


@cache
def quantiles(table: str, column: str) -> Mapping[str, Quantiles]:
    """The quantiles of a column, or of the ratio of that name, by ``given``."""
    found = {}
    for row in _rows("quantiles.csv"):
        if (row["table"], row["column"]) == (table, column):
            points = [(float(name[1:]) / 100, float(value)) for name, value in row.items() if name[1:2].isdecimal()]
            scores = np.array([normal_score(share) for share, _ in points])
            found[row["given"]] = Quantiles(scores, np.array([value for _, value in points]))
    if not found:
        raise KeyError(f"quantiles.csv has no {table}.{column}")
    return found


@cache
def previous_kinds() -> Kinds:
    """The kinds of previous applications."""
    table = "previous_application"
    rows = _rows("previous_kinds.csv")
    products = catalogue(table, "PRODUCT_COMBINATION")
    share = np.array([float(row["share"]) for row in rows])
    return Kinds(
        contract=np.array([code(table, "NAME_CONTRACT_TYPE", row["contract"]) for row in rows]),
        status=np.array([code(table, "NAME_CONTRACT_STATUS", row["status"]) for row in rows]),
        product=np.array([products.index(row["product"]) if row["product"] else MISSING for row in rows]),
        complete=np.array([int(row["complete"] == "yes") for row in rows]),
        share=share / share.sum(),
    )


@cache
def normal_score(share: float) -> float:
    """The standard normal quantile of a share, held within what a draw can reach."""
    if share <= 0 or share >= 1:
        return _LARGEST_SCORE if share >= 1 else -_LARGEST_SCORE
    return min(max(NormalDist().inv_cdf(share), -_LARGEST_SCORE), _LARGEST_SCORE)


def _normalised(pairs: list[tuple[int, float]]) -> Shares:
    weights = np.array([share for _, share in pairs])
    return Shares(np.array([value for value, _ in pairs], dtype=np.int64), weights / weights.sum())


@cache
def _rows(file: str) -> list[dict[str, str]]:
    with (_HERE / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
