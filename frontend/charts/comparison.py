"""A client's contributions against the portfolio's usual ones, on one scale."""

from bokeh.models import ColumnDataSource

from frontend import theme
from frontend.charts.chart import Chart, Table
from frontend.charts.plot import PLAIN, hover, legend_above, number_axis, row_plot
from frontend.clients.explanations import Explanation
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes

TOP = 10
_MARKS = {True: "unfavourable", False: "favourable"}


def comparison_chart(explanation: Explanation, language: Language, top: int = TOP) -> Chart:
    """Absolute contributions (log-odds) of the client's strongest features beside their mean over the portfolio."""
    _ = language.gettext
    shown = sorted(explanation.contributions, key=lambda one: abs(one.contribution), reverse=True)[:top]
    title = _("This client and the portfolio")
    summary = _("What counts for this client, beside what counts on average; both in log-odds of default.")
    unusual = [one for one in shown if abs(one.contribution) > 2 * (one.global_importance or float("inf"))]
    if unusual:
        summary += " " + _("More than twice as strong as usual: {labels}.").format(
            labels=", ".join(one.label for one in unusual[:3])
        )
    made = row_plot(name="comparison", title=title, summary=summary, labels=[one.label for one in shown])
    made.x_range.start = 0
    drawn = []
    legend = {True: _("raises the risk"), False: _("lowers the risk")}
    for raises, label in legend.items():
        rows = [k for k, one in enumerate(shown) if (one.contribution > 0) == raises]
        if rows:
            source = ColumnDataSource(
                {
                    "row": [k - 0.18 for k in rows],
                    "right": [abs(shown[k].contribution) for k in rows],
                    "label": [shown[k].label for k in rows],
                    "text": [language.format.signed(shown[k].contribution) for k in rows],
                }
            )
            drawn.append(
                made.hbar(
                    y="row",
                    right="right",
                    height=0.34,
                    color=theme.MARKS[_MARKS[raises]],
                    legend_label=label,
                    source=source,
                )
            )
    known = [(k, one, one.global_importance) for k, one in enumerate(shown) if one.global_importance is not None]
    if known:
        source = ColumnDataSource(
            {
                "row": [k + 0.18 for k, _one, _mean in known],
                "right": [mean for _k, _one, mean in known],
                "label": [one.label for _k, one, _mean in known],
                "text": [language.format.decimal(mean) for _k, _one, mean in known],
            }
        )
        drawn.append(
            made.hbar(
                y="row",
                right="right",
                height=0.24,
                color=theme.MARKS["neutral"],
                legend_label=_("Portfolio"),
                source=source,
            )
        )
    number_axis(made.xaxis[0], PLAIN, language, _("Strength (log-odds)"), ticks=3)
    if drawn:
        hover(made, drawn, ("", "@label: @text"))
        legend_above(made, 2)
    fmt = language.format
    table = Table(
        (_("Feature"), _("This client"), _("Portfolio")),
        [
            (
                one.label,
                fmt.signed(one.contribution),
                fmt.decimal(one.global_importance) if one.global_importance is not None else "–",
            )
            for one in shown
        ],
    )
    figures = csv_bytes(
        ("feature", "label", "contribution_log_odds", "mean_absolute_contribution"),
        [(one.feature, one.label, one.contribution, one.global_importance) for one in explanation.contributions],
    )
    return Chart("comparison", title, summary, made, table, figures)
