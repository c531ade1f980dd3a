"""What the colours of a map mean: a strip of them above the map, with an axis of its own.

Not the text of Bokeh's colour bar, which does not follow the theme.
"""

from collections.abc import Mapping

from bokeh.models import (
    ColorBar,
    ColorMapper,
    FixedTicker,
    LinearAxis,
    LinearScale,
    LogAxis,
    LogColorMapper,
    LogScale,
    Range1d,
)
from bokeh.plotting import figure as Figure  # noqa: N812

from frontend.charts.plot import number_axis
from frontend.language import Language

_NAME = "colours"


def colour_scale(
    made: Figure, title: str, mapper: ColorMapper, options: Mapping[str, object], language: Language
) -> None:
    """Names the values of the colours; ``options`` are those of Intl.NumberFormat."""
    logarithmic = isinstance(mapper, LogColorMapper)
    made.extra_x_ranges = {_NAME: Range1d(mapper.low, mapper.high)}
    made.extra_x_scales = {_NAME: LogScale() if logarithmic else LinearScale()}
    made.add_layout(
        ColorBar(color_mapper=mapper, ticker=FixedTicker(ticks=[]), height=10, padding=2, background_fill_color=None),
        "above",
    )
    axis = (LogAxis if logarithmic else LinearAxis)(
        x_range_name=_NAME,
        axis_line_color=None,
        major_tick_line_color=None,
        minor_tick_line_color=None,
        major_label_standoff=0,
    )
    number_axis(axis, options, language, title, ticks=3)
    made.add_layout(axis, "above")
