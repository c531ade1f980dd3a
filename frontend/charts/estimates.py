"""Estimates with their intervals, row by row: several series of points beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from bokeh.models import ColumnDataSource
from bokeh.plotting import figure as Figure  # noqa: N812

from frontend import theme
from frontend.charts.plot import PERCENT, hover, legend_above, number_axis, row_plot
from frontend.language import Language
from pipeline.evaluation.result import Interval


@dataclass(frozen=True, slots=True)
class Series:
    """An estimate for each row (None: unknown), drawn with one mark of the theme and one shape."""

    label: str
    mark: str
    shape: str
    estimates: Sequence[Interval | None]


def interval_text(estimate: Interval | None, language: Language) -> str:
    """A share with its interval; a dash when it is unknown."""
    if estimate is None:
        return "–"
    percent = language.format.percent
    return language.gettext("{rate} ({low} to {high})").format(
        rate=percent(estimate.value), low=percent(estimate.low), high=percent(estimate.high)
    )


def estimates_plot(
    *, name: str, title: str, summary: str, labels: Sequence[str], series: Sequence[Series], axis: str,
    language: Language,
) -> Figure:  # fmt: skip
    """Shares with their intervals on one scale that begins at zero, the first row on top."""
    made = row_plot(name=name, title=title, summary=summary, labels=labels)
    drawn = []
    for k, one in enumerate(series):
        shift = 0.3 * (k - (len(series) - 1) / 2)
        known = [(row, found) for row, found in enumerate(one.estimates) if found is not None]
        source = ColumnDataSource(
            {
                "row": [row + shift for row, _found in known],
                "value": [found.value for _row, found in known],
                "low": [found.low for _row, found in known],
                "high": [found.high for _row, found in known],
                "label": [labels[row] for row, _found in known],
                "text": [interval_text(found, language) for _row, found in known],
            }
        )
        colour = theme.MARKS[one.mark]
        made.segment("low", "row", "high", "row", color=colour, line_width=2, source=source)
        drawn.append(
            made.scatter(
                "value", "row", marker=one.shape, size=10, color=colour, legend_label=one.label, source=source
            )
        )  # fmt: skip
    made.x_range.start = 0
    number_axis(made.xaxis[0], PERCENT, language, axis)
    if drawn:
        hover(made, drawn, ("", "@label: @text"))
        legend_above(made, len(series))
    return made
