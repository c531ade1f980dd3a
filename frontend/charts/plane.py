"""Two features against each other over many clients: a map of cells coloured by what became of their clients."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from bokeh.models import (
    BoxAnnotation,
    BoxSelectTool,
    ColorMapper,
    ColumnDataSource,
    CustomJSHover,
    HoverTool,
    LinearColorMapper,
    LogColorMapper,
)
from bokeh.plotting import figure as Figure  # noqa: N812
from numpy.typing import NDArray

from frontend import theme
from frontend.analysis.axis import Span
from frontend.analysis.plane import LEAST, Plane
from frontend.charts.chart import Chart, Table
from frontend.charts.colours import colour_scale
from frontend.charts.outcome_words import CSV_HEADER, csv_figures, rate_text, score_text
from frontend.charts.plane_axis import PlaneAxis
from frontend.charts.plot import COUNT, PERCENT, plot
from frontend.charts.zones import outline, place_text, standing_text
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes

_HEIGHT = 460
_PALE = 0.3
NAME = "plane"


class Colour(StrEnum):
    """What the colour of a cell says."""

    DEFAULT_RATE = "default_rate"
    SCORE = "score"
    CLIENTS = "clients"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn besides the cells: the client's place, and the part that was selected; None: none."""

    client: tuple[float | None, float | None] | None = None
    box: tuple[Span, Span] | None = None


def colour_name(colour: Colour, language: Language) -> str:
    """What the colour says, as legend and choice name it."""
    _ = language.gettext
    names = {
        Colour.DEFAULT_RATE: _("Observed default rate"),
        Colour.SCORE: _("Mean probability of repayment"),
        Colour.CLIENTS: _("Number of clients"),
    }
    return names[colour]


def plane_chart(plane: Plane, x: PlaneAxis, y: PlaneAxis, colour: Colour, drawn: Drawn, language: Language) -> Chart:
    """The map. Cells with fewer than 30 known outcomes (clients, for the score) are grey.

    Cells whose default rate could be that of all by chance are pale, so that few clients do not shout.
    """
    title = language.gettext("{y} against {x}").format(x=x.label, y=y.label)
    summary = _summary(plane, x, y, colour, drawn, language)
    grid = plane.grid
    made = plot(
        name=NAME,
        title=title,
        summary=summary,
        height=_HEIGHT,
        x_range=(grid.x.lower, grid.x.upper),
        y_range=(grid.y.lower, grid.y.upper),
    )
    x.dress(made.xaxis[0], across=True)
    y.dress(made.yaxis[0], across=False)
    _cells(made, plane, colour, language)
    outline(made, plane)
    selecting = BoxSelectTool()
    made.add_tools(selecting)
    made.toolbar.active_drag = selecting
    if drawn.box:
        (across, up), line = drawn.box, theme.MARKS["client"]
        made.add_layout(
            BoxAnnotation(
                left=across.lower,
                right=across.upper,
                bottom=up.lower,
                top=up.upper,
                fill_alpha=0,
                line_color=line,
                line_alpha=1,
                line_width=2,
                line_dash="dashed",
                level="overlay",
            )
        )
    if drawn.client and _is_shown(plane, drawn.client):
        place = {"x": [drawn.client[0]], "y": [drawn.client[1]], "text": [language.gettext("This client")]}
        source = ColumnDataSource(place)
        made.scatter("x", "y", marker="circle", size=16, color="white", source=source)
        made.scatter("x", "y", marker="diamond", size=14, color=theme.MARKS["client"], source=source)
        made.text(
            "x",
            "y",
            "text",
            x_offset=12,
            y_offset=6,
            text_font=theme.FONT,
            text_font_size="13px",
            text_font_style="bold",
            text_color=theme.LIGHT["ink"],
            background_fill_color="white",
            background_fill_alpha=0.85,
            padding=3,
            border_radius=3,
            source=source,
        )
    return Chart(NAME, title, summary, made, _table(plane, x, y, language), _csv(plane, x, y))


def values(plane: Plane, colour: Colour) -> NDArray[np.float64]:
    """What is painted: NaN where a cell has too few clients to say it."""
    grid = plane.grid
    match colour:
        case Colour.DEFAULT_RATE:
            return grid.default_rate(LEAST)
        case Colour.SCORE:
            return grid.mean_score(LEAST)
    return np.where(grid.clients > 0, grid.clients, np.nan)


def is_pale(plane: Plane, colour: Colour) -> NDArray[np.bool_]:
    """Cells that chance alone could have made what they are."""
    rate = plane.cohort.default_rate
    if colour is not Colour.DEFAULT_RATE or rate is None:
        return np.zeros(plane.grid.clients.shape, np.bool_)
    return ~plane.grid.stands_out(rate.value, LEAST)


def _cells(made: Figure, plane: Plane, colour: Colour, language: Language) -> None:
    grid, painted = plane.grid, values(plane, colour)
    few = np.where((grid.clients > 0) & np.isnan(painted), 1.0, np.nan)
    place = {
        "x": [grid.x.lower],
        "y": [grid.y.lower],
        "dw": [grid.x.upper - grid.x.lower],
        "dh": [grid.y.upper - grid.y.lower],
    }
    grey = LinearColorMapper([theme.MARKS["neutral"]], low=0, high=1, nan_color="rgba(0,0,0,0)")
    source = ColumnDataSource(place | {"image": [few]})
    made.image("image", "x", "y", "dw", "dh", color_mapper=grey, alpha=0.3, source=source)
    mapper = _mapper(plane, painted, colour)
    pale = is_pale(plane, colour)
    source = ColumnDataSource(place | {"image": [np.where(pale, painted, np.nan)]})
    made.image("image", "x", "y", "dw", "dh", color_mapper=mapper, alpha=_PALE, source=source)
    source = ColumnDataSource(
        place
        | {
            "image": [np.where(pale, np.nan, painted)],
            "clients": [grid.clients.astype(np.float64)],
            "rate": [grid.default_rate(LEAST)],
            "score": [grid.mean_score(LEAST)],
        }
    )
    cells = made.image("image", "x", "y", "dw", "dh", color_mapper=mapper, source=source)
    _hover(made, cells, language)
    options = COUNT if colour is Colour.CLIENTS else PERCENT
    colour_scale(made, colour_name(colour, language), mapper, options, language)


