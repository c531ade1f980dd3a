"""Axes, grids and planes against the plain definition of what they count."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from frontend.analysis.axis import Span, make_axis
from frontend.analysis.grid import aggregate
from frontend.analysis.plane import LEAST, make_plane

_FINITE = st.floats(-1000, 1000, width=32)
_VALUES = arrays.arrays(np.float32, st.integers(0, 60), elements=st.one_of(_FINITE, st.just(np.float32(np.nan))))


def _portfolio(n=4000, seed=3):
    """Clients who default where x is high, a tenth without outcome and a tenth without x."""
    random = np.random.default_rng(seed)
    x, y = random.normal(size=(2, n)).astype(np.float32)
    target = (random.random(n) < np.where(x > 1, 0.4, 0.05)).astype(np.float32)
    target[random.random(n) < 0.1] = np.nan
    scores = random.random(n).astype(np.float32)
    x[random.random(n) < 0.1] = np.nan
    return x, y, target, scores


@settings(deadline=None)
@given(_VALUES, st.sampled_from([1.0, -1.0, -1 / 365.25]))
def test_an_axis_holds_every_value(values, factor):
    axis = make_axis(values, factor=factor)
    known = axis.values[~np.isnan(axis.values)]
    assert axis.whole.lower < axis.whole.upper
    slack = 1e-5 * (1 + np.abs(known).max(initial=0))
    assert np.all((known >= axis.whole.lower - slack) & (known <= axis.whole.upper + slack))
    assert axis.usual.lower >= axis.whole.lower - slack
    assert axis.usual.upper <= axis.whole.upper + slack


def test_whole_numbers_have_cells_of_their_own():
    axis = make_axis(np.array([0, 1, 2, 3, 3, np.nan], np.float32))
    assert axis.whole == Span(-0.5, 3.5)
    assert axis.cells(axis.whole, 50) == 4
    assert axis.snapped(Span(0.6, 2.2)) == Span(0.5, 2.5)
    assert make_axis(np.array([0, 300], np.float32)).step == 0


def test_days_become_years():
    axis = make_axis(np.array([-3652.5, -7305], np.float32), factor=-1 / 365.25)
    assert axis.whole == Span(pytest.approx(10), pytest.approx(20))
    assert axis.step == 0


def test_a_grid_counts_as_numpy_does():
    x, y, target, scores = _portfolio()
    grid = aggregate(x, y, target, scores, (Span(-2, 2), Span(-1, 3)), (7, 5))
    ranges = [(-1, 3), (-2, 2)]
    inside = ~np.isnan(x)
    known = inside & ~np.isnan(target)
    expected, *_ = np.histogram2d(y[inside], x[inside], bins=(5, 7), range=ranges)
    np.testing.assert_array_equal(grid.clients, expected)
    expected, *_ = np.histogram2d(y[known], x[known], bins=(5, 7), range=ranges)
    np.testing.assert_array_equal(grid.known, expected)
    expected, *_ = np.histogram2d(y[known], x[known], bins=(5, 7), range=ranges, weights=target[known])
    np.testing.assert_array_equal(grid.defaults, expected)
    expected, *_ = np.histogram2d(y[inside], x[inside], bins=(5, 7), range=ranges, weights=scores[inside])
    np.testing.assert_allclose(grid.scores, expected, rtol=1e-5)


def test_cells_with_few_clients_show_nothing():
    x, y, target, scores = _portfolio()
    grid = aggregate(x, y, target, scores, (Span(-3, 3), Span(-3, 3)), (12, 12))
    rate = grid.default_rate(LEAST)
    assert np.array_equal(np.isnan(rate), grid.known < LEAST)
    assert np.isnan(rate).any()
    assert np.array_equal(np.isnan(grid.mean_score(LEAST)), grid.clients < LEAST)
    assert np.array_equal(np.isnan(grid.default_rate(0)), grid.known == 0)


def _plane(zoom=None, rows=None):
    x, y, target, scores = _portfolio()
    rows = np.ones(x.size, bool) if rows is None else rows
    return x, y, target, make_plane(make_axis(x), make_axis(y), target, scores, rows, zoom)


def test_the_zone_of_defaults_is_found():
    *_, plane = _plane()
    zones = plane.zones()
    assert zones
    assert all(zone.x.upper > 1 for zone in zones)
    rates = [zone.outcomes.default_rate.value for zone in zones]
    assert rates == sorted(rates, reverse=True)
    assert all(zone.outcomes.default_rate.low > plane.cohort.default_rate.value for zone in zones)


def test_coarse_and_fine_cells_hold_the_clients_shown():
    x, y, _, plane = _plane()
    # Edges between two values are finer than the values.
    x, y = x.astype(np.float64), y.astype(np.float64)
    assert plane.shown.clients == sum(cell.outcomes.clients for cell in plane.coarse) == plane.grid.clients.sum()
    assert plane.without_value == np.isnan(x).sum()
    assert plane.cohort.clients == x.size
    for cell in plane.coarse:
        inside = plane.x.shown.holds(x) & plane.y.shown.holds(y)
        inside &= (x >= cell.x.lower) & (x < cell.x.upper) & (y >= cell.y.lower) & (y < cell.y.upper)
        # The last cell of an axis includes its upper edge: one client more at each.
        assert 0 <= cell.outcomes.clients - inside.sum() <= 2


def test_zooming_counts_anew():
    x, y, _, plane = _plane((Span(0, 1), Span(-1, 0)))
    inside = (x >= 0) & (x <= 1) & (y >= -1) & (y <= 0)
    assert plane.shown.clients == inside.sum()
    assert plane.grid.x == Span(0, 1)
    assert plane.cohort.clients == x.size


def test_categories_are_cells():
    x = np.array([0, 0, 1, 2, np.nan] * 1600, np.float32)
    y = np.arange(8000, dtype=np.float32) % 7
    zeros = np.zeros(8000, np.float32)
    plane = make_plane(make_axis(x, ("a", "b", "c")), make_axis(y), zeros, zeros, np.ones(8000, bool))
    assert plane.grid.clients.shape == (7, 3)
    assert plane.grid.clients.sum(axis=0).tolist() == [3200, 1600, 1600]
    assert {(cell.x.lower, cell.x.upper) for cell in plane.coarse} == {(-0.5, 0.5), (0.5, 1.5), (1.5, 2.5)}


@pytest.mark.parametrize("rows", [np.zeros(4000, bool), np.arange(4000) == 1])
def test_nobody_and_one_client(rows):
    *_, plane = _plane(rows=rows)
    assert plane.cohort.clients == rows.sum()
    assert plane.grid.clients.sum() == plane.shown.clients
    assert plane.zones() == []
