"""Where two features act together beyond what each does alone."""

import math
import textwrap

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, LinearAxis, LinearColorMapper

from frontend import theme
from frontend.charts.chart import Chart, Table
from frontend.charts.colours import colour_scale
from frontend.charts.plane_axis import scale_of_feature
from frontend.charts.plot import hover, plot
from frontend.clients.interaction import Interaction, InteractionAxis
from frontend.clients.types import Feature
from frontend.components.values import value_text
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes

_HEIGHT = 420
_MOST_TICKS = 8
# Interactions are small: two digits, however many zeros stand before them.
_DIGITS = {"signDisplay": "exceptZero", "maximumSignificantDigits": 2}


def interaction_chart(found: Interaction, x: Feature, y: Feature, language: Language) -> Chart:
    """Cells of equally many clients along each axis, coloured by the mean interaction (log-odds of default)."""
    _ = language.gettext
    title = _("Interaction of the two features")
    across, up = _cells(found.x, x, language), _cells(found.y, y, language)
    summary = _summary(found, across, up, language)
    made = plot(
        name="interaction",
        title=title,
        summary=summary,
        height=_HEIGHT,
        x_range=_range(found.x, x, language),
        y_range=_range(found.y, y, language),
    )
    _dress(made.xaxis[0], _name(found.x, x, language), across, slanted=True)
    _dress(made.yaxis[0], _name(found.y, y, language), up, slanted=False)
    made.grid.visible = False
    cells = [
        (k % len(across), k // len(across), cell) for k, cell in enumerate(found.cells) if cell.interaction is not None
    ]
    strongest = max((abs(cell.interaction or 0) for _x, _y, cell in cells), default=0.0) or 1.0
    mapper = LinearColorMapper(list(theme.DIVERGING), low=-strongest, high=strongest)
    source = ColumnDataSource(
        {
            "x": [x_ for x_, _y, _cell in cells],
            "y": [y_ for _x, y_, _cell in cells],
            "value": [cell.interaction for _x, _y, cell in cells],
            "where": [f"{across[x_]} · {up[y_]}" for x_, y_, _cell in cells],
            "text": [language.format.signed(cell.interaction or 0) for _x, _y, cell in cells],
        }
    )
    drawn = made.rect(
        "x", "y", width=0.98, height=0.98, fill_color={"field": "value", "transform": mapper}, line_color=None,
        source=source,
    )  # fmt: skip
    hover(made, [drawn], ("", "@where: @text"))
    colour_scale(made, _("Mean interaction (log-odds)"), mapper, _DIGITS, language)
    table = Table(
        (_name(found.x, x, language), _name(found.y, y, language), _("Clients"), _("Mean interaction (log-odds)")),
        [
            (
                across[k % len(across)],
                up[k // len(across)],
                language.format.integer(cell.clients),
                "–" if cell.interaction is None else language.format.signed(cell.interaction),
            )
            for k, cell in enumerate(found.cells)
        ],
    )
    rows = [
        (across[k % len(across)], up[k // len(across)], cell.clients, cell.interaction)
        for k, cell in enumerate(found.cells)
    ]
    figures = csv_bytes((x.name, y.name, "clients", "mean_interaction_log_odds"), rows)
    return Chart("interaction", title, summary, made, table, figures)


def _range(axis: InteractionAxis, feature: Feature, language: Language) -> tuple[float, float]:
    """From the first cell to the last, or back where the axis counts backwards (days before, as years)."""
    ends = (-0.5, axis.cells - 0.5)
    backwards = not axis.categories and scale_of_feature(feature, language).factor < 0
    return (ends[1], ends[0]) if backwards else ends


def _cells(axis: InteractionAxis, feature: Feature, language: Language) -> list[str]:
    """The values of each cell in words."""
    if axis.categories:
        return [value_text(category, feature, language) for category in axis.categories]
    scale = scale_of_feature(feature, language)
    return [scale.interval_text(low, high) for low, high in zip(axis.edges[:-1], axis.edges[1:], strict=True)]


def _name(axis: InteractionAxis, feature: Feature, language: Language) -> str:
    unit = "" if axis.categories else scale_of_feature(feature, language).unit
    return f"{axis.label} ({unit})" if unit else axis.label


def _dress(axis: LinearAxis, name: str, cells: list[str], *, slanted: bool) -> None:
    ticks = list(range(0, len(cells), max(1, math.ceil(len(cells) / _MOST_TICKS))))
    axis.ticker = FixedTicker(ticks=ticks)
    axis.major_label_overrides = {k: textwrap.shorten(cells[k], 22, placeholder="…") for k in ticks}
    axis.axis_label = "\n".join(textwrap.wrap(name, 44))
    if slanted:
        axis.major_label_orientation = math.pi / 4


def _summary(found: Interaction, across: list[str], up: list[str], language: Language) -> str:
    _ = language.gettext
    if found.strength == 0:
        text = _("The model does not combine these two features: each acts for itself on the {clients} clients.")
        return text.format(clients=language.format.integer(found.sampled))
    text = _("Together the two features move the score by {strength} on average (log-odds), over {clients} clients.")
    text = text.format(strength=language.format.decimal(found.strength), clients=language.format.integer(found.sampled))
    values = np.array([np.nan if cell.interaction is None else cell.interaction for cell in found.cells])
    if np.nanmax(values, initial=0.0) > 0:
        worst = int(np.nanargmax(values))
        text += " " + _("Risk is raised most at {x_name}: {x}; {y_name}: {y}.").format(
            x_name=found.x.label,
            x=across[worst % len(across)],
            y_name=found.y.label,
            y=up[worst // len(across)],
        )
    return text + " " + _("Blue lowers the risk, orange raises it.")
