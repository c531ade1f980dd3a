"""The observed default rate by the values of a feature, with its uncertainty."""

from collections.abc import Sequence

from bokeh.models import ColumnDataSource, Span

from frontend import theme
from frontend.charts.chart import Chart, Table
from frontend.charts.plot import MOST_ROWS, PERCENT, hover, number_axis, row_plot
from frontend.charts.scale import Scale, scale_of
from frontend.clients.explanations import Effect, RateBin
from frontend.clients.types import Feature, Value
from frontend.components.values import missing, value_text
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes


def default_rate_chart(effect: Effect, feature: Feature, client: Value, language: Language) -> Chart:
    """A row for each bin: rate and 95 % interval; a line marks the rate of all, the client's bin is named."""
    _ = language.gettext
    scale = _scale(effect.default_rates, feature, language)
    # From the lowest to the highest on the axis.
    rated = effect.default_rates if scale.factor > 0 else effect.default_rates[::-1]
    bins = [*rated, *([effect.missing] if effect.missing else [])]
    names = [
        *(bin_label(one, feature, scale, language) for one in rated),
        *([missing(language)] if effect.missing else []),
    ]
    own = _bin_of(client, effect)
    labels = [f"{name} – {_('this client')}" if one is own else name for one, name in zip(bins, names, strict=True)]
    known = sum(one.known for one in bins)
    overall = sum((one.default_rate or 0) * one.known for one in bins) / known if known else 0.0
    percent = language.format.percent
    title = _("Observed default rate")
    said = [scale.with_unit(name) for name in names[: len(rated)]] + names[len(rated) :]
    summary = _summary(bins, said, overall, language)
    rates = [_("unknown") if one.default_rate is None else percent(one.default_rate) for one in bins]
    shown = most_frequent(bins)
    made = row_plot(
        name="default-rate",
        title=title,
        summary=summary,
        labels=[labels[k] for k in shown],
        values=[rates[k] for k in shown],
        unit=scale.unit,
    )
    places = {k: row for row, k in enumerate(shown)}
    rows = [k for k in shown if bins[k].default_rate is not None]
    source = ColumnDataSource(
        {
            "row": [places[k] for k in rows],
            "rate": [bins[k].default_rate for k in rows],
            "low": [bins[k].default_rate_low for k in rows],
            "high": [bins[k].default_rate_high for k in rows],
            "color": [theme.MARKS["client" if bins[k] is own else "unfavourable"] for k in rows],
            "label": [labels[k] for k in rows],
            "text": [_interval(bins[k], language) for k in rows],
        }
    )
    bars = made.hbar(y="row", right="rate", height=0.5, color="color", fill_alpha=0.55, source=source)
    made.segment(x0="low", x1="high", y0="row", y1="row", color="color", line_width=3, source=source)
    made.add_layout(Span(location=overall, dimension="height", line_color=theme.MARKS["neutral"], line_dash="dashed"))
    made.x_range.start = 0
    hover(made, [bars], ("", "@label: @text"))
    number_axis(made.xaxis[0], PERCENT, language, _("Default rate (dashed: all)"), ticks=3)
    table = Table(
        (_("Values"), _("Clients"), _("Default rate"), _("95% interval")),
        [
            (label, language.format.integer(one.clients), rate, _interval(one, language))
            for label, one, rate in zip(labels, bins, rates, strict=True)
        ],
    )
    figures = csv_bytes(
        ("lower", "upper", "category", "clients", "known", "default_rate", "low", "high", "mean_contribution"),
        [
            (
                None if one is effect.missing or one.category else one.lower,
                None if one is effect.missing or one.category else one.upper,
                one.category,
                one.clients,
                one.known,
                one.default_rate,
                one.default_rate_low,
                one.default_rate_high,
                one.contribution,
            )
            for one in bins
        ],
    )
    return Chart(f"default-rate-{feature.name}", title, summary, made, table, figures)


def most_frequent(bins: Sequence[RateBin]) -> list[int]:
    """The rows to draw: those with most clients, in their own order."""
    by_clients = sorted(range(len(bins)), key=lambda k: bins[k].clients, reverse=True)
    return sorted(by_clients[:MOST_ROWS])


def bin_label(one: RateBin, feature: Feature, scale: Scale, language: Language) -> str:
    """The values of a bin, without their unit."""
    if one.category:
        return value_text(one.category, feature, language)
    return scale.interval_text(one.lower, one.upper)


def _scale(bins: Sequence[RateBin], feature: Feature, language: Language) -> Scale:
    if not bins or bins[0].category:
        return Scale("", language)
    return scale_of(feature, bins[0].lower, bins[-1].upper, language)


def _bin_of(client: Value, effect: Effect) -> RateBin | None:
    """The bin that the client's value belongs to; None for no value or one outside of all bins."""
    for one in effect.default_rates:
        if isinstance(client, str):
            if one.category == client:
                return one
        elif client is not None and not one.category:
            last = one is effect.default_rates[-1]
            if one.lower <= client < one.upper or (last and client == one.upper):
                return one
    return None


def _interval(one: RateBin, language: Language) -> str:
    if one.default_rate_low is None or one.default_rate_high is None:
        return "–"
    percent = language.format.percent
    return language.gettext("{lower} to {upper}").format(
        lower=percent(one.default_rate_low), upper=percent(one.default_rate_high)
    )


def _summary(bins: Sequence[RateBin], labels: Sequence[str], overall: float, language: Language) -> str:
    _ = language.gettext
    rated = [(one.default_rate, label) for one, label in zip(bins, labels, strict=True) if one.default_rate is not None]
    if not rated:
        return _("No outcome is known yet.")
    percent = language.format.percent
    low, high = min(rated), max(rated)
    return _(
        "{overall} of the clients with a known outcome have defaulted: from {low} ({low_values}) "
        "to {high} ({high_values})."
    ).format(
        overall=percent(overall),
        low=percent(low[0]),
        low_values=low[1],
        high=percent(high[0]),
        high_values=high[1],
    )
