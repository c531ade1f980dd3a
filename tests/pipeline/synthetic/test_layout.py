"""Every file conforms to the layout: columns, types, categories, keys, and rows that belong to each other."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.synthetic.columns import NO_DATE
from pipeline.synthetic.writing import file_names
from pipeline.tables.layout import ColumnType, layout

FILES = file_names()


@pytest.mark.parametrize("file", FILES)
def test_columns_types_and_categories(portfolio: Path, file: str) -> None:
    table = layout()[FILES[file]]
    data = pd.read_csv(portfolio / file, dtype=str, keep_default_na=False)
    expected = [name for name in table.columns if file != "application_test.csv" or name != "TARGET"]
    assert list(data.columns) == expected
    assert len(data) > 0
    for name in expected:
        column, values = table.columns[name], data[name][data[name] != ""]
        if column.type is ColumnType.CATEGORY:
            assert set(values) <= {category.value for category in column.categories}, name
        elif column.type is ColumnType.NUMBER:
            assert np.isfinite(values.astype(float)).all(), name
        else:
            assert len(values) == len(data), f"{name} has missing values"
            assert values.str.fullmatch(r"-?\d+").all(), name


@pytest.mark.parametrize("name", [name for name, table in layout().items() if table.key])
def test_keys_are_unique(portfolio: Path, name: str) -> None:
    files = [file for file, table in FILES.items() if table == name]
    key = list(layout()[name].key)
    keys = pd.concat([pd.read_csv(portfolio / file, usecols=key) for file in files])
    assert not keys.duplicated().any()


@pytest.fixture(scope="module")
def clients(portfolio: Path) -> set[int]:
    files = ["application_train.csv", "application_test.csv"]
    return set(pd.concat([pd.read_csv(portfolio / file, usecols=["SK_ID_CURR"]) for file in files]).SK_ID_CURR)


@pytest.mark.parametrize("name", [name for name, table in layout().items() if table.parent_key == "SK_ID_CURR"])
def test_histories_belong_to_clients(portfolio: Path, clients: set[int], name: str) -> None:
    assert set(pd.read_csv(portfolio / f"{name}.csv", usecols=["SK_ID_CURR"]).SK_ID_CURR) <= clients


def test_bureau_balances_belong_to_bureau_credits(portfolio: Path) -> None:
    reported = pd.read_csv(portfolio / "bureau.csv", usecols=["SK_ID_BUREAU"])
    balances = pd.read_csv(portfolio / "bureau_balance.csv", usecols=["SK_ID_BUREAU"])
    assert set(balances.SK_ID_BUREAU) < set(reported.SK_ID_BUREAU)


@pytest.mark.parametrize(
    ("name", "contracts"),
    [
        ("POS_CASH_balance", {"Cash loans", "Consumer loans"}),
        ("credit_card_balance", {"Revolving loans"}),
        ("installments_payments", {"Cash loans", "Consumer loans", "Revolving loans"}),
    ],
)
def test_histories_hang_on_approved_contracts_of_their_kind(portfolio: Path, name: str, contracts: set[str]) -> None:
    previous = pd.read_csv(portfolio / "previous_application.csv")
    rows = pd.read_csv(portfolio / f"{name}.csv", usecols=["SK_ID_PREV", "SK_ID_CURR"]).drop_duplicates()
    joined = rows.merge(previous, on="SK_ID_PREV", how="left", suffixes=("", "_OF_PREVIOUS"))
    assert (joined.SK_ID_CURR == joined.SK_ID_CURR_OF_PREVIOUS).all()
    assert set(joined.NAME_CONTRACT_TYPE) == contracts
    assert set(joined.NAME_CONTRACT_STATUS) == {"Approved"}


def test_applications_are_consistent(portfolio: Path) -> None:
    data = pd.read_csv(portfolio / "application_train.csv")
    pensioner = data.NAME_INCOME_TYPE == "Pensioner"
    assert (data.DAYS_EMPLOYED[pensioner] == NO_DATE).all()
    assert data.OCCUPATION_TYPE[pensioner].isna().all()
    assert (data.ORGANIZATION_TYPE[pensioner] == "XNA").all()
    employed = data[data.DAYS_EMPLOYED != NO_DATE]
    assert employed.DAYS_EMPLOYED.between(employed.DAYS_BIRTH + 16 * 365, -1).all()
    assert (data.OWN_CAR_AGE.isna() == (data.FLAG_OWN_CAR == "N")).all()
    inquiries = data.filter(like="AMT_REQ_CREDIT_BUREAU").isna().sum(axis=1)
    assert set(inquiries) == {0, 6}
    assert (data.CNT_FAM_MEMBERS > data.CNT_CHILDREN).all()
    assert (data.AMT_GOODS_PRICE.fillna(0) <= data.AMT_CREDIT).mean() > 0.9
    assert (data.AMT_ANNUITY < data.AMT_CREDIT).sum() == data.AMT_ANNUITY.notna().sum()


def test_bureau_dates_are_consistent(portfolio: Path) -> None:
    data = pd.read_csv(portfolio / "bureau.csv")
    active = data.CREDIT_ACTIVE == "Active"
    assert data.DAYS_ENDDATE_FACT.isna().equals(active)
    closed = data[~active]
    assert closed.DAYS_ENDDATE_FACT.between(closed.DAYS_CREDIT, -1).all()
    assert (closed.DAYS_CREDIT_UPDATE >= closed.DAYS_ENDDATE_FACT).all()
    assert (data.DAYS_CREDIT_UPDATE >= data.DAYS_CREDIT).all()
    assert (data.DAYS_CREDIT_ENDDATE.dropna() > data.DAYS_CREDIT[data.DAYS_CREDIT_ENDDATE.notna()]).all()


def test_only_approved_applications_have_due_dates(portfolio: Path) -> None:
    data = pd.read_csv(portfolio / "previous_application.csv")
    dated = data.DAYS_FIRST_DUE.notna()
    assert set(data.NAME_CONTRACT_STATUS[dated]) == {"Approved"}
    loans = data[dated & (data.NAME_CONTRACT_TYPE != "Revolving loans")]
    ended = loans[loans.DAYS_TERMINATION != NO_DATE]
    assert (loans.DAYS_FIRST_DRAWING == NO_DATE).all()
    assert (loans.DAYS_FIRST_DUE > loans.DAYS_DECISION).all()
    assert ended.DAYS_LAST_DUE.between(ended.DAYS_FIRST_DUE, ended.DAYS_LAST_DUE_1ST_VERSION).all()
    assert (ended.DAYS_TERMINATION > ended.DAYS_LAST_DUE).all()
    # The annuity repays the credit with interest.
    assert (loans.AMT_ANNUITY * loans.CNT_PAYMENT > loans.AMT_CREDIT).mean() > 0.999


def test_days_past_due_follow_from_unpaid_instalments(portfolio: Path) -> None:
    """A loan is past due at a month's end by the age of its oldest unpaid instalment: recomputed from the payments."""
    rows = pd.read_csv(portfolio / "installments_payments.csv")
    pos = pd.read_csv(portfolio / "POS_CASH_balance.csv")
    rows = rows[rows.NUM_INSTALMENT_VERSION > 0]
    # The first part of a payment stops the count; loans with an instalment that is still unpaid are left out.
    paid = rows.groupby(["SK_ID_PREV", "NUM_INSTALMENT_NUMBER"]).agg(
        due=("DAYS_INSTALMENT", "first"), entered=("DAYS_ENTRY_PAYMENT", "min")
    )
    complete = paid.entered.notna().groupby("SK_ID_PREV").all()
    previous = pd.read_csv(portfolio / "previous_application.csv").set_index("SK_ID_PREV")
    ended = previous.index[(previous.DAYS_TERMINATION < 0) & previous.index.isin(complete.index[complete])][:400]
    pos = pos[pos.SK_ID_PREV.isin(ended) & (pos.NAME_CONTRACT_STATUS != "Completed")]
    day = np.minimum(np.ceil((pos.MONTHS_BALANCE + 1) * 30.4) - 1, -1)
    pairs = pos.assign(day=day).merge(paid.reset_index(), on="SK_ID_PREV")
    pairs = pairs[(pairs.due <= pairs.day) & (pairs.entered > pairs.day)]
    expected = (pairs.day - pairs.due).groupby([pairs.SK_ID_PREV, pairs.MONTHS_BALANCE]).max()
    stated = pos.set_index(["SK_ID_PREV", "MONTHS_BALANCE"]).SK_DPD
    assert (stated > 0).any()
    pd.testing.assert_series_equal(
        stated.sort_index(),
        expected.reindex(stated.index, fill_value=0).sort_index(),
        check_dtype=False,
        check_names=False,
    )
