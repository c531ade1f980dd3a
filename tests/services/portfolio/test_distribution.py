from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from services.portfolio.distribution import Histogram, histogram

_VALUES = arrays(np.float64, st.integers(1, 200), elements=st.floats(-1e9, 1e9, allow_nan=False, allow_subnormal=False))


@given(_VALUES, st.integers(1, 500))
def test_every_value_is_in_the_bin_that_the_edges_say(values, bins):
    found = histogram(values, bins)
    edges = np.array(found.edges)
    assert (edges[0], edges[-1]) == (values.min(), values.max())
    assert sum(found.counts) == len(values)
    if len(found.counts) > 1:
        assert len(found.counts) == bins
        # Counted the slow way, by comparing each value with each edge.
        expected = [((values >= low) & (values < high)).sum() for low, high in pairwise(edges)]
        expected[-1] += (values == edges[-1]).sum()
        assert list(found.counts) == expected


@given(_VALUES)
def test_mean_and_percentiles(values):
    found = histogram(values, 10)
    assert found.mean == pytest.approx(values.sum() / len(values), rel=1e-9, abs=1e-6)
    ordered = np.sort(values)
    for percent, value in enumerate(found.percentiles, start=1):
        position = percent / 100 * (len(ordered) - 1)
        low = int(position)
        high = min(low + 1, len(ordered) - 1)
        expected = ordered[low] + (position - low) * (ordered[high] - ordered[low])
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-4)
    assert len(found.percentiles) == 99


def test_equal_values_are_one_bin():
    assert histogram(np.full(7, 3.5), 40) == Histogram((3.5, 3.5), (7,), 3.5, (3.5,) * 99)


def test_values_too_near_for_the_bins_are_one_bin():
    values = np.array([1.0, np.nextafter(1.0, 2.0)])
    found = histogram(values, 40)
    assert found.edges == tuple(values)
    assert found.counts == (2,)


def test_no_values():
    assert histogram(np.array([]), 40) == Histogram((), (), None, ())
