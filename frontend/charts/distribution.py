"""How a feature is distributed over the portfolio, and where the client stands."""

from bisect import bisect_right
from itertools import pairwise

from bokeh.models import ColumnDataSource

from frontend import theme
from frontend.charts.chart import Chart, Table, csv_bytes
from frontend.charts.plot import COUNT, MOST_ROWS, hover, legend_above, mark_client, number_axis, plot, row_plot
from frontend.charts.scale import scale_of
from frontend.clients.types import Categories, Distribution, Feature, Histogram, Value
from frontend.components.values import value_text
from frontend.language import Language

_PERCENTILES = 99


def distribution_chart(distribution: Distribution, feature: Feature, client: Value, language: Language) -> Chart:
    """A histogram, or bars for categories; ``client`` is the client's value, None where there is none."""
    if isinstance(distribution.values, Histogram):
        return _of_numbers(distribution, distribution.values, feature, client, language)
    return _of_categories(distribution, distribution.values, feature, client, language)


def percentile(histogram: Histogram, value: float) -> int:
    """How many of the 99 percentiles lie at or below a value: 0 to 99, in percent of the clients with a value."""
    return bisect_right(list(histogram.percentiles), value)


def _of_numbers(
    distribution: Distribution, histogram: Histogram, feature: Feature, client: Value, language: Language
) -> Chart:
    _ = language.gettext
    edges, title = histogram.edges, _("Distribution in the portfolio")
    summary = _numbers_summary(distribution, histogram, feature, client, language)
    made = plot(name="distribution", title=title, summary=summary)
    rows: list[tuple[str, str, str]] = []
    if histogram.counts:
        scale = scale_of(feature, edges[0], edges[-1], language)
        bins = [
            (*scale.interval(low, high), count)
            for low, high, count in zip(edges[:-1], edges[1:], histogram.counts, strict=True)
        ]
        texts = [scale.interval_text(low, high) for low, high in pairwise(edges)]
        source = ColumnDataSource(
            {
                "left": [low for low, _high, _count in bins],
                "right": [high for _low, high, _count in bins],
                "top": list(histogram.counts),
                "text": texts,
                "clients": [language.format.integer(count) for count in histogram.counts],
            }
        )
        drawn = made.quad(
            left="left", right="right", top="top", bottom=0, color=theme.MARKS["neutral"], line_width=0, source=source
        )
        hover(made, [drawn], ("", "@text: @clients"))
        number_axis(made.xaxis[0], scale.ticks, language, scale.unit)
        known = sum(histogram.counts)
        rows = [
            (text, language.format.integer(count), language.format.percent(count / known))
            for text, count in zip(texts, histogram.counts, strict=True)
        ]
        if isinstance(client, float):
            mark_client(made, scale.position(client), _("This client"))
            legend_above(made, 1)
    made.y_range.start = 0
    number_axis(made.yaxis[0], COUNT, language, _("Clients"))
    table = Table((_("Values"), _("Clients"), _("Share")), rows)
    figures = csv_bytes(("lower", "upper", "clients"), zip(edges[:-1], edges[1:], histogram.counts, strict=True))
    return Chart(f"distribution-{feature.name}", title, summary, made, table, figures)


def _of_categories(
    distribution: Distribution, categories: Categories, feature: Feature, client: Value, language: Language
) -> Chart:
    _ = language.gettext
    title = _("Distribution in the portfolio")
    counts = sorted(categories.counts, key=lambda one: one.clients, reverse=True)
    names = [value_text(one.value, feature, language) for one in counts]
    shares = [one.clients / (distribution.clients or 1) for one in counts]
    summary = _("{clients} clients, of whom {missing} without a value.").format(
        clients=language.format.integer(distribution.clients), missing=language.format.integer(distribution.missing)
    )
    if counts:
        summary += " " + _("Most frequent: {value} ({share}).").format(
            value=names[0], share=language.format.percent(shares[0])
        )
    own = [one.value == client for one in counts]
    if any(own):
        summary += " " + _("This client: {value}.").format(value=names[own.index(True)])
    labels = [f"{name} – {_('this client')}" if mine else name for name, mine in zip(names, own, strict=True)]
    texts = [language.format.percent(share) for share in shares]
    rows = range(min(MOST_ROWS, len(counts)))
    made = row_plot(
        name="distribution",
        title=title,
        summary=summary,
        labels=[labels[k] for k in rows],
        values=[texts[k] for k in rows],
    )
    source = ColumnDataSource(
        {
            "row": list(rows),
            "right": [counts[k].clients for k in rows],
            "color": [theme.MARKS["client" if own[k] else "neutral"] for k in rows],
            "label": [names[k] for k in rows],
            "clients": [language.format.integer(counts[k].clients) for k in rows],
        }
    )
    drawn = made.hbar(y="row", right="right", height=0.62, color="color", source=source)
    made.x_range.start = 0
    hover(made, [drawn], ("", "@label: @clients"))
    number_axis(made.xaxis[0], COUNT, language, _("Clients"), ticks=3)
    table = Table(
        (_("Values"), _("Clients"), _("Share")),
        [
            (label, language.format.integer(one.clients), text)
            for label, one, text in zip(labels, counts, texts, strict=True)
        ],
    )
    figures = csv_bytes(("value", "clients"), [(one.value, one.clients) for one in counts])
    return Chart(f"distribution-{feature.name}", title, summary, made, table, figures)


def _numbers_summary(
    distribution: Distribution, histogram: Histogram, feature: Feature, client: Value, language: Language
) -> str:
    _ = language.gettext
    text = _("{clients} clients, of whom {missing} without a value.").format(
        clients=language.format.integer(distribution.clients), missing=language.format.integer(distribution.missing)
    )
    if len(histogram.percentiles) != _PERCENTILES:
        return text
    scale = scale_of(feature, histogram.edges[0], histogram.edges[-1], language)
    median = histogram.percentiles[_PERCENTILES // 2]
    text += " " + _("Half of them below {median}.").format(median=scale.with_unit(scale.text(median)))
    if isinstance(client, float):
        below = percentile(histogram, client)
        # On an axis that counts backwards from the application, more is what is less in the data.
        share = (below if scale.factor > 0 else 100 - below) / 100
        text += " " + _("This client: {value}, above {percent} of the clients.").format(
            value=scale.with_unit(scale.text(client)), percent=language.format.percent(share, 0)
        )
    return text
