"""What each acceptance threshold would have cost."""

import numpy as np
from bokeh.models import ColumnDataSource

from frontend import theme
from frontend.analyses import Decisions
from frontend.charts.chart import Chart, Table
from frontend.charts.plot import PERCENT, PLAIN, hover, legend_above, number_axis, plot
from frontend.charts.portfolio import threshold_line
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes


def cost_chart(decisions: Decisions, cost_ratio: float, language: Language) -> Chart:
    """Cost per client along the thresholds, with the present one and the one that is tried."""
    _ = language.gettext
    fmt, along = language.format, decisions.curve
    title = _("Cost by threshold")
    known = ~np.isnan(along.cost)
    summary = _("A missed default costs as much as {ratio} refused good clients.").format(ratio=fmt.decimal(cost_ratio))
    if known.any():
        best = int(np.nanargmin(along.cost))
        summary += " " + _("On these outcomes the cheapest threshold is {threshold}.").format(
            threshold=fmt.percent_short(round(float(along.thresholds[best]), 4))
        )
    made = plot(name="cost", title=title, summary=summary, x_range=(0, 1))
    thresholds = [fmt.percent_short(round(at, 4)) for at in along.thresholds.tolist()]
    accepted = [fmt.percent(share) for share in along.accepted.tolist()]
    rates = ["–" if np.isnan(rate) else fmt.percent(rate) for rate in along.default_rate]
    costs = ["–" if np.isnan(cost) else fmt.decimal(cost) for cost in along.cost]
    source = ColumnDataSource(
        {
            "x": along.thresholds,
            "y": along.cost,
            "threshold": thresholds,
            "accepted": accepted,
            "rate": rates,
            "cost": costs,
        }
    )
    made.line("x", "y", line_width=3, color=theme.MARKS["favourable"], source=source)
    points = made.scatter("x", "y", size=6, alpha=0, hover_alpha=1, color=theme.MARKS["favourable"], source=source)
    hover(
        made,
        [points],
        (_("Threshold"), "@threshold"),
        (_("Accepted"), "@accepted"),
        (_("Default rate"), "@rate"),
        (_("Cost"), "@cost"),
    )
    present, tried = decisions.present.threshold, decisions.simulated.threshold
    threshold_line(made, present, _("present: {percent}").format(percent=fmt.percent_short(present)))
    if tried != present:
        text = _("tried: {percent}").format(percent=fmt.percent_short(tried))
        threshold_line(made, tried, text, tried=True)
    legend_above(made, 2)
    number_axis(made.xaxis[0], PERCENT, language, _("Acceptance threshold"))
    number_axis(made.yaxis[0], PLAIN, language, _("Cost per client"))
    made.y_range.start = 0
    table = Table(
        (_("Threshold"), _("Accepted"), _("Default rate among accepted"), _("Cost per client")),
        list(zip(thresholds, accepted, rates, costs, strict=True)),
    )
    columns = (along.thresholds, along.accepted, along.default_rate, along.cost)
    rows = [[None if np.isnan(value) else float(value) for value in row] for row in zip(*columns, strict=True)]
    figures = csv_bytes(("threshold", "accepted_share", "default_rate_among_accepted", "cost_per_client"), rows)
    return Chart("cost", title, summary, made, table, figures)
