import math
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.features.derived import DERIVED, INPUTS
from pipeline.features.recipe import FAMILIES
from pipeline.tables.layout import layout
from services.common.errors import InvalidInput

BASE = {
    "AMT_INCOME_TOTAL": 60_000.0,
    "AMT_CREDIT": 240_000.0,
    "AMT_ANNUITY": 12_000.0,
    "AMT_GOODS_PRICE": 200_000.0,
    "CNT_FAM_MEMBERS": 3.0,
    "DAYS_EMPLOYED": -2_000.0,
    "DAYS_BIRTH": -10_000.0,
    "EXT_SOURCE_1": 0.2,
    "EXT_SOURCE_2": None,
    "EXT_SOURCE_3": 0.6,
    "ACTIVE_AMT_CREDIT_SUM_DEBT_SUM": 30_000.0,
    "ACTIVE_AMT_CREDIT_SUM_SUM": 120_000.0,
}


# Missing only when every input is.
OF_KNOWN = {"EXT_SOURCE_MEAN": mean, "EXT_SOURCE_MIN": min, "EXT_SOURCE_MAX": max}


def test_every_derived_feature_by_hand(online):
    assert online.derive(BASE) == pytest.approx(
        {
            "DAYS_EMPLOYED_PERC": 0.2,
            "INCOME_CREDIT_PERC": 0.25,
            "INCOME_PER_PERSON": 20_000,
            "ANNUITY_INCOME_PERC": 0.2,
            "PAYMENT_RATE": 0.05,
            "CREDIT_TERM": 20,
            "CREDIT_GOODS_PERC": 1.2,
            "EXT_SOURCE_MEAN": 0.4,
            "EXT_SOURCE_MIN": 0.2,
            "EXT_SOURCE_MAX": 0.6,
            "ACTIVE_DEBT_INCOME_PERC": 0.5,
            "ACTIVE_DEBT_CREDIT_PERC": 0.25,
        }
    )


def test_derived_features_need_base_features_only():
    base = {*layout()["application"].columns, *(a.name for family in FAMILIES for a in family.aggregates)}
    assert set(INPUTS) <= base
    assert not {derived.name for derived in DERIVED} & base


def test_nothing_known_gives_nothing(online):
    assert set(online.derive({}).values()) == {None}


numbers = st.one_of(st.none(), st.just(0.0), st.floats(-1e12, 1e12), st.integers(-10, 10))


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(INPUTS, numbers)))
def test_ratios_are_finite_or_missing_and_missing_exactly_when_an_input_is(online, base):
    found = online.derive(base)
    for derived in DERIVED:
        value = found[derived.name]
        known = [base[name] for name in derived.inputs]
        if derived.name in OF_KNOWN:
            known = [number for number in known if number is not None]
            expected = OF_KNOWN[derived.name](known) if known else None
        else:
            numerator, denominator = known
            unknown = numerator is None or denominator is None or denominator == 0
            expected = None if unknown else numerator / denominator
        if expected is not None and not math.isfinite(expected):
            expected = None
        assert value == (None if expected is None else pytest.approx(expected, rel=1e-12, abs=1e-9))


def test_a_wrong_type_is_named(online):
    with pytest.raises(InvalidInput) as caught:
        online.derive({**BASE, "AMT_CREDIT": "much", "AMT_ANNUITY": math.inf, "DAYS_BIRTH": True})
    assert [violation.field for violation in caught.value.violations] == ["DAYS_BIRTH", "AMT_CREDIT", "AMT_ANNUITY"]
