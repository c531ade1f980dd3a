import itertools

import pytest

from services.explain.counterfactual.candidates import candidates
from services.explain.counterfactual.limits import Limit


def _values(explainer, ranks, name, own, limit=None):
    found = candidates(explainer.model.dictionary.by_name[name], own, limit, ranks)
    return found.values if found else ()


def test_amounts_are_round_and_rounder_the_larger_they_are(explainer, ranks):
    low, high = ranks.range("AMT_CREDIT")
    values = sorted(_values(explainer, ranks, "AMT_CREDIT", 61_234.0))
    assert low <= values[0] < low + 1000
    assert high - 1000 < values[-1] <= high
    assert all(value % 1000 == 0 for value in values)
    assert all(
        b - a == 1000 or (a, b) in [(60_000, 63_000), (61_000, 63_000), (60_000, 62_000)]
        for a, b in itertools.pairwise(values)
    )


def test_amounts_above_a_thousand_steps_are_multiples_of_ten_steps(explainer):
    class Wide:
        def percentile(self, feature, value):
            return value / 20_000_000

        def range(self, feature):
            return 0.0, 20_000_000.0

    values = sorted(_values(explainer, Wide(), "AMT_CREDIT", 950_000.0))
    assert {b - a for a, b in itertools.pairwise(values) if a >= 10_000_000} == {100_000}
    assert {b - a for a, b in itertools.pairwise(values) if 1_000_000 <= a < 10_000_000} == {10_000}
    assert len(values) == 1000 + 900 + 100


def test_only_up_only_down_and_by_steps(explainer, ranks):
    assert min(_values(explainer, ranks, "AMT_INCOME_TOTAL", 50_500.0)) == 52_000
    days = _values(explainer, ranks, "DAYS_EMPLOYED", -100.0)
    assert days[0] == -130.4375
    assert all(value < -100 and (value + 100) % 30.4375 == pytest.approx(0, abs=1e-9) for value in days)
    assert max(_values(explainer, ranks, "ACTIVE_AMT_CREDIT_SUM_DEBT_SUM", 50_500.0)) == 49_000


def test_a_flag_is_set_once_and_never_taken_back(explainer, ranks):
    assert _values(explainer, ranks, "FLAG_PHONE", 0.0) == (1.0,)
    assert _values(explainer, ranks, "FLAG_PHONE", 1.0) == ()


def test_a_category_becomes_any_other_for_half_of_the_portfolio(explainer, ranks):
    found = candidates(explainer.model.dictionary.by_name["NAME_CONTRACT_TYPE"], "Cash loans", None, ranks)
    assert found.values == ("Revolving loans",)
    assert found.costs == (0.5,)


def test_limits_hold_on_both_sides(explainer, ranks):
    assert sorted(
        _values(explainer, ranks, "AMT_CREDIT", 60_000.0, Limit("AMT_CREDIT", minimum=57_500, maximum=62_000))
    ) == [
        58_000,
        59_000,
        61_000,
        62_000,
    ]
    relative = _values(explainer, ranks, "AMT_CREDIT", 60_000.0, Limit("AMT_CREDIT", max_relative_change=0.05))
    assert sorted(relative) == [57_000, 58_000, 59_000, 61_000, 62_000, 63_000]
    assert _values(explainer, ranks, "AMT_CREDIT", 60_000.0, Limit("AMT_CREDIT", fixed=True)) == ()
    assert _values(explainer, ranks, "AMT_CREDIT", 60_000.0, Limit("AMT_CREDIT", minimum=1e9)) == ()


def test_costs_are_shares_of_the_portfolio_the_cheapest_first(explainer, ranks):
    found = candidates(explainer.model.dictionary.by_name["AMT_CREDIT"], 60_000.0, None, ranks)
    assert list(found.costs) == sorted(found.costs)
    at = ranks.percentile("AMT_CREDIT", 60_000.0)
    for value, cost in zip(found.values, found.costs, strict=True):
        assert cost == pytest.approx(abs(ranks.percentile("AMT_CREDIT", value) - at))


def test_an_unknown_value_stays_unknown(explainer, ranks):
    assert _values(explainer, ranks, "AMT_ANNUITY", None) == ()
    assert _values(explainer, ranks, "NAME_CONTRACT_TYPE", None) == ()


def test_a_value_below_zero_is_not_repaid_into_a_credit(explainer, ranks):
    assert _values(explainer, ranks, "ACTIVE_AMT_CREDIT_SUM_DEBT_SUM", 0.0) == ()
    assert _values(explainer, ranks, "ACTIVE_AMT_CREDIT_SUM_DEBT_SUM", -50.0) == ()
