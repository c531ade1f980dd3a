"""Global importance: mean absolute contributions of a cohort beside those of the portfolio."""

from bokeh.models import ColumnDataSource

from frontend import theme
from frontend.charts.chart import Chart, Table
from frontend.charts.plot import PLAIN, hover, legend_above, number_axis, row_plot
from frontend.clients.explanations import Importances
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes

TOP = 12


def importance_chart(importances: Importances, cohort: str, language: Language, top: int = TOP) -> Chart:
    """The most important features of a cohort; ``cohort`` is its name, empty for the whole portfolio."""
    _ = language.gettext
    shown = importances.features[:top]
    title = _("Importance of the features")
    summary = language.ngettext(
        "Mean strength of each feature over {clients} client, in log-odds.",
        "Mean strength of each feature over {clients} clients, in log-odds.",
        importances.clients,
    ).format(clients=language.format.integer(importances.clients))
    if shown:
        summary += " " + _("The strongest: {labels}.").format(labels=", ".join(one.label for one in shown[:3]))
    labels = [one.label for one in shown]
    made = row_plot(name="importance", title=title, summary=summary, labels=labels)
    made.x_range.start = 0
    bars = [(cohort or _("Portfolio"), "favourable", [one.mean_absolute for one in shown], 0.0, 0.6)]
    if cohort:
        bars = [
            (cohort, "favourable", [one.mean_absolute for one in shown], -0.18, 0.34),
            (_("Portfolio"), "neutral", [one.portfolio_mean_absolute for one in shown], 0.18, 0.24),
        ]
    drawn = [
        made.hbar(
            y="row",
            right="right",
            height=height,
            color=theme.MARKS[mark],
            legend_label=name,
            source=ColumnDataSource(
                {
                    "row": [k + shift for k in range(len(values))],
                    "right": values,
                    "label": labels,
                    "text": [language.format.decimal(value) for value in values],
                }
            ),
        )
        for name, mark, values, shift, height in bars
    ]
    number_axis(made.xaxis[0], PLAIN, language, _("Mean strength (log-odds)"), ticks=3)
    hover(made, drawn, ("", "@label: @text"))
    if cohort:
        legend_above(made, 1)
    else:
        made.legend.visible = False
    fmt = language.format
    header = [_("Feature"), cohort or _("Portfolio"), *([_("Portfolio")] if cohort else []), _("Mean contribution")]
    rows = [
        [
            one.label,
            fmt.decimal(one.mean_absolute),
            *([fmt.decimal(one.portfolio_mean_absolute)] if cohort else []),
            fmt.signed(one.mean),
        ]
        for one in importances.features
    ]
    figures = csv_bytes(
        ("feature", "label", "mean_absolute", "mean", "portfolio_mean_absolute"),
        [(f.feature, f.label, f.mean_absolute, f.mean, f.portfolio_mean_absolute) for f in importances.features],
    )
    return Chart("importance", title, summary, made, Table(header, rows), figures)
