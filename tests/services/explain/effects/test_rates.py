"""Observed default rates over a feature's values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluation.proportion import wilson
from services.explain.effects.rates import MOST_BINS, category_rates, missing_rate, number_rates


def test_bins_of_equally_many_clients_with_their_intervals():
    random = np.random.default_rng(0)
    values = random.uniform(0, 1, 2000)
    outcomes = (random.random(2000) < values / 2).astype(float)
    outcomes[random.random(2000) < 0.1] = np.nan
    contributions = values - 0.5
    bins = number_rates(values, outcomes, contributions)
    assert [b.clients for b in bins] == [200] * MOST_BINS
    for k, b in enumerate(bins):
        inside = (values >= b.lower) & ((values < b.upper) | (k == MOST_BINS - 1))
        known = outcomes[inside & ~np.isnan(outcomes)]
        assert b.known == len(known) < b.clients
        assert b.default_rate == wilson(known.sum(), len(known))
        assert b.contribution == pytest.approx(contributions[inside].mean())
    assert (bins[0].lower, bins[-1].upper) == (values.min(), values.max())


def test_a_small_cohort_has_fewer_bins():
    values = np.arange(65.0)
    assert [b.clients for b in number_rates(values, np.zeros(65), np.zeros(65))] == [33, 32]
    (alone,) = number_rates(values[:1], np.ones(1), np.zeros(1))
    assert (alone.lower, alone.upper, alone.clients) == (0, 0, 1)
    assert alone.default_rate.value == 1


def test_without_known_outcomes_there_is_no_rate():
    (only,) = number_rates(np.full(9, 3.0), np.full(9, np.nan), np.full(9, 0.2))
    assert (only.clients, only.known, only.default_rate) == (9, 0, None)
    assert only.contribution == pytest.approx(0.2)


def test_a_feature_that_is_always_missing_has_that_bin_alone():
    values, outcomes = np.full(40, np.nan), np.tile([0.0, 1.0], 20)
    assert number_rates(values, outcomes, np.zeros(40)) == ()
    assert missing_rate(values, outcomes, np.full(40, 0.1)).default_rate == wilson(20, 40)


def test_nobody_is_missing():
    assert missing_rate(np.ones(3), np.zeros(3), np.zeros(3)) is None


def test_categories_are_in_their_order_and_only_those_that_someone_has():
    values = np.array([2.0, 0.0, np.nan, 2.0, 2.0])
    outcomes = np.array([1.0, 0.0, 1.0, 0.0, np.nan])
    bins = category_rates(values, ["a", "b", "c"], outcomes, np.array([0.3, -0.1, 0.0, 0.3, 0.6]))
    assert [(b.category, b.clients, b.known) for b in bins] == [("a", 1, 1), ("c", 3, 2)]
    assert bins[1].default_rate == wilson(1, 2)
    assert bins[1].contribution == pytest.approx(0.4)


@given(
    st.lists(st.tuples(st.sampled_from([np.nan, 0.0, 1.0, 2.5, 7.0]), st.sampled_from([0.0, 1.0, np.nan])), min_size=1)
)
def test_every_client_is_in_one_bin(clients):
    values, outcomes = (np.array(column) for column in zip(*clients, strict=True))
    gone = missing_rate(values, outcomes, np.zeros(len(values)))
    bins = [*number_rates(values, outcomes, np.zeros(len(values))), *([gone] if gone else [])]
    assert sum(b.clients for b in bins) == len(values)
    assert sum(b.known for b in bins) == (~np.isnan(outcomes)).sum()
    defaults = sum(b.default_rate.value * b.known for b in bins if b.default_rate)
    assert defaults == pytest.approx(np.nansum(outcomes))
