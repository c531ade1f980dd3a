"""The features of `clairscore features`, as one would write them in pandas.

Only the list of what to measure comes from the recipe. Files are read with their column types, the columns that no
feature needs are left out, and each statistic is one grouped call for all the columns that have it.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.features.application import TABLE as APPLICATION
from pipeline.features.derived import DERIVED
from pipeline.features.family import Aggregate, Family
from pipeline.features.recipe import FAMILIES
from pipeline.features.store import ID, TARGET
from pipeline.tables.clean import known_categories
from pipeline.tables.layout import Column, ColumnType, Unit, layout
from pipeline.tables.placeholders import NO_DAY, PLACEHOLDERS

Frame = pd.DataFrame


def main() -> None:
    """Reads a raw folder (first argument), writes one Parquet file of one row per client (second argument)."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    clients = _application(folder)
    joined = [clients, *(_family(folder, family) for family in FAMILIES)]
    features = _derive(pd.concat([joined[0], *(made.reindex(clients.index) for made in joined[1:])], axis=1))
    features.sort_index().to_parquet(out, compression="zstd")


def _application(folder: Path) -> Frame:
    columns = list(layout()[APPLICATION].columns)
    files = [
        _read(folder / "application_train.csv", APPLICATION, columns),
        _read(folder / "application_test.csv", APPLICATION, [name for name in columns if name != TARGET]),
    ]
    return pd.concat(files, ignore_index=True).set_index(ID)


def _read(file: Path, table: str, columns: list[str]) -> Frame:
    described = layout()[table].columns
    types = {name: _dtype(described[name]) for name in columns}
    missing = list(PLACEHOLDERS) if table == APPLICATION else None
    frame = pd.read_csv(file, usecols=columns, dtype=types, na_values=missing)
    if table in (APPLICATION, "previous_application"):
        days = [name for name in columns if described[name].unit is Unit.DAYS]
        frame[days] = frame[days].mask(frame[days] == NO_DAY)
    return frame


def _dtype(column: Column) -> str | pd.CategoricalDtype:
    if column.type is ColumnType.CATEGORY:
        return pd.CategoricalDtype(list(known_categories(column)))
    return "int64" if column.type is ColumnType.IDENTIFIER else "float64"


def _family(folder: Path, family: Family) -> Frame:
    frame = _read(folder / f"{family.table}.csv", family.table, _needed(family))
    frame = _COMPUTE[family.table](folder, frame) if family.table in _COMPUTE else frame
    made = []
    for subset in family.subsets:
        rows = frame[_MEMBERS[subset.prefix](frame)] if subset.where else frame
        features = [feature for feature in family.aggregates if feature.subset == subset]
        made.append(_aggregate(rows, features))
    return pd.concat([made[0], *(one.reindex(made[0].index) for one in made[1:])], axis=1).pipe(_zero_counts, family)


def _needed(family: Family) -> list[str]:
    """The columns of the table that some feature is made of."""
    described = layout()[family.table].columns
    sources = {name for feature in family.aggregates for name in feature.sources}
    chosen = [name for name in ("CREDIT_ACTIVE", "NAME_CONTRACT_STATUS") if name in described and name not in sources]
    links = [ID, *([family.nested.key] if family.nested else [])]
    return [name for name in described if name in {*links, *sources, *chosen}]


def _aggregate(rows: Frame, features: list[Aggregate]) -> Frame:
    grouped = rows.groupby(ID, sort=True)
    sizes = grouped.size()
    made: dict[str, pd.Series] = {}
    for aggregation, compute in _STATISTICS.items():
        of_kind = [feature for feature in features if feature.aggregation == aggregation]
        if of_kind:
            columns = list(dict.fromkeys(feature.column.name for feature in of_kind if feature.column))
            result = compute(grouped[columns])
            made |= {feature.name: result[feature.column.name] for feature in of_kind if feature.column}
    for column in {feature.column.name for feature in features if feature.column and feature.aggregation == "SHARE"}:
        counts = rows.groupby([ID, column], observed=False).size().unstack()
        shares = counts.div(sizes, axis=0)
        made |= {f.name: shares[f.category] for f in features if f.column and f.column.name == column and f.category}
    made |= {feature.name: sizes.astype("float64") for feature in features if feature.aggregation == "COUNT"}
    return pd.DataFrame({feature.name: made[feature.name] for feature in features})


