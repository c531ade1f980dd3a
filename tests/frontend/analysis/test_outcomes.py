"""Outcomes, correlations, cohorts and thresholds against their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import pearsonr, spearmanr

from frontend.analysis.cohort import columns_of, members
from frontend.analysis.correlation import category_correlation, correlation
from frontend.analysis.outcomes import outcomes
from frontend.analysis.threshold import accepts, cost_difference, curve, simulate
from frontend.clients.columns import Column, Columns
from frontend.clients.explanations import Cohort, FeatureFilter
from frontend.clients.types import Band, Decision

_N = st.integers(1, 50)


def _clients(n):
    return st.tuples(
        arrays.arrays(np.float32, n, elements=st.sampled_from([0.0, 1.0, np.float32(np.nan)])),
        arrays.arrays(np.float32, n, elements=st.floats(0, 1, width=32)),
    )


@given(_N.flatmap(_clients))
def test_outcomes_count(clients):
    target, scores = clients
    found = outcomes(target, scores)
    assert (found.clients, found.known) == (target.size, np.isfinite(target).sum())
    assert found.defaults == (target == 1).sum()
    assert (found.default_rate is None) == (found.known == 0)
    if found.default_rate:
        assert found.default_rate.value == pytest.approx(found.defaults / found.known)
        assert found.default_rate.low <= found.default_rate.value <= found.default_rate.high
    assert found.mean_score == pytest.approx(scores.mean(), abs=1e-5)


def test_nobody_has_no_rate():
    found = outcomes(np.zeros(3, np.float32), np.zeros(3, np.float32), np.zeros(3, bool))
    assert (found.clients, found.default_rate, found.mean_score) == (0, None, None)


def test_correlations_are_those_of_scipy():
    random = np.random.default_rng(5)
    values = np.exp(random.normal(size=500)).round(1).astype(np.float32)
    scores = (values + random.normal(size=500)).astype(np.float32)
    values[::7] = np.nan
    known = ~np.isnan(values)
    found = correlation(values, scores)
    assert found.clients == known.sum()
    assert found.pearson == pytest.approx(pearsonr(values[known], scores[known]).statistic, abs=1e-5)
    assert found.spearman == pytest.approx(spearmanr(values[known], scores[known]).statistic, abs=1e-5)


def test_what_is_constant_correlates_with_nothing():
    assert correlation(np.ones(5, np.float32), np.arange(5, dtype=np.float32)).pearson is None
    assert correlation(np.array([np.nan], np.float32), np.zeros(1, np.float32)).spearman is None


def test_correlation_ratio():
    codes = np.array([0, 0, 2, 2, np.nan], np.float32)
    assert category_correlation(codes, np.array([1, 1, 3, 3, 9], np.float32)).ratio == pytest.approx(1)
    assert category_correlation(codes, np.array([1, 3, 1, 3, 9], np.float32)).ratio == pytest.approx(0)
    # Between groups: 2 * 2 * 1 = 4 of 4 + 4.
    assert category_correlation(codes, np.array([0, 2, 2, 4, 9], np.float32)).ratio == pytest.approx(0.5)


@given(_N.flatmap(_clients), st.floats(0, 1), st.floats(1, 30))
def test_a_simulation_adds_up(clients, threshold, ratio):
    target, scores = clients
    found = simulate(target, scores, threshold, ratio)
    taken = accepts(scores, threshold)
    assert found.accepted.clients + found.refused.clients == target.size
    assert found.accepted.clients == taken.sum()
    known = np.isfinite(target)
    if not known.any():
        assert found.cost is None
        return
    missed, lost = (taken & (target == 1)).sum(), (~taken & (target == 0)).sum()
    assert found.cost.value == pytest.approx((ratio * missed + lost) / known.sum())
    assert found.cost.low <= found.cost.value <= found.cost.high


@given(_N.flatmap(_clients), st.floats(0, 1), st.floats(0, 1))
def test_the_difference_is_that_of_the_costs(clients, threshold, present):
    target, scores = clients
    difference = cost_difference(target, scores, threshold, present, 10)
    costs = [simulate(target, scores, at, 10).cost for at in (threshold, present)]
    if difference is None:
        assert costs == [None, None]
    else:
        assert difference.value == pytest.approx(costs[0].value - costs[1].value, abs=1e-9)


@settings(deadline=None)
@given(_N.flatmap(_clients))
def test_the_curve_is_made_of_simulations(clients):
    target, scores = clients
    thresholds = [0.0, 0.25, 0.5, 1.0]
    found = curve(target, scores, thresholds, 7)
    for k, threshold in enumerate(thresholds):
        one = simulate(target, scores, threshold, 7)
        assert found.accepted[k] == pytest.approx(one.accepted.clients / target.size)
        rate = one.accepted.default_rate
        assert found.default_rate[k] == pytest.approx(rate.value if rate else np.nan, nan_ok=True)
        assert found.cost[k] == pytest.approx(one.cost.value if one.cost else np.nan, nan_ok=True)


def _columns():
    def of(values, categories=()):
        return Column(np.array(values, np.float32), categories)

    return Columns(
        "publication",
        4,
        {
            "decision": of([0, 0, 1, 1], ("accept", "refuse")),
            "band": of([0, 1, 1, 1], ("low", "medium")),
            "SHARE": of([0.1, 0.2, np.nan, 0.3]),
            "KIND": of([0, np.nan, 1, 0], ("Cash", "Revolving")),
        },
    )


@pytest.mark.parametrize(
    ("cohort", "rows"),
    [
        (Cohort(), [0, 1, 2, 3]),
        (Cohort(decision=Decision.REFUSE), [2, 3]),
        (Cohort(band=Band.MEDIUM, decision=Decision.ACCEPT), [1]),
        (Cohort(band=Band.HIGH), []),
        (Cohort(filters=(FeatureFilter("SHARE", 0.1, 0.2),)), [0, 1]),
        (Cohort(filters=(FeatureFilter("SHARE", 0.15), FeatureFilter("KIND", categories=("Cash",)))), [3]),
        (Cohort(filters=(FeatureFilter("KIND", categories=("Nothing",)),)), []),
    ],
)
def test_members_of_a_cohort(cohort, rows):
    columns = _columns()
    assert set(columns_of(cohort)) <= set(columns.by_name)
    assert np.flatnonzero(members(cohort, columns)).tolist() == rows
