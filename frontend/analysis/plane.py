"""Two columns against each other: a fine grid to be painted, a coarse one to be read, and the zones of high risk."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontend.analysis.axis import Axis, Span
from frontend.analysis.grid import Grid, aggregate
from frontend.analysis.outcomes import Numbers, Outcomes, Rows, outcomes, outcomes_of_counts

# Outcomes that a cell of the fine grid needs before it shows a rate: 30 give a 95 % interval of about ±10 points.
LEAST = 30
# The fine grid has as many cells as leave each with so many clients on average, within these limits a side.
_CLIENTS_A_CELL = 80
_CELLS = (4, 72)
_COARSE = 5
_ZONE_CLIENTS = 50
_ZONE_SHARE = 0.005
_CATEGORIES = 12


@dataclass(frozen=True, slots=True)
class Side:
    """What a reader needs to know of an axis; ``shown`` is the part that is looked at, ``step`` see ``Axis``."""

    categories: tuple[str, ...]
    shown: Span
    usual: Span
    whole: Span
    step: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the coarse grid: values of x and y (of a category: half a position around it), and its clients."""

    x: Span
    y: Span
    outcomes: Outcomes


@dataclass(frozen=True, eq=False, slots=True)
class Plane:
    """``cohort`` are all clients that were asked for, ``shown`` those in the part that is looked at."""

    x: Side
    y: Side
    cohort: Outcomes
    shown: Outcomes
    without_value: int
    grid: Grid
    coarse: Sequence[Cell]

    def zones(self, most: int = 3) -> list[Cell]:
        """The coarse cells whose default rate is certainly above the cohort's (by its interval), the worst first."""
        rate = self.cohort.default_rate
        if rate is None:
            return []
        least = max(_ZONE_CLIENTS, _ZONE_SHARE * self.cohort.known)
        rated = [
            (found.value, cell)
            for cell in self.coarse
            if cell.outcomes.known >= least and (found := cell.outcomes.default_rate) and found.low > rate.value
        ]
        return [cell for _value, cell in sorted(rated, key=lambda one: one[0], reverse=True)[:most]]


def make_plane(
    x: Axis, y: Axis, target: Numbers, scores: Numbers, rows: Rows, zoom: tuple[Span, Span] | None = None
) -> Plane:
    """Looks at the clients in ``rows``; ``zoom`` is the part of the plane (x, y), None for the usual one."""
    spans = (x.usual, y.usual) if zoom is None else (x.snapped(zoom[0]), y.snapped(zoom[1]))
    with_both = rows & ~np.isnan(x.values) & ~np.isnan(y.values)
    inside = with_both & spans[0].holds(x.values) & spans[1].holds(y.values)
    seen = outcomes(target, scores, inside)
    side = int(np.clip(np.sqrt(seen.clients / _CLIENTS_A_CELL), *_CELLS))
    cells = (x.cells(spans[0], side), y.cells(spans[1], side))
    arrays = (x.values[inside], y.values[inside], target[inside], scores[inside])
    return Plane(
        Side(x.categories, spans[0], x.usual, x.whole, x.step),
        Side(y.categories, spans[1], y.usual, y.whole, y.step),
        outcomes(target, scores, rows),
        seen,
        int(np.count_nonzero(rows) - np.count_nonzero(with_both)),
        aggregate(*arrays, spans, cells),
        _coarse(x, y, *arrays),
    )


def _coarse(x: Axis, y: Axis, xs: Numbers, ys: Numbers, target: Numbers, scores: Numbers) -> list[Cell]:
    """Cells between quantiles, or one for each category: about equally many clients along each axis."""
    if not xs.size:
        return []
    edges_x, edges_y = _edges(x, xs), _edges(y, ys)
    across = len(edges_x) - 1
    cell = _bin(ys, edges_y) * across + _bin(xs, edges_x)
    size = across * (len(edges_y) - 1)
    known = ~np.isnan(target)
    clients = np.bincount(cell, minlength=size)
    outcomes_known = np.bincount(cell[known], minlength=size)
    defaults = np.bincount(cell[known], target[known], minlength=size)
    sums = np.bincount(cell, scores, minlength=size)
    return [
        Cell(
            Span(float(edges_x[k % across]), float(edges_x[k % across + 1])),
            Span(float(edges_y[k // across]), float(edges_y[k // across + 1])),
            outcomes_of_counts(int(clients[k]), int(outcomes_known[k]), round(defaults[k]), float(sums[k])),
        )
        for k in range(size)
        if clients[k]
    ]


def _edges(axis: Axis, values: Numbers) -> NDArray[np.float64]:
    """Borders of the coarse cells; those of steps lie between two of them."""
    if axis.categories:
        first, last = round(float(values.min())), round(float(values.max()))
        if last - first < _CATEGORIES:
            return np.arange(first, last + 2, dtype=np.float64) - 0.5
    ends: NDArray[np.float64] = np.quantile(values.astype(np.float64), np.linspace(0, 1, _COARSE + 1))
    if axis.step:
        ends = np.rint(ends / axis.step) * axis.step
        ends = np.concatenate([ends[:1] - axis.step / 2, ends[1:] + axis.step / 2])
    ends = np.unique(ends).astype(np.float64)
    return ends if ends.size > 1 else np.array([ends[0] - 0.5, ends[0] + 0.5], np.float64)


def _bin(values: Numbers, edges: NDArray[np.float64]) -> NDArray[np.intp]:
    """Number of the cell of each value; the last one includes its upper edge."""
    return np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
