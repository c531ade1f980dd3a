"""Bins of equally many clients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.explain.binning import NOWHERE, bin_edges, bin_of

NUMBERS = st.lists(st.one_of(st.just(np.nan), st.integers(0, 5).map(float), st.floats(-1e6, 1e6)), min_size=1)


@given(NUMBERS, st.integers(1, 30), st.integers(1, 10))
def test_every_known_value_lies_in_the_bin_that_says_so_and_no_bin_is_empty(values, most, fewest):
    column = np.array(values)
    edges = bin_edges(column, most, fewest)
    place = bin_of(edges, column)
    known = ~np.isnan(column)
    assert (place[~known] == NOWHERE).all()
    if not known.any():
        assert not len(edges)
        return
    bins = len(edges) - 1
    assert 1 <= bins <= most
    assert (np.diff(edges[:-1]) > 0).all()
    assert edges[-1] == np.nanmax(column)
    counts = np.bincount(place[known], minlength=bins)
    assert (counts > 0).all()
    assert (counts[:-1] >= min(fewest, counts.sum())).all()
    for value, k in zip(column[known], place[known], strict=True):
        assert edges[k] <= value
        assert value < edges[k + 1] or k == bins - 1


@given(st.integers(1, 20), st.integers(20, 500))
def test_different_values_are_divided_equally(bins, clients):
    values = np.random.default_rng(0).permutation(clients).astype(float)
    counts = np.bincount(bin_of(bin_edges(values, bins), values))
    assert len(counts) == bins
    assert counts.max() - counts.min() <= 1


def test_a_tail_beside_a_frequent_value_is_divided_too():
    values = np.r_[np.zeros(950), np.arange(1.0, 51.0)]
    assert bin_edges(values, 6).tolist() == [0, 1, 11, 21, 31, 41, 50]


def test_a_rare_flag_has_a_bin_of_its_own():
    assert bin_edges(np.r_[np.zeros(990), np.ones(10)], 10, fewest_clients=30).tolist() == [0, 1, 1]


def test_few_clients_make_few_bins():
    values = np.arange(70.0)
    assert len(bin_edges(values, 10, fewest_clients=30)) - 1 == 2
    assert len(bin_edges(values[:29], 10, fewest_clients=30)) - 1 == 1


@pytest.mark.parametrize(("values", "edges"), [([7.0, 7.0, 7.0], [7, 7]), ([np.nan, np.nan], []), ([], [])])
def test_constant_and_missing_values(values, edges):
    assert bin_edges(np.array(values), 5).tolist() == edges


def test_values_beyond_the_edges_are_in_the_outer_bins():
    assert bin_of(np.array([0.0, 1.0, 2.0]), np.array([-5.0, 0.5, 1.0, 9.0])).tolist() == [0, 0, 1, 1]
