"""Contributions of many clients, feature by feature: which values of a feature raise the risk and which lower it."""

import math
import textwrap
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from bokeh.models import ColumnDataSource, Span

from frontend import theme
from frontend.charts.chart import Chart, Table
from frontend.charts.plot import SIGNED, legend_above, number_axis, row_plot
from frontend.clients.explanations import Beeswarm, Swarm
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes

_HALF_ROW = 0.4
_LABEL = 22
_SLOTS = 120
# Ranks from here on are "high"; below the first, "low".
_THIRDS = (1 / 3, 2 / 3)
# Low, middle, high, missing: told apart by lightness too, and seen on both surfaces.
_COLOURS = ("#5f6ad4", "#7b8797", "#c2568f", "#a08a4f")


def beeswarm_chart(beeswarm: Beeswarm, backwards: Collection[str], language: Language) -> Chart:
    """A swarm for each feature: a point is a client, coloured by the third of the portfolio that its value lies in.

    ``backwards`` are the features that a person counts from the application backwards: their high values are the low
    ones of the data.
    """
    _ = language.gettext
    title = _("Contributions of many clients")
    swarms = [_forwards(one) if one.feature in backwards else one for one in beeswarm.swarms]
    clients = len(swarms[0].contributions) if swarms else 0
    summary = _("{shown} of {clients} clients; right of the middle the risk is raised.").format(
        shown=language.format.integer(clients), clients=language.format.integer(beeswarm.clients)
    )
    labels = [one.label for one in swarms]
    made = row_plot(name="beeswarm", title=title, summary=summary, labels=labels)
    made.add_layout(Span(location=0, dimension="height", line_color=theme.MARKS["neutral"]))
    places = [spread(swarm.contributions) for swarm in swarms]
    for part, (name, colour) in enumerate(zip(_part_names(language), _COLOURS, strict=True)):
        points = [
            (contribution, row + places[row][k])
            for row, swarm in enumerate(swarms)
            for k, (contribution, rank) in enumerate(zip(swarm.contributions, swarm.ranks, strict=True))
            if part_of(rank) == part
        ]
        if points:
            source = ColumnDataSource({"x": [x for x, _y in points], "y": [y for _x, y in points]})
            made.scatter("x", "y", size=4, color=colour, fill_alpha=0.7, line_color=None, source=source)
            # In the legend a point as small as in a swarm would show no colour.
            made.scatter([math.nan], [math.nan], size=10, color=colour, legend_label=name)
    number_axis(
        made.xaxis[0], SIGNED, language, textwrap.fill(_("Contribution (log-odds of default)"), _LABEL), ticks=3
    )
    if made.legend:
        legend_above(made, 2)
    table = Table(
        (_("Mean contribution of"), *_part_names(language)),
        [(swarm.label, *(_mean_text(swarm, part, language) for part in range(len(_COLOURS)))) for swarm in swarms],
    )
    figures = csv_bytes(
        ("feature", "contribution_log_odds", "rank"),
        [
            (swarm.feature, contribution, None if math.isnan(rank) else rank)
            for swarm in swarms
            for contribution, rank in zip(swarm.contributions, swarm.ranks, strict=True)
        ],
    )
    return Chart("beeswarm", title, summary, made, table, figures)


def _forwards(swarm: Swarm) -> Swarm:
    return replace(swarm, ranks=[1 - rank for rank in swarm.ranks])


def part_of(rank: float) -> int:
    """The third that a rank lies in: 0 low, 1 middle, 2 high; 3: no value."""
    if math.isnan(rank):
        return 3
    return sum(rank >= limit for limit in _THIRDS)


def spread(contributions: Sequence[float]) -> list[float]:
    """How far up or down each point lies in its row (at most 0.4), so that points of one value lie side by side.

    Points of a slot of the axis take places next to the middle in turn; the fullest slot fills the row.
    """
    if not contributions:
        return []
    low, high = min(contributions), max(contributions)
    width = (high - low) / _SLOTS or 1.0
    slots = [int((value - low) / width) for value in contributions]
    step = 2 * _HALF_ROW / max(20, *Counter(slots).values())
    taken: Counter[int] = Counter()
    places = []
    for slot in slots:
        turn = taken[slot]
        taken[slot] += 1
        places.append(step * ((turn + 1) // 2) * (1 if turn % 2 else -1))
    return places


def _part_names(language: Language) -> tuple[str, str, str, str]:
    _ = language.gettext
    return _("low values"), _("middle values"), _("high values"), _("no value")


def _mean_text(swarm: Swarm, part: int, language: Language) -> str:
    found = [c for c, rank in zip(swarm.contributions, swarm.ranks, strict=True) if part_of(rank) == part]
    return language.format.signed(sum(found) / len(found)) if found else "–"