def _zero_counts(frame: Frame, family: Family) -> Frame:
    """A client with a history, but no row of a subset, has 0 of them."""
    counts = [feature.name for feature in family.aggregates if feature.aggregation == "COUNT"]
    frame[counts] = frame[counts].fillna(0.0)
    return frame


def _with_months(folder: Path, credits_: Frame) -> Frame:
    months = _read(folder / "bureau_balance.csv", "bureau_balance", list(layout()["bureau_balance"].columns))
    grouped = months.groupby("SK_ID_BUREAU", sort=False)["MONTHS_BALANCE"]
    per_credit = grouped.agg(MONTHS_BALANCE_MIN="min", MONTHS_BALANCE_MAX="max", MONTHS_BALANCE_SIZE="count")
    counts = months.groupby(["SK_ID_BUREAU", "STATUS"], observed=False).size().unstack()
    shares = counts.div(counts.sum(axis=1), axis=0)
    shares.columns = [f"STATUS_{status}_MEAN" for status in shares.columns]
    return credits_.join(per_credit.astype("float64"), on="SK_ID_BUREAU").join(shares, on="SK_ID_BUREAU")


def _with_request_ratio(_: Path, requests: Frame) -> Frame:
    return requests.assign(APP_CREDIT_PERC=_ratio(requests.AMT_APPLICATION, requests.AMT_CREDIT))


def _with_payment_figures(_: Path, payments: Frame) -> Frame:
    late = payments.DAYS_ENTRY_PAYMENT - payments.DAYS_INSTALMENT
    return payments.assign(
        DPD=late.clip(lower=0),
        DBD=(-late).clip(lower=0),
        PAYMENT_PERC=_ratio(payments.AMT_PAYMENT, payments.AMT_INSTALMENT),
        PAYMENT_DIFF=payments.AMT_INSTALMENT - payments.AMT_PAYMENT,
    )


def _ratio(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    return (numerator / denominator).replace([np.inf, -np.inf], np.nan)


def _derive(base: Frame) -> Frame:
    external = ["EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"]
    made = {
        derived.name: _ratio(base[derived.inputs[0]], base[derived.inputs[1]])
        for derived in DERIVED
        if len(derived.inputs) == 2
    }
    made["EXT_SOURCE_MEAN"] = base[external].mean(axis=1)
    made["EXT_SOURCE_MIN"] = base[external].min(axis=1)
    made["EXT_SOURCE_MAX"] = base[external].max(axis=1)
    return pd.concat([base, pd.DataFrame(made)], axis=1)


_STATISTICS: Mapping[str, Callable[..., Frame]] = {
    "MIN": lambda grouped: grouped.min(),
    "MAX": lambda grouped: grouped.max(),
    "MEAN": lambda grouped: grouped.mean(),
    "SUM": lambda grouped: grouped.sum(),
    "VAR": lambda grouped: grouped.var(),
    "NUNIQUE": lambda grouped: grouped.nunique(),
}

_COMPUTE: Mapping[str, Callable[[Path, Frame], Frame]] = {
    "bureau": _with_months,
    "previous_application": _with_request_ratio,
    "installments_payments": _with_payment_figures,
}

_MEMBERS: Mapping[str, Callable[[Frame], pd.Series]] = {
    "ACTIVE": lambda rows: rows.CREDIT_ACTIVE == "Active",
    "CLOSED": lambda rows: rows.CREDIT_ACTIVE == "Closed",
    "APPROVED": lambda rows: rows.NAME_CONTRACT_STATUS == "Approved",
    "REFUSED": lambda rows: rows.NAME_CONTRACT_STATUS == "Refused",
}


if __name__ == "__main__":
    main()
