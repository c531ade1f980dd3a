"""The portfolio by score: how the scores are distributed, and what became of the clients of each band."""

from itertools import pairwise

from bokeh.models import BoxAnnotation, ColumnDataSource
from bokeh.plotting import figure as Figure  # noqa: N812

from frontend import theme
from frontend.analysis.distribution import ScoreBins
from frontend.analysis.outcomes import Outcomes
from frontend.charts.chart import Chart, Table
from frontend.charts.estimates import Series, estimates_plot, interval_text
from frontend.charts.outcome_words import csv_figures, rate_is_told, rate_text
from frontend.charts.plot import COUNT, PERCENT, hover, legend_above, number_axis, plot
from frontend.clients.types import Model
from frontend.components.wording import band_name
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes


def score_distribution_chart(bins: ScoreBins, everyone: Outcomes, model: Model, language: Language) -> Chart:
    """Clients by probability of repayment, over the seven bands, with the acceptance threshold."""
    _ = language.gettext
    fmt = language.format
    title = _("Scores of the portfolio")
    accepted = int(bins.clients[bins.edges[:-1] >= model.threshold - 1e-9].sum())
    summary = language.ngettext(
        "{clients} client, mean probability of repayment {mean}; the threshold lies at {threshold}.",
        "{clients} clients, mean probability of repayment {mean}; the threshold lies at {threshold}.",
        everyone.clients,
    ).format(
        clients=fmt.integer(everyone.clients),
        mean=fmt.percent(everyone.mean_score or 0.0),
        threshold=fmt.percent_short(model.threshold),
    )
    if everyone.clients:
        summary += " " + _("About {share} of the clients lie above it.").format(
            share=fmt.percent(accepted / everyone.clients, 0)
        )
    made = plot(name="scores", title=title, summary=summary, x_range=(0, 1))
    for band in model.bands:
        made.add_layout(
            BoxAnnotation(
                left=band.lower,
                right=band.upper,
                fill_color=theme.BANDS[band.band],
                fill_alpha=0.22,
                line_color=None,
                level="underlay",
            )
        )
    texts = [
        _("{lower} to {upper}").format(lower=fmt.percent_short(low), upper=fmt.percent_short(high))
        for low, high in pairwise(bins.edges.round(4).tolist())
    ]
    source = ColumnDataSource(
        {
            "left": bins.edges[:-1],
            "right": bins.edges[1:],
            "top": bins.clients,
            "text": texts,
            "clients": [fmt.integer(count) for count in bins.clients.tolist()],
        }
    )
    drawn = made.quad(
        left="left", right="right", top="top", bottom=0, color=theme.MARKS["neutral"], line_width=0, source=source
    )
    hover(made, [drawn], ("", "@text: @clients"))
    line = _("threshold {percent}").format(percent=fmt.percent_short(model.threshold))
    made.vspan(x=[model.threshold], line_color=theme.MARKS["unfavourable"], line_width=3, legend_label=line)
    legend_above(made, 1)
    number_axis(made.xaxis[0], PERCENT, language, _("Probability of repayment"))
    number_axis(made.yaxis[0], COUNT, language, _("Clients"))
    made.y_range.start = 0
    table = Table(
        (_("Probability of repayment"), _("Clients"), _("Share")),
        [
            (text, fmt.integer(count), fmt.percent(count / max(everyone.clients, 1)))
            for text, count in zip(texts, bins.clients.tolist(), strict=True)
        ],
    )
    rows = zip(bins.edges[:-1].tolist(), bins.edges[1:].tolist(), bins.clients.tolist(), strict=True)
    return Chart("scores", title, summary, made, table, csv_bytes(("lower", "upper", "clients"), rows))


def threshold_line(made: Figure, threshold: float, label: str, *, tried: bool = False) -> None:
    """A line at a threshold, named in the legend."""
    mark, dash = ("client", "dashed") if tried else ("neutral", "solid")
    made.vspan(x=[threshold], line_color=theme.MARKS[mark], line_width=3, line_dash=dash, legend_label=label)


def bands_chart(found: dict[str, Outcomes], model: Model, language: Language) -> Chart:
    """Observed beside expected default rate of each band; expected is what held-out clients of the training did."""
    _ = language.gettext
    fmt = language.format
    title = _("Default rate by risk band")
    nobody = Outcomes(0, 0, 0, None, None)
    rows = [(band, found.get(band.band.value, nobody)) for band in model.bands]
    total = sum(one.clients for _band, one in rows) or 1
    apart = [
        band_name(band.band, language)
        for band, one in rows
        if rate_is_told(one) and (rate := one.default_rate) and (expected := band.default_rate)
        and (rate.low > expected.high or rate.high < expected.low)
    ]  # fmt: skip
    summary = (
        _("Observed and expected rates differ beyond chance in: {bands}.").format(bands=", ".join(apart))
        if apart
        else _("In every band the observed rate agrees with the expected one.")
    )
    summary += " " + _("The model learned from many of these clients, the expected rates are of others.")
    labels = [
        f"{band_name(band.band, language)} ({fmt.percent_short(band.lower)} – {fmt.percent_short(band.upper)})"
        for band, _one in rows
    ]
    observed = [one.default_rate if rate_is_told(one) else None for _band, one in rows]
    made = estimates_plot(
        name="bands",
        title=title,
        summary=summary,
        labels=labels,
        series=[
            Series(_("Observed"), "unfavourable", "circle", observed),
            Series(_("Expected"), "favourable", "diamond", [band.default_rate for band, _one in rows]),
        ],
        axis=_("Default rate"),
        language=language,
    )
    table = Table(
        (_("Risk band"), _("Clients"), _("Share"), _("Observed"), _("Expected")),
        [
            (
                label,
                fmt.integer(one.clients),
                fmt.percent(one.clients / total),
                rate_text(one, language),
                interval_text(band.default_rate, language),
            )
            for label, (band, one) in zip(labels, rows, strict=True)
        ],
    )
    header = (
        "band", "lower", "upper", "clients", "known_outcomes", "default_rate", "default_rate_low",
        "default_rate_high", "mean_score", "expected_default_rate",
    )  # fmt: skip
    figures = csv_bytes(
        header,
        [
            (b.band.value, b.lower, b.upper, *csv_figures(one), b.default_rate.value if b.default_rate else None)
            for b, one in rows
        ],
    )
    return Chart("bands", title, summary, made, table, figures)
