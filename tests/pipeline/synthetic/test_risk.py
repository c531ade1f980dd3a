"""The default risk can be learned, from the application and better from the histories too."""

from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from pipeline.synthetic.generate import generate


def auc(features: pd.DataFrame, target: pd.Series) -> float:
    """Cross-validated ROC AUC of a small model."""
    model = lgb.LGBMClassifier(
        n_estimators=120,
        learning_rate=0.05,
        num_leaves=8,
        min_child_samples=60,
        colsample_bytree=0.3,
        reg_lambda=5,
        n_jobs=1,
        random_state=0,
        verbose=-1,
    )
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    probability = cross_val_predict(model, features, target, cv=folds, method="predict_proba")[:, 1]
    return float(roc_auc_score(target, probability))


def read_application(folder: Path) -> pd.DataFrame:
    data = pd.read_csv(folder / "application_train.csv").set_index("SK_ID_CURR")
    texts = data.select_dtypes(exclude="number").columns
    return data.astype(dict.fromkeys(texts, "category"))


def history_features(folder: Path) -> pd.DataFrame:
    bureau = pd.read_csv(folder / "bureau.csv")
    previous = pd.read_csv(folder / "previous_application.csv")
    instalments = pd.read_csv(folder / "installments_payments.csv")
    pos = pd.read_csv(folder / "POS_CASH_balance.csv")
    days_late = instalments.DAYS_ENTRY_PAYMENT - instalments.DAYS_INSTALMENT
    return pd.concat(
        [
            (bureau.CREDIT_ACTIVE == "Active").groupby(bureau.SK_ID_CURR).agg(["size", "mean"]).add_prefix("active_"),
            bureau.groupby("SK_ID_CURR").AMT_CREDIT_MAX_OVERDUE.max(),
            bureau.groupby("SK_ID_CURR").AMT_CREDIT_SUM_DEBT.sum(),
            (previous.NAME_CONTRACT_STATUS == "Refused").groupby(previous.SK_ID_CURR).mean().rename("refused"),
            days_late.groupby(instalments.SK_ID_CURR).agg(["mean", "max"]).add_prefix("late_"),
            (days_late > 0).groupby(instalments.SK_ID_CURR).mean().rename("late"),
            (pos.SK_DPD > 0).groupby(pos.SK_ID_CURR).mean().rename("past_due"),
        ],
        axis=1,
    )


@pytest.mark.slow
def test_a_model_with_histories_beats_one_without(tmp_path: Path) -> None:
    """Two models of 16,000 clients: fewer would leave the difference in the noise."""
    generate(tmp_path / "out", 20_000, 11)
    application = read_application(tmp_path / "out")
    target = application.pop("TARGET")
    alone = auc(application, target)
    both = auc(application.join(history_features(tmp_path / "out")), target)
    assert 0.74 <= alone <= 0.78
    assert 0.01 <= both - alone <= 0.04


def test_identifier_and_row_order_carry_no_signal(portfolio: Path) -> None:
    data = pd.read_csv(portfolio / "application_train.csv", usecols=["SK_ID_CURR", "TARGET"])
    assert data.SK_ID_CURR.is_monotonic_increasing
    # The AUC of a random order has this standard deviation.
    bad = int(data.TARGET.sum())
    deviation = np.sqrt((len(data) + 1) / (12 * bad * (len(data) - bad)))
    assert abs(roc_auc_score(data.TARGET, data.SK_ID_CURR) - 0.5) < 4 * deviation


def test_traits_show_in_the_histories(portfolio: Path) -> None:
    """Who defaults was refused more often, paid later and owed more, before."""
    target = pd.read_csv(portfolio / "application_train.csv", usecols=["SK_ID_CURR", "TARGET"]).set_index("SK_ID_CURR")
    joined = target.join(history_features(portfolio), how="inner")
    correlation = joined.corr().TARGET
    assert (correlation[["refused", "late", "past_due", "active_mean", "late_mean"]] > 0.03).all(), correlation
