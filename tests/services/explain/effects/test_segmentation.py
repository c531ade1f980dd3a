"""The best step function, against trying every cut."""

import math
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.explain.effects.segmentation import LEAST_EXPLAINED, segment


def _squares(means, weights, cuts):
    total = 0.0
    for rows in np.split(np.arange(len(means)), cuts[1:]):
        level = np.average(means[rows], weights=weights[rows])
        total += weights[rows] @ (means[rows] - level) ** 2
    return total


@given(
    st.lists(st.tuples(st.integers(-20, 20), st.integers(1, 50)), min_size=1, max_size=8),
    st.floats(0, 30),
    st.integers(1, 5),
)
def test_no_other_cut_has_fewer_squares_and_penalties(bins, noise, most):
    means, weights = (np.array(column, float) for column in zip(*bins, strict=True))
    penalty = max(2 * noise * math.log(weights.sum()), LEAST_EXPLAINED * _squares(means, weights, [0]))

    def price(cuts):
        return _squares(means, weights, cuts) + penalty * (len(cuts) - 1)

    found = segment(means, weights, noise, most)
    assert found[0] == 0
    assert len(found) <= most
    every = [
        [0, *cut] for borders in range(min(most, len(means))) for cut in combinations(range(1, len(means)), borders)
    ]
    assert price(found) <= min(map(price, every)) + 1e-6


def test_equal_means_have_one_level_whatever_rounding_makes_of_them():
    means = 0.1 + np.array([0.0, 1e-17, -1e-17, 2e-17])
    assert segment(means, np.full(4, 1e6), noise=0.0, most=5) == [0]


def test_many_levels_are_cut_no_more_often_than_allowed():
    assert len(segment(np.arange(6.0) ** 3, np.full(6, 1000.0), noise=0.0, most=2)) == 2
