"""Cells of two features' values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features import describe
from pipeline.features.dictionary import Kind
from services.explain.binning import NOWHERE
from services.explain.interaction.grid import Axis, Grid

FEATURES = describe.unobserved().features
NUMBER = next(f for f in FEATURES if f.kind is Kind.NUMBER)
CATEGORY = next(f for f in FEATURES if f.kind is Kind.CATEGORY)
VALUES = st.lists(st.sampled_from([np.nan, 0.0, 1.0, 2.0, 3.0, 9.0]), min_size=1, max_size=60)


def test_a_number_has_as_many_cells_as_asked_and_a_category_its_own():
    assert Axis.of(NUMBER, np.arange(1000.0), 12).cells == 12
    category = Axis.of(CATEGORY, np.zeros(5), 2)
    assert category.cells == len(CATEGORY.categories)
    assert not len(category.edges)
    assert category.cell_of(np.array([1.0, np.nan, 0.0])).tolist() == [1, NOWHERE, 0]


@pytest.mark.parametrize(("values", "cells"), [([4.0, 4.0], 1), ([np.nan], 0), ([0.0, 0.0, 0.0, 1.0], 2)])
def test_a_number_with_few_values_has_few_cells(values, cells):
    assert Axis.of(NUMBER, np.array(values), 12).cells == cells


@given(VALUES, st.integers(1, 6), st.integers(0, 1000))
def test_cells_hold_exactly_their_clients(values, cells, seed):
    x = np.array(values)
    random = np.random.default_rng(seed)
    y = random.permutation(x)
    amounts = np.where(random.random(len(x)) < 0.3, np.nan, random.normal(size=len(x)))
    grid = Grid(Axis.of(NUMBER, x, cells), Axis.of(NUMBER, y, cells))
    cell = grid.cell_of(x, y)
    counts, means = grid.count(cell), grid.mean(cell, amounts)
    assert len(counts) == len(means) == grid.x.cells * grid.y.cells
    assert counts.sum() == (~np.isnan(x) & ~np.isnan(y)).sum()
    for row in range(grid.y.cells):
        for column in range(grid.x.cells):
            inside = (grid.x.cell_of(x) == column) & (grid.y.cell_of(y) == row)
            k = row * grid.x.cells + column
            assert counts[k] == inside.sum()
            known = amounts[inside & ~np.isnan(amounts)]
            assert np.isnan(means[k]) if not len(known) else means[k] == pytest.approx(known.mean())
