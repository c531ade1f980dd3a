import numpy as np
import pyarrow as pa
import pytest

from pipeline.features import describe
from pipeline.model.limits import REQUIRED, accepted_range

BY_NAME = describe.unobserved().by_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AMT_INCOME_TOTAL", (0, None)),
        ("DAYS_BIRTH", (None, 0)),
        ("CNT_CHILDREN", (0, None)),
        ("OWN_CAR_AGE", (0, None)),
        ("EXT_SOURCE_2", (0, 1)),
        ("APARTMENTS_AVG", (0, 1)),
        ("HOUR_APPR_PROCESS_START", (0, 23)),
        ("FLAG_PHONE", (0, 1)),
        ("PREV_NAME_CONTRACT_STATUS_Canceled_MEAN", (0, 1)),
        ("BURO_DAYS_CREDIT_VAR", (0, None)),
        # An end date in the future and a corrected, negative debt are real.
        ("BURO_DAYS_CREDIT_ENDDATE_MAX", (None, None)),
        ("BURO_AMT_CREDIT_SUM_DEBT_MEAN", (None, None)),
        # Derived: a loan may be ten incomes.
        ("INCOME_CREDIT_PERC", (None, None)),
        ("NAME_EDUCATION_TYPE", (None, None)),
    ],
)
def test_limits_refuse_only_what_cannot_be_true(name, expected):
    assert accepted_range(BY_NAME[name]) == expected


def test_required_features_exist():
    assert set(BY_NAME) >= REQUIRED


def test_real_clients_are_all_accepted(real_features):
    table: pa.Table = real_features
    for feature in BY_NAME.values():
        lower, upper = accepted_range(feature)
        if (lower, upper) == (None, None):
            continue
        values = table[feature.name].to_numpy()
        outside = np.zeros(len(values), bool)
        if lower is not None:
            outside |= values < lower
        if upper is not None:
            outside |= values > upper
        assert not outside.any(), f"{feature.name}: {values[outside][:3]} outside {lower}, {upper}"
    for name in REQUIRED:
        assert table[name].null_count == 0
