"""The synthetic portfolio against the public data, by figures: every figure that is off is listed."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.synthetic.writing import MARKER
from pipeline.tables.layout import ColumnType, layout

# Absolute difference of the share of missing values.
MISSING = 0.04
# Total variation distance of category shares: half the sum of absolute differences.
CATEGORIES = 0.06
# Largest difference of the two distribution functions at the public data's deciles (Kolmogorov's distance).
NUMBERS = 0.10
# Relative difference of the mean and of the standard deviation of rows per client, absolute of the share without.
ROWS_MEAN, ROWS_DEVIATION, ROWS_NONE = 0.12, 0.25, 0.04

HISTORIES = ["bureau", "previous_application", "POS_CASH_balance", "credit_card_balance"]
SAMPLED = ["application", "bureau_balance", *HISTORIES]


def made_and_real(made: Path, shared: Path, table: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    if table == "application":
        # The public test file has other shares (fewer cards, fewer missing values): the train file is the model.
        real = pd.read_parquet(shared / "home-credit-application" / "application_train.parquet")
        return pd.read_csv(made / "application_train.csv"), real
    return tuple(pd.read_csv(folder / f"{table}.csv") for folder in (made, shared / "home-credit"))  # type: ignore[return-value]


def is_off(made: pd.Series, real: pd.Series, kind: ColumnType) -> list[str]:
    found = []
    gap = made.isna().mean() - real.isna().mean()
    if abs(gap) > MISSING:
        found.append(f"missing {made.isna().mean():.3f}, public {real.isna().mean():.3f}")
    made, real = made.dropna(), real.dropna()
    if kind is ColumnType.CATEGORY:
        shares = pd.concat([made.value_counts(normalize=True), real.value_counts(normalize=True)], axis=1).fillna(0)
        distance = float((shares.iloc[:, 0] - shares.iloc[:, 1]).abs().sum() / 2)
        if distance > CATEGORIES:
            worst = (shares.iloc[:, 0] - shares.iloc[:, 1]).sort_values()
            found.append(
                f"shares differ by {distance:.3f}: {worst.index[0]} {worst.iloc[0]:+.3f}, "
                f"{worst.index[-1]} {worst.iloc[-1]:+.3f}"
            )
    else:
        deciles = real.quantile(np.arange(0.1, 1.0, 0.1)).to_numpy()
        at = [(float((made <= point).mean()), float((real <= point).mean()), point) for point in deciles]
        made_share, real_share, point = max(at, key=lambda pair: abs(pair[0] - pair[1]))
        # Columns with few values differ by chance.
        chance = 1.36 * math.sqrt(1 / len(made) + 1 / len(real))
        if abs(made_share - real_share) > NUMBERS + chance:
            found.append(f"{made_share:.3f} are at most {point:g}, public {real_share:.3f}")
    return found


@pytest.mark.parametrize("table", SAMPLED)
def test_columns_resemble_the_public_data(portfolio: Path, shared_data: Path, table: str) -> None:
    made, real = made_and_real(portfolio, shared_data, table)
    off = [
        f"{name}: {finding}"
        for name, column in layout()[table].columns.items()
        if column.type is not ColumnType.IDENTIFIER
        for finding in is_off(made[name], real[name], column.type)
    ]
    assert not off, f"{table} is off in {len(off)} figures:\n" + "\n".join(off)


@pytest.mark.parametrize("table", HISTORIES)
def test_rows_per_client_resemble_the_public_data(portfolio: Path, shared_data: Path, table: str) -> None:
    figures = {}
    for name, folder in (("made", portfolio), ("public", shared_data / "home-credit")):
        clients = sum(
            len(pd.read_csv(folder / f"application_{part}.csv", usecols=["SK_ID_CURR"])) for part in ("train", "test")
        )
        rows = pd.read_csv(folder / f"{table}.csv", usecols=["SK_ID_CURR"]).SK_ID_CURR.value_counts()
        figures[name] = {"none": 1 - len(rows) / clients, "mean": rows.sum() / clients, "deviation": rows.std()}
    made, public = figures["made"], figures["public"]
    off = [
        f"{name}: {made[name]:.3f}, public {public[name]:.3f}"
        for name, tolerance in (
            ("none", ROWS_NONE),
            ("mean", ROWS_MEAN * public["mean"]),
            ("deviation", ROWS_DEVIATION * public["deviation"]),
        )
        if abs(made[name] - public[name]) > tolerance
    ]
    assert not off, f"rows of {table} per client are off: {off}"


def test_months_per_bureau_credit_resemble_the_public_data(portfolio: Path, shared_data: Path) -> None:
    made, public = (
        pd.read_csv(folder / "bureau_balance.csv", usecols=["SK_ID_BUREAU"]).SK_ID_BUREAU.value_counts()
        for folder in (portfolio, shared_data / "home-credit")
    )
    assert made.mean() == pytest.approx(public.mean(), rel=ROWS_MEAN)
    assert made.std() == pytest.approx(public.std(), rel=ROWS_DEVIATION)


# Rows of the complete public tables, which cover 307,511 train and 48,744 test clients.
PUBLIC_CLIENTS = 307_511 + 48_744
PUBLIC_ROWS = {
    "bureau": 1_716_428,
    "bureau_balance": 27_299_925,
    "previous_application": 1_670_214,
    "POS_CASH_balance": 10_001_358,
    "installments_payments": 13_605_401,
    "credit_card_balance": 3_840_312,
}


@pytest.mark.parametrize("table", PUBLIC_ROWS)
def test_rows_per_client_are_those_of_the_complete_public_tables(portfolio: Path, table: str) -> None:
    with (portfolio / f"{table}.csv").open("rb") as stream:
        rows = sum(1 for _ in stream) - 1
    # Cards vary most: a few clients have almost a hundred rows each.
    clients = json.loads((portfolio / MARKER).read_text())["clients"]
    tolerance = 0.2 if table == "credit_card_balance" else ROWS_MEAN
    assert rows / clients == pytest.approx(PUBLIC_ROWS[table] / PUBLIC_CLIENTS, rel=tolerance)


def test_instalments_resemble_the_public_fragments(portfolio: Path, shared_data: Path) -> None:
    """The public sample holds fragments only: shares of rows can be compared, histories cannot."""
    shares = {}
    for name, folder in (("made", portfolio), ("public", shared_data / "home-credit-installments-partial")):
        rows = pd.read_csv(folder / "installments_payments.csv")
        shares[name] = pd.Series(
            {
                "cards": (rows.NUM_INSTALMENT_VERSION == 0).mean(),
                "late": (rows.DAYS_ENTRY_PAYMENT > rows.DAYS_INSTALMENT).mean(),
                "a week early": (rows.DAYS_INSTALMENT - rows.DAYS_ENTRY_PAYMENT >= 7).mean(),
                "in full": (rows.AMT_PAYMENT >= rows.AMT_INSTALMENT).mean(),
                "missing": rows.DAYS_ENTRY_PAYMENT.isna().mean(),
            }
        )
    gap = (shares["made"] - shares["public"]).abs()
    assert (gap <= 0.1).all(), pd.DataFrame(shares).to_string()
