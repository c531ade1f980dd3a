"""Two features' values as a grid of cells."""

from dataclasses import dataclass

import numpy as np

from pipeline.features.dictionary import Feature, Kind
from services.explain.binning import NOWHERE, Places, bin_edges, bin_of
from services.explain.ensemble import Floats


@dataclass(frozen=True, slots=True)
class Axis:
    """One side of the grid; a client without a value is on none of its cells.

    Of a number ``edges`` has one more than cells: ``edges[k] <= value < edges[k + 1]``, the last cell including its
    upper. Of a category it is empty: each of the dictionary's categories is a cell.
    """

    feature: Feature
    edges: Floats

    @classmethod
    def of(cls, feature: Feature, values: Floats, cells: int) -> "Axis":
        """Divides the portfolio's known values, shape (n,), into at most that many cells of equally many clients."""
        return cls(feature, np.empty(0) if feature.kind is Kind.CATEGORY else bin_edges(values, cells))

    @property
    def cells(self) -> int:
        """How many cells there are; none of a number that nobody has."""
        return len(self.feature.categories) if self.feature.kind is Kind.CATEGORY else max(0, len(self.edges) - 1)

    def cell_of(self, values: Floats) -> Places:
        """The cell of each value, shape (n,), ``NOWHERE`` for a missing one; a category is given by its position."""
        if self.feature.kind is Kind.CATEGORY:
            return np.nan_to_num(values, nan=NOWHERE).astype(np.intp)
        return bin_of(self.edges, values)


class Grid:
    """The cells of two axes, row after row of y."""

    def __init__(self, x: Axis, y: Axis) -> None:
        self.x, self.y = x, y
        self.cells = x.cells * y.cells

    def cell_of(self, x: Floats, y: Floats) -> Places:
        """The cell of each client, ``y * cells of x + x``, shape (n,); ``NOWHERE`` if one of the values is missing."""
        across, down = self.x.cell_of(x), self.y.cell_of(y)
        return np.where((across == NOWHERE) | (down == NOWHERE), NOWHERE, down * self.x.cells + across)

    def count(self, cell: Places) -> Places:
        """Clients of every cell, shape (cells,)."""
        return np.bincount(cell[cell != NOWHERE], minlength=self.cells)

    def mean(self, cell: Places, values: Floats) -> Floats:
        """Mean of every cell's known values, shape (cells,); NaN where there are none."""
        inside = (cell != NOWHERE) & ~np.isnan(values)
        totals = np.bincount(cell[inside], values[inside], minlength=self.cells)
        with np.errstate(invalid="ignore"):
            return np.asarray(totals / self.count(cell[inside]))
