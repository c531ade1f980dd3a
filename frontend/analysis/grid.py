"""Clients on the plane of two axes, counted in cells: Datashader's aggregation over hundreds of thousands of them."""

from dataclasses import dataclass

import datashader as ds
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from frontend.analysis.axis import Span
from frontend.analysis.outcomes import Numbers, Outcomes, outcomes_of_counts
from pipeline.evaluation.proportion import LEVEL, z_of


@dataclass(frozen=True, eq=False, slots=True)
class Grid:
    """Cells of equal size, (rows of y, columns of x), both from the lowest value up.

    ``clients``, ``known`` (outcomes) and ``defaults`` are counts, ``scores`` sums.
    """

    x: Span
    y: Span
    clients: NDArray[np.int64]
    known: NDArray[np.int64]
    defaults: NDArray[np.int64]
    scores: NDArray[np.float64]

    def default_rate(self, least: int) -> NDArray[np.float64]:
        """Observed default rate of each cell; NaN where fewer than ``least`` outcomes are known."""
        return _ratio(self.defaults, self.known, self.known >= max(least, 1))

    def mean_score(self, least: int) -> NDArray[np.float64]:
        """Mean score of each cell; NaN where there are fewer than ``least`` clients."""
        return _ratio(self.scores, self.clients, self.clients >= max(least, 1))

    def stands_out(self, rate: float, least: int) -> NDArray[np.bool_]:
        """Cells whose 95 % interval (Wilson) of the default rate does not hold ``rate``; none with few outcomes.

        That is so exactly where the observed rate is further from it than the standard error at it allows.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.abs(self.defaults / self.known - rate)
            allowed = z_of(LEVEL) * np.sqrt(rate * (1 - rate) / self.known)
        return (self.known >= max(least, 1)) & (distance > allowed)

    def outcomes(self, row: int, column: int) -> Outcomes:
        """What became of the clients of one cell."""
        cell = (row, column)
        return outcomes_of_counts(
            int(self.clients[cell]), int(self.known[cell]), int(self.defaults[cell]), float(self.scores[cell])
        )


def aggregate(
    x: Numbers, y: Numbers, target: Numbers, scores: Numbers, spans: tuple[Span, Span], cells: tuple[int, int]
) -> Grid:
    """Counts clients in ``cells`` (across, up) over ``spans`` (of x, of y); who has no x or y is in none."""
    (across, up), (span_x, span_y) = cells, spans
    canvas = ds.Canvas(
        plot_width=across,
        plot_height=up,
        x_range=(span_x.lower, span_x.upper),
        y_range=(span_y.lower, span_y.upper),
    )
    clients = pd.DataFrame({"x": x, "y": y, "target": target, "scores": scores}, copy=False)
    summary = ds.summary(
        clients=ds.count(), known=ds.count("target"), defaults=ds.sum("target"), scores=ds.sum("scores")
    )
    found = canvas.points(clients, "x", "y", agg=summary)
    return Grid(
        span_x,
        span_y,
        found["clients"].to_numpy().astype(np.int64),
        found["known"].to_numpy().astype(np.int64),
        np.nan_to_num(found["defaults"].to_numpy()).astype(np.int64),
        np.nan_to_num(found["scores"].to_numpy()).astype(np.float64),
    )


def warm_up() -> None:
    """Lets Datashader compile what ``aggregate`` needs (seconds), so that no officer waits for it."""
    one = np.zeros(1, np.float32)
    aggregate(one, one, one, one, (Span(0, 1), Span(0, 1)), (2, 2))


def _ratio(part: NDArray[np.generic], whole: NDArray[np.int64], shown: NDArray[np.bool_]) -> NDArray[np.float64]:
    ratio = np.full(whole.shape, np.nan)
    np.divide(part, whole, out=ratio, where=shown)
    return ratio