def _hover(made: Figure, cells: object, language: Language) -> None:
    formats = {"@clients": {}, "@rate": dict(PERCENT), "@score": dict(PERCENT)}
    code = "return Number.isFinite(value) ? new Intl.NumberFormat(locale, options).format(value) : '–'"
    made.add_tools(
        HoverTool(
            renderers=[cells],
            tooltips=[
                (language.gettext("Clients"), "@clients{custom}"),
                (language.gettext("Default rate"), "@rate{custom}"),
                (language.gettext("Mean score"), "@score{custom}"),
            ],
            formatters={
                field: CustomJSHover(args={"locale": language.code, "options": options}, code=code)
                for field, options in formats.items()
            },
        )
    )


def _mapper(plane: Plane, painted: NDArray[np.float64], colour: Colour) -> ColorMapper:
    """Colours around the cohort's own value: blue is better than it, orange worse."""
    palette = list(theme.DIVERGING)
    clear = "rgba(0,0,0,0)"
    if colour is Colour.CLIENTS:
        most = float(np.nanmax(painted, initial=2.0))
        return LogColorMapper(list(theme.COUNTS), low=1, high=most, nan_color=clear)
    if colour is Colour.DEFAULT_RATE:
        rate = plane.cohort.default_rate
        high = 2 * rate.value if rate and rate.value else 1.0
        return LinearColorMapper(palette, low=0, high=min(1.0, high), nan_color=clear)
    mean = plane.cohort.mean_score or 0.5
    room = float(np.nanmax(np.abs(painted - mean), initial=0.05))
    return LinearColorMapper(palette[::-1], low=mean - room, high=mean + room, nan_color=clear)


def _is_shown(plane: Plane, client: tuple[float | None, float | None]) -> bool:
    if client[0] is None or client[1] is None:
        return False
    grid = plane.grid
    return grid.x.lower <= client[0] <= grid.x.upper and grid.y.lower <= client[1] <= grid.y.upper


def _summary(plane: Plane, x: PlaneAxis, y: PlaneAxis, colour: Colour, drawn: Drawn, language: Language) -> str:
    _ = language.gettext
    fmt = language.format
    parts = [
        language.ngettext(
            "{clients} client, default rate {rate}, mean score {score}.",
            "{clients} clients, default rate {rate}, mean score {score}.",
            plane.shown.clients,
        ).format(
            clients=fmt.integer(plane.shown.clients),
            rate=rate_text(plane.shown, language),
            score=score_text(plane.shown, language),
        )
    ]
    outside = plane.cohort.clients - plane.without_value - plane.shown.clients
    if outside:
        parts.append(
            language.ngettext(
                "{count} client lies outside of the part shown.",
                "{count} clients lie outside of the part shown.",
                outside,
            ).format(count=fmt.integer(outside))
        )
    if plane.without_value:
        parts.append(
            language.ngettext(
                "{count} client has no value of one of the two.",
                "{count} clients have no value of one of the two.",
                plane.without_value,
            ).format(count=fmt.integer(plane.without_value))
        )
    if colour is not Colour.CLIENTS:
        parts.append(_("Grey: fewer than {least} clients in the cell.").format(least=LEAST))
    if colour is Colour.DEFAULT_RATE:
        parts.append(_("Pale: no clear difference from all clients looked at."))
    worst = plane.zones(1)
    if worst:
        parts.append(_("Risk is highest at {place}.").format(place=place_text(worst[0], x, y, language)))
    if drawn.client:
        for axis, place in zip((x, y), drawn.client, strict=True):
            if place is None:
                parts.append(_("This client has no value of “{feature}”.").format(feature=axis.label))
        if None not in drawn.client and not _is_shown(plane, drawn.client):
            parts.append(_("This client lies outside of the part shown."))
    return " ".join(parts)


def _table(plane: Plane, x: PlaneAxis, y: PlaneAxis, language: Language) -> Table:
    _ = language.gettext
    header = (x.label, y.label, _("Clients"), _("Default rate"), _("Beside all"), _("Mean score"))
    rows: Sequence[Sequence[str]] = [
        (
            x.interval_text(cell.x),
            y.interval_text(cell.y),
            language.format.integer(cell.outcomes.clients),
            rate_text(cell.outcomes, language),
            standing_text(cell, plane, language),
            score_text(cell.outcomes, language),
        )
        for cell in plane.coarse
    ]
    return Table(header, rows)


def _csv(plane: Plane, x: PlaneAxis, y: PlaneAxis) -> bytes:
    """The coarse cells; borders in the units of the axes, or the categories."""
    names = (x.feature.name, y.feature.name)
    header = [f"{name}_{end}" for name in names for end in ("from", "to")]
    rows = [
        (cell.x.lower, cell.x.upper, cell.y.lower, cell.y.upper, *csv_figures(cell.outcomes)) for cell in plane.coarse
    ]
    return csv_bytes((*header, *CSV_HEADER), rows)
