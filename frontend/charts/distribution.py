"""How a feature is distributed over clients who repaid and clients who did not, and where one client stands."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from bokeh.models import ColumnDataSource
from numpy.typing import NDArray

from frontend import theme
from frontend.analysis.feature_distribution import FeatureDistribution
from frontend.analysis.plane import LEAST
from frontend.charts.chart import Chart, Table
from frontend.charts.plot import MOST_ROWS, PERCENT, hover, legend_above, mark_client, number_axis, plot, row_plot
from frontend.charts.scale import Scale, scale_of
from frontend.clients.types import Feature, Value
from frontend.components.values import value_text
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes

_MEDIAN = 49
_CSV = ("clients", "share_of_repaid", "share_of_defaults")


def distribution_chart(found: FeatureDistribution, feature: Feature, client: Value, language: Language) -> Chart:
    """Shares of the clients who repaid and of those in default, by value; ``client`` is one client's value.

    While fewer than 30 outcomes of a kind are known, all clients are drawn together.
    """
    if found.categories:
        return _of_categories(found, feature, client, language)
    return _of_numbers(found, feature, client, language)


def percentile(found: FeatureDistribution, value: float) -> int:
    """How many of the 99 percentiles lie at or below a value: 0 to 99, in percent of the clients with a value."""
    return bisect_right(found.percentiles.tolist(), value)


def _of_numbers(found: FeatureDistribution, feature: Feature, client: Value, language: Language) -> Chart:
    _ = language.gettext
    title = _("Distribution by outcome")
    edges = found.edges.tolist()
    scale = scale_of(feature, edges[0], edges[-1], language) if edges else Scale("", language)
    summary = _numbers_summary(found, scale, client, language)
    made = plot(name="distribution", title=title, summary=summary)
    texts = _intervals(found, scale, language)
    series = _series(found, language)
    drawn = []
    for name, mark, shares in series:
        source = ColumnDataSource(
            {
                "left": [scale.interval(low, high)[0] for low, high in pairwise(edges)],
                "right": [scale.interval(low, high)[1] for low, high in pairwise(edges)],
                "top": shares[1:-1],
                "label": texts[1:-1],
                "text": [f"{name} {language.format.percent(share)}" for share in shares[1:-1]],
            }
        )
        colour = theme.MARKS[mark]
        fill = 0.45 if mark != "unfavourable" else 0.0
        bars = made.quad(
            left="left", right="right", top="top", bottom=0, fill_color=colour, fill_alpha=fill, line_color=colour,
            line_width=0 if fill else 2, legend_label=name, source=source,
        )  # fmt: skip
        drawn.append(bars)
    if isinstance(client, float) and edges:
        mark_client(made, scale.position(client), _("This client"))
    if drawn:
        hover(made, drawn, ("", "@label: @text"))
        legend_above(made, 3)
        number_axis(made.xaxis[0], scale.ticks, language, scale.unit)
    made.y_range.start = 0
    number_axis(made.yaxis[0], PERCENT, language, _("Share of the group"))
    limits = [(None, *edges), (*edges, None)] if edges else [(), ()]
    figures = csv_bytes(("lower", "upper", *_CSV), zip(*limits, *_columns(found), strict=True))
    return Chart(f"distribution-{feature.name}", title, summary, made, _table(found, texts, language), figures)


def _of_categories(found: FeatureDistribution, feature: Feature, client: Value, language: Language) -> Chart:
    _ = language.gettext
    title = _("Distribution by outcome")
    order = np.argsort(-found.clients, kind="stable").tolist()
    order = [k for k in order if found.clients[k]]
    names = [value_text(category, feature, language) for category in found.categories]
    labels = [
        f"{name} – {_('this client')}" if category == client else name
        for name, category in zip(names, found.categories, strict=True)
    ]
    percent = language.format.percent
    known = int(found.clients.sum()) or 1
    summary = _counts_text(found, language)
    if order:
        share = percent(float(found.clients[order[0]]) / known)
        summary += " " + _("Most frequent: {value} ({share}).").format(value=names[order[0]], share=share)
    if client in found.categories:
        summary += " " + _("This client: {value}.").format(value=value_text(client, feature, language))
    shown = order[:MOST_ROWS]
    made = row_plot(
        name="distribution",
        title=title,
        summary=summary,
        labels=[labels[k] for k in shown],
        values=[percent(float(found.clients[k]) / known) for k in shown],
    )
    series = _series(found, language)
    drawn = []
    for turn, (name, mark, shares) in enumerate(series):
        height = 0.68 / len(series)
        source = ColumnDataSource(
            {
                "row": [row + height * (turn - (len(series) - 1) / 2) for row in range(len(shown))],
                "right": [shares[k] for k in shown],
                "label": [names[k] for k in shown],
                "text": [f"{name} {percent(shares[k])}" for k in shown],
            }
        )
        bars = made.hbar(
            y="row", right="right", height=height * 0.9, color=theme.MARKS[mark], legend_label=name, source=source
        )
        drawn.append(bars)
    made.x_range.start = 0
    if drawn:
        hover(made, drawn, ("", "@label: @text"))
        legend_above(made, 2)
    number_axis(made.xaxis[0], PERCENT, language, _("Share of the group"), ticks=3)
    table = _table(found, labels, language, order)
    columns = _columns(found)
    figures = csv_bytes(("value", *_CSV), [(found.categories[k], *(column[k] for column in columns)) for k in order])
    return Chart(f"distribution-{feature.name}", title, summary, made, table, figures)


def _series(found: FeatureDistribution, language: Language) -> list[tuple[str, str, list[float]]]:
    """Name, mark and share of its clients by bin: of both outcomes, or of all clients when few outcomes are known."""
    _ = language.gettext
    if min(found.repaid.sum(), found.defaults.sum()) >= LEAST:
        parts = [(_("repaid"), "favourable", found.repaid), (_("in default"), "unfavourable", found.defaults)]
    else:
        parts = [(_("all clients"), "neutral", found.clients)] if found.clients.sum() else []
    return [(name, mark, (counts / counts.sum()).tolist()) for name, mark, counts in parts]


def _columns(found: FeatureDistribution) -> tuple[list[int], list[float | None], list[float | None]]:
    """Clients and the shares of both outcomes; no share of a bin in which few outcomes are known."""
    told = found.repaid + found.defaults >= LEAST

    def shares(counts: NDArray[np.int64]) -> list[float | None]:
        total = int(counts.sum())
        return [float(count) / total if is_told else None for count, is_told in zip(counts, told, strict=True)]

    enough = min(found.repaid.sum(), found.defaults.sum()) >= LEAST
    nothing: list[float | None] = [None] * found.clients.size
    return (
        found.clients.tolist(),
        shares(found.repaid) if enough else nothing,
        shares(found.defaults) if enough else nothing,
    )


def _table(
    found: FeatureDistribution, labels: Sequence[str], language: Language, order: Sequence[int] | None = None
) -> Table:
    _ = language.gettext
    fmt = language.format
    clients, repaid, defaults = _columns(found)
    # Nobody lies beyond the ends of most features.
    rows = [k for k in range(len(clients)) if clients[k] or 0 < k < len(clients) - 1] if order is None else order

    def text(share: float | None) -> str:
        return _("too few outcomes") if share is None else fmt.percent(share)

    return Table(
        (_("Values"), _("Clients"), _("Share of the repaid loans"), _("Share of the defaults")),
        [(labels[k], fmt.integer(clients[k]), text(repaid[k]), text(defaults[k])) for k in rows],
    )


def _intervals(found: FeatureDistribution, scale: Scale, language: Language) -> list[str]:
    """The bins in words, those before the first and behind the last edge included."""
    edges = found.edges.tolist()
    if not edges:
        return []
    # A bin of whole numbers ends between two of them.
    half = found.step / 2
    inner = [scale.interval_text(low + half, high - half) for low, high in pairwise(edges)]
    # On an axis that counts backwards, less in the data is more for a person.
    names = [language.gettext("below {value}"), language.gettext("above {value}")]
    below, above = names if scale.factor > 0 else names[::-1]
    return [
        below.format(value=scale.text(edges[0] + half)), *inner, above.format(value=scale.text(edges[-1] - half))
    ]  # fmt: skip


def _counts_text(found: FeatureDistribution, language: Language) -> str:
    """How many clients there are, and how many of them have no value."""
    integer = language.format.integer
    text = language.ngettext("{clients} client", "{clients} clients", found.total).format(clients=integer(found.total))
    if found.missing:
        text += language.gettext(", of whom {missing} without a value").format(missing=integer(found.missing))
    return f"{text}."


def _numbers_summary(found: FeatureDistribution, scale: Scale, client: Value, language: Language) -> str:
    _ = language.gettext
    text = _counts_text(found, language)
    if not found.percentiles.size:
        return text
    median = float(found.percentiles[_MEDIAN])
    text += " " + _("Half of them below {median}.").format(median=scale.with_unit(scale.text(median)))
    beyond = int(found.clients[0] + found.clients[-1])
    if beyond:
        text += " " + language.ngettext(
            "{count} client lies beyond the ends of the chart.", "{count} clients lie beyond the ends of the chart.",
            beyond,
        ).format(count=language.format.integer(beyond))  # fmt: skip
    if isinstance(client, float):
        below = percentile(found, client)
        # On an axis that counts backwards from the application, more is what is less in the data.
        share = (below if scale.factor > 0 else 100 - below) / 100
        text += " " + _("This client: {value}, above {percent} of the clients.").format(
            value=scale.with_unit(scale.text(client)), percent=language.format.percent(share, 0)
        )
    return text
