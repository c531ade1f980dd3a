"""What the figures have in common: size, axes, names for screen readers. Colours of text come from the theme's CSS."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Literal

from bokeh.models import BoxAnnotation, CustomJSTickFormatter, FixedTicker, HoverTool, LinearAxis, NoOverlap, Range1d
from bokeh.plotting import figure as Figure  # noqa: N812

from frontend import theme
from frontend.language import Language

HEIGHT = 300
_ROW_HEIGHT = 34
_LINE = 26
_LINE_HEIGHT = 15
_LEGEND_ROW = 22
# Rows of a chart; the table twin holds the others too.
MOST_ROWS = 20

_LEGEND = ".bk-label { color: var(--cs-ink) !important; font: 13px var(--cs-font) !important; white-space: nowrap; }"

# Options of JavaScript's Intl.NumberFormat.
PLAIN: Mapping[str, object] = {"maximumFractionDigits": 2}
COUNT: Mapping[str, object] = {"notation": "compact", "maximumFractionDigits": 1}
PERCENT: Mapping[str, object] = {"style": "percent", "maximumFractionDigits": 1}
SIGNED: Mapping[str, object] = {"signDisplay": "exceptZero", "maximumFractionDigits": 2}


def plot(
    *,
    name: str,
    title: str,
    summary: str,
    height: int = HEIGHT,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    x_axis_type: Literal["linear", "log"] = "linear",
) -> Figure:
    """An empty figure as wide as its place, named by title and summary; without tools, so that it scrolls away."""
    made = Figure(
        name=name,
        x_axis_type=x_axis_type,
        height=height,
        sizing_mode="stretch_width",
        tools="",
        toolbar_location=None,
        min_border_left=8,
        min_border_right=12,
        outline_line_color=None,
        html_attributes={"role": "img", "aria-label": f"{title}. {summary}"},
    )
    if x_range is not None:
        made.x_range = Range1d(*x_range)
    if y_range is not None:
        made.y_range = Range1d(*y_range)
    made.xaxis.minor_tick_line_color = None
    made.yaxis.minor_tick_line_color = None
    return made


def number_axis(
    axis: LinearAxis, options: Mapping[str, object], language: Language, label: str = "", *, ticks: int = 5
) -> None:
    """Lets an axis write about so many numbers, as the officer's language does."""
    axis.formatter = CustomJSTickFormatter(
        args={"locale": language.code, "options": dict(options)},
        code="return new Intl.NumberFormat(locale, options).format(tick)",
    )
    axis.ticker.desired_num_ticks = ticks
    # On a narrow screen some numbers are left out.
    axis.major_label_policy = NoOverlap(min_distance=10)
    if label:
        axis.axis_label = label


def row_plot(
    *,
    name: str,
    title: str,
    summary: str,
    labels: Sequence[str],
    x_range: tuple[float, float] | None = None,
    values: Sequence[str] = (),
    unit: str = "",
) -> Figure:
    """A figure with a row for each label, the first on top (row k lies at y = k).

    ``values`` are texts at the right, ``unit`` is that of the labels.
    """
    wrapped = [textwrap.wrap(label, _LINE, max_lines=3, placeholder=" …") or [""] for label in labels]
    lines = max((len(lines) for lines in wrapped), default=1)
    height = 70 + len(labels) * max(_ROW_HEIGHT, _LINE_HEIGHT * lines + 6)
    made = plot(
        name=name, title=title, summary=summary, height=height, x_range=x_range, y_range=(len(labels) - 0.5, -0.5)
    )
    rows = list(range(len(labels)))
    made.yaxis.ticker = FixedTicker(ticks=rows)
    made.yaxis.major_label_overrides = dict(zip(rows, ("\n".join(lines) for lines in wrapped), strict=True))
    made.ygrid.visible = False
    if unit:
        made.yaxis.axis_label = unit
    if values:
        right = LinearAxis(ticker=FixedTicker(ticks=rows), major_label_overrides=dict(enumerate(values)))
        made.add_layout(right, "right")
    return made


def hover(made: Figure, renderers: Sequence[object], *tooltips: tuple[str, str]) -> None:
    """Shows texts of the data beside the pointer; whoever has none reads them in the table twin."""
    made.add_tools(HoverTool(renderers=list(renderers), tooltips=list(tooltips)))


def mark_client(made: Figure, value: float, label: str) -> None:
    """A line at the client's value, named in the legend."""
    made.vspan(x=[value], line_color=theme.MARKS["client"], line_width=3, legend_label=label)


def shade(made: Figure, lower: float, upper: float, mark: str) -> None:
    """A coloured band between two values of x."""
    band = BoxAnnotation(
        left=lower, right=upper, fill_color=theme.MARKS[mark], fill_alpha=0.16, line_color=None, level="underlay"
    )
    made.add_layout(band)


def legend_above(made: Figure, columns: int) -> None:
    """Moves the legend out of the drawing, which keeps its height."""
    legend = made.legend[0]
    made.height += _LEGEND_ROW * math.ceil(len(legend.items) / columns)
    legend.orientation = "horizontal"
    legend.ncols = columns
    legend.border_line_color = None
    # What does not fit in on a narrow screen goes on above the labels, not out of the card.
    legend.location = "top_right"
    legend.padding = 0
    legend.margin = 4
    # A legend is an element of the page, not painted.
    legend.stylesheets = [_LEGEND]
    made.add_layout(legend, "above")
