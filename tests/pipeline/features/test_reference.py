"""Our features against those that an independent program computed for 200 real clients from the full data.

Every column of the reference is either compared, or left out for a reason that stands in this file. Columns are
compared client by client, with missing values in the same places.
"""

import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from pipeline.features.names import slug
from pipeline.features.recipe import FAMILIES
from pipeline.tables.layout import ColumnType, layout
from pipeline.tables.placeholders import PLACEHOLDERS

# Columns that we do not make.
LEFT_OUT = {
    r".*_MEDIAN": "an aggregate that the feature names of the public recipe do not have",
    r"(BURO|PREV|POS|CC)_.*_nan_MEAN(_MEAN)?": "follows from the other shares: checked by test_shares_of_missing_...",
    r"POS_MONTHS_BALANCE_SIZE": "is POS_COUNT: checked by test_the_number_of_statements",
    r"CC_NAME_CONTRACT_STATUS_.*_(MIN|MAX|SUM|VAR)": "follow from share and count: checked by test_statistics_of_...",
}

# Columns that we make of a table that the real sample lacks; see test_instalments.
NO_DATA = r"INSTAL_.*"

# Columns that differ from the reference, and why. None does.
DIFFERENT: dict[str, str] = {}

# The reference numbers the values of two-valued categories in the order of their first appearance.
CODES = {"CODE_GENDER": {"M": 0, "F": 1}, "FLAG_OWN_CAR": {"N": 0, "Y": 1}, "FLAG_OWN_REALTY": {"Y": 0, "N": 1}}
APPLICATION = layout()["application"].columns


@pytest.fixture(scope="module")
def reference(shared_data):
    file = shared_data / "home-credit-reference" / "kernel_features_200_train_clients.parquet"
    return pd.read_parquet(file).set_index("SK_ID_CURR").drop(columns="TARGET").sort_index()


@pytest.fixture(scope="module")
def ours(real_features, reference):
    return real_features.loc[reference.index]


def our_name(name: str) -> str:
    """The reference spells categories as the data does, with spaces and signs."""
    found = re.fullmatch(r"(.*)_(MEAN|MIN|MAX|SUM|VAR)", name)
    return f"{slug(found[1])}_{found[2]}" if found else name


def indicator(name: str) -> tuple[str, str] | None:
    """Column and category of an indicator of the application, such as ``NAME_HOUSING_TYPE_With parents``."""
    for column in APPLICATION.values():
        if column.type is ColumnType.CATEGORY and name.startswith(f"{column.name}_"):
            return column.name, name.removeprefix(f"{column.name}_")
    return None


def values(ours: pd.DataFrame, name: str) -> pd.Series | None:
    """Our values in the form of the reference's column; None where we have no such feature."""
    if name in CODES:
        return ours[name].map(CODES[name])
    if name in ours:
        return ours[name]
    if found := indicator(name):
        column, category = found
        return ours[column].isna() if category in PLACEHOLDERS else ours[column] == category
    return ours.get(our_name(name))


def agree(ours: pd.Series, reference: pd.Series) -> np.ndarray:
    """Client by client: equal to 1e-6 relative, or missing in both."""
    return np.isclose(ours.astype(float), reference.astype(float), rtol=1e-6, atol=1e-9, equal_nan=True)


def family(name: str) -> str:
    prefix = name.split("_", 1)[0]
    if prefix in {subset.prefix for each in FAMILIES for subset in each.subsets}:
        return prefix
    return "application" if name in APPLICATION or indicator(name) else "derived"


def test_every_column_of_the_reference_is_compared_or_left_out_for_a_reason(ours, reference):
    unexplained = [
        name
        for name in reference
        if values(ours, name) is None and not any(re.fullmatch(pattern, name) for pattern in LEFT_OUT)
    ]
    assert unexplained == []


def test_no_column_is_both_left_out_and_made(ours, reference):
    made = [n for n in reference if any(re.fullmatch(p, n) for p in LEFT_OUT) and values(ours, n) is not None]
    assert made == []


def test_every_compared_column_agrees_for_every_client(ours, reference):
    compared: Counter[str] = Counter()
    differing: dict[str, int] = {}
    agreeing = {}
    for name in reference:
        column = values(ours, name)
        if column is None or re.fullmatch(NO_DATA, name):
            continue
        equal = agree(column, reference[name])
        compared[family(name)] += 1
        agreeing[family(name)] = agreeing.get(family(name), True) & equal
        if not equal.all():
            differing[name] = int((~equal).sum())
    # By family: columns compared, and the clients (of 200) that agree in every one of them.
    assert {each: (columns, int(agreeing[each].sum())) for each, columns in compared.items()} == {
        "application": (240, 200),
        "derived": (5, 200),
        "BURO": (54, 200),
        "ACTIVE": (23, 200),
        "CLOSED": (23, 200),
        "PREV": (173, 200),
        "APPROVED": (30, 200),
        "REFUSED": (30, 200),
        "POS": (16, 200),
        "CC": (108, 200),
    }
    assert set(differing) == set(DIFFERENT), differing


def test_shares_of_missing_categories(ours, reference):
    """The reference gives a missing category a share of its own; ours leave exactly this share."""
    checked = 0
    for name in reference:
        found = re.fullmatch(r"(BURO|PREV|POS|CC)_(.*)_nan_MEAN(_MEAN)?", name)
        if found is None:
            continue
        rest = 1 - ours[shares(found[1], found[2])].sum(axis=1, skipna=False)
        assert agree(rest, reference[name]).all(), name
        checked += 1
    assert checked == 22


def test_the_number_of_statements(ours, reference):
    assert agree(ours.POS_COUNT, reference.POS_MONTHS_BALANCE_SIZE).all()


def test_statistics_of_card_status_indicators_follow_from_share_and_count(ours, reference):
    for feature in (a for family in FAMILIES for a in family.aggregates):
        if feature.subset.prefix != "CC" or feature.aggregation != "SHARE":
            continue
        share, count = ours[feature.name], ours.CC_COUNT
        expected = {
            "MIN": share.eq(1).where(share.notna()),
            "MAX": share.gt(0).where(share.notna()),
            "SUM": share * count,
            "VAR": (share * (1 - share) * count / (count - 1)).where(count > 1),
        }
        for aggregation, values in expected.items():
            name = f"CC_NAME_CONTRACT_STATUS_{feature.category}_{aggregation}"
            assert agree(values, reference[name]).all(), name


def shares(prefix: str, column: str) -> list[str]:
    """The names of our category shares of a column."""
    return [
        feature.name
        for each in FAMILIES
        for feature in each.aggregates
        if feature.subset.prefix == prefix
        and re.fullmatch(rf"{prefix}_{column}_.*_MEAN", feature.name)
        and feature.sources == (column,)
    ]
