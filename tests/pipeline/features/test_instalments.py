"""Payments of instalments, worked out by hand: the real sample has no such table.

Days count from the application; -100 is a hundred days before it.
"""

import ibis
import numpy as np
import pytest

from pipeline.features.aggregate import aggregate
from pipeline.features.instalments import FAMILY

SCHEMA = {
    "SK_ID_CURR": "int64",
    "NUM_INSTALMENT_VERSION": "float64",
    "DAYS_INSTALMENT": "float64",
    "DAYS_ENTRY_PAYMENT": "float64",
    "AMT_INSTALMENT": "float64",
    "AMT_PAYMENT": "float64",
}


def features(*payments):
    """The features of a client with payments of (version, due on, paid on, instalment, payment)."""
    table = ibis.memtable([(1, *payment) for payment in payments], schema=SCHEMA)
    return aggregate({"installments_payments": table}, FAMILY).execute().iloc[0]


def missing(one, *names):
    return all(np.isnan(one[f"INSTAL_{name}"]) for name in names)


def test_paid_early():
    one = features((1, -100, -107, 50, 50))
    assert (one.INSTAL_DBD_MAX, one.INSTAL_DBD_SUM, one.INSTAL_DPD_MAX) == (7, 7, 0)
    assert (one.INSTAL_PAYMENT_PERC_MEAN, one.INSTAL_PAYMENT_DIFF_MEAN) == (1, 0)
    assert one.INSTAL_DAYS_ENTRY_PAYMENT_MAX == -107


def test_paid_late():
    one = features((1, -100, -88, 50, 50))
    assert (one.INSTAL_DPD_MAX, one.INSTAL_DPD_SUM, one.INSTAL_DBD_MAX) == (12, 12, 0)


def test_paid_on_the_day():
    one = features((1, -100, -100, 50, 50))
    assert (one.INSTAL_DPD_MAX, one.INSTAL_DBD_MAX) == (0, 0)


def test_early_and_late_do_not_offset_each_other():
    one = features((1, -100, -110, 50, 50), (1, -70, -60, 50, 50), (1, -40, -36, 50, 50))
    # Late by 0, 10 and 4 days; early by 10, 0 and 0.
    assert (one.INSTAL_DPD_SUM, one.INSTAL_DPD_MAX) == (14, 10)
    assert one["INSTAL_DPD_MEAN"] == pytest.approx(14 / 3)
    assert (one.INSTAL_DBD_SUM, one.INSTAL_DBD_MAX) == (10, 10)
    assert one["INSTAL_DBD_MEAN"] == pytest.approx(10 / 3)
    assert one["INSTAL_DAYS_ENTRY_PAYMENT_MEAN"] == pytest.approx(-206 / 3)
    assert one.INSTAL_COUNT == 3


def test_paid_in_two_parts():
    # 100 are due: 60 five days early, the other 40 ten days late.
    one = features((1, -100, -105, 100, 60), (1, -100, -90, 100, 40))
    assert one.INSTAL_COUNT == 2
    assert (one.INSTAL_PAYMENT_PERC_MAX, one.INSTAL_PAYMENT_PERC_SUM) == (0.6, 1.0)
    # Shares of 0.6 and 0.4 lie 0.1 from their mean: 2 × 0.01 / (2 - 1).
    assert one["INSTAL_PAYMENT_PERC_VAR"] == pytest.approx(0.02)
    # What each part leaves: 40 and 60.
    assert (one.INSTAL_PAYMENT_DIFF_MAX, one.INSTAL_PAYMENT_DIFF_MEAN, one.INSTAL_PAYMENT_DIFF_SUM) == (60, 50, 100)
    assert one.INSTAL_PAYMENT_DIFF_VAR == 200
    assert (one.INSTAL_AMT_INSTALMENT_SUM, one.INSTAL_AMT_PAYMENT_SUM, one.INSTAL_AMT_PAYMENT_MIN) == (200, 100, 40)
    assert (one.INSTAL_DPD_MAX, one.INSTAL_DBD_MAX) == (10, 5)


def test_paid_too_much():
    one = features((1, -100, -100, 50, 80))
    assert (one.INSTAL_PAYMENT_PERC_MAX, one.INSTAL_PAYMENT_DIFF_MAX) == (1.6, -30)


def test_an_unpaid_instalment_is_neither_late_nor_early():
    one = features((1, -100, None, 50, None))
    assert (one.INSTAL_COUNT, one.INSTAL_AMT_INSTALMENT_SUM) == (1, 50)
    assert missing(one, "DPD_MAX", "DPD_MEAN", "DBD_MAX", "PAYMENT_PERC_MEAN", "PAYMENT_DIFF_MAX", "AMT_PAYMENT_MIN")
    # Sums over rows without any value are 0.
    assert (one.INSTAL_DPD_SUM, one.INSTAL_PAYMENT_DIFF_SUM, one.INSTAL_AMT_PAYMENT_SUM) == (0, 0, 0)


def test_an_unpaid_instalment_does_not_count_in_the_means_of_paid_ones():
    one = features((1, -100, None, 50, None), (1, -70, -60, 50, 25))
    assert (one.INSTAL_DPD_MEAN, one.INSTAL_PAYMENT_PERC_MEAN, one.INSTAL_PAYMENT_DIFF_SUM) == (10, 0.5, 25)
    assert one.INSTAL_COUNT == 2


def test_a_zero_instalment_has_no_share_paid():
    one = features((1, -100, -100, 0, 30), (1, -70, -70, 50, 50))
    # The reference's share would be infinite, and with it the mean.
    assert (one.INSTAL_PAYMENT_PERC_MAX, one.INSTAL_PAYMENT_PERC_MEAN, one.INSTAL_PAYMENT_PERC_SUM) == (1, 1, 1)
    assert one.INSTAL_PAYMENT_DIFF_SUM == -30


def test_versions_of_the_schedule_are_counted_once_each():
    payment = (-100, -100, 50, 50)
    one = features((1, *payment), (1, *payment), (2, *payment), (0, *payment), (None, *payment))
    assert one.INSTAL_NUM_INSTALMENT_VERSION_NUNIQUE == 3
