"""The model card's main figures as charts: calibration, and what becomes of groups of clients."""

from bokeh.models import ColumnDataSource

from frontend import theme
from frontend.charts.chart import Chart, Table
from frontend.charts.estimates import Series, estimates_plot, interval_text
from frontend.charts.plot import PERCENT, hover, number_axis, plot
from frontend.clients.model_card import Calibration, Fairness
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes


def calibration_chart(calibration: Calibration, language: Language) -> Chart:
    """Observed against expected default rate; on the diagonal they are the same."""
    _ = language.gettext
    fmt, bins = language.format, calibration.reliability
    title = _("Calibration")
    summary = _("Observed default rates differ from the expected ones by {error} on average.").format(
        error=fmt.percent(calibration.expected_calibration_error)
    )
    most = max((max(one.predicted, one.observed.high) for one in bins), default=1.0) * 1.05
    made = plot(name="calibration", title=title, summary=summary, x_range=(0, most), y_range=(0, most))
    made.line([0, most], [0, most], color=theme.MARKS["neutral"], line_dash="dashed", line_width=2)
    source = ColumnDataSource(
        {
            "x": [one.predicted for one in bins],
            "y": [one.observed.value for one in bins],
            "low": [one.observed.low for one in bins],
            "high": [one.observed.high for one in bins],
            "expected": [fmt.percent(one.predicted) for one in bins],
            "observed": [interval_text(one.observed, language) for one in bins],
        }
    )
    colour = theme.MARKS["favourable"]
    made.segment("x", "low", "x", "high", color=colour, line_width=2, source=source)
    points = made.scatter("x", "y", size=9, color=colour, source=source)
    hover(made, [points], (_("Expected"), "@expected"), (_("Observed"), "@observed"))
    number_axis(made.xaxis[0], PERCENT, language, _("Expected default rate"))
    number_axis(made.yaxis[0], PERCENT, language, _("Observed default rate"))
    table = Table(
        (_("Expected"), _("Observed"), _("Clients")),
        [(fmt.percent(b.predicted), interval_text(b.observed, language), fmt.integer(b.clients)) for b in bins],
    )
    rows = [(b.predicted, b.observed.value, b.observed.low, b.observed.high, b.clients) for b in bins]
    figures = csv_bytes(("expected", "observed", "observed_low", "observed_high", "clients"), rows)
    return Chart("calibration", title, summary, made, table, figures)


def attribute_name(attribute: str, language: Language) -> str:
    """The protected attribute in words."""
    _ = language.gettext
    names = {"gender": _("Gender"), "age_band": _("Age"), "region_rating": _("Rating of the region")}
    return names.get(attribute, attribute)


def group_name(attribute: str, name: str, language: Language) -> str:
    """The group in words."""
    _ = language.gettext
    if attribute == "gender":
        return {"F": _("Women"), "M": _("Men")}.get(name, name)
    return _("{ages} years").format(ages=name) if attribute == "age_band" else name


def groups_chart(fairness: Fairness, language: Language) -> Chart:
    """Acceptance and default rate of the groups of an attribute that law protects."""
    _ = language.gettext
    attribute, groups = attribute_name(fairness.attribute, language), fairness.groups
    title = _("Decisions by group: {attribute}").format(attribute=attribute)
    labels = [group_name(fairness.attribute, group.name, language) for group in groups]
    below = [label for label, group in zip(labels, groups, strict=True) if group.four_fifths == "not_met"]
    summary = (
        _("Accepted less than four fifths as often as the group of reference ({reference}): {groups}.").format(
            reference=group_name(fairness.attribute, fairness.reference, language), groups=", ".join(below)
        )
        if below
        else _("No group is certainly accepted less than four fifths as often as the group of reference.")
    )
    name = f"groups-{fairness.attribute}"
    made = estimates_plot(
        name=name,
        title=title,
        summary=summary,
        labels=labels,
        series=[
            Series(_("Accepted"), "favourable", "circle", [group.acceptance for group in groups]),
            Series(_("Default rate"), "unfavourable", "diamond", [group.default_rate for group in groups]),
        ],
        axis=_("Share of the group"),
        language=language,
    )
    table = Table(
        (attribute, _("Clients"), _("Accepted"), _("Default rate"), _("Accepted beside the reference")),
        [
            (
                label,
                language.format.integer(group.clients),
                interval_text(group.acceptance, language),
                interval_text(group.default_rate, language),
                interval_text(group.acceptance_ratio, language),
            )
            for label, group in zip(labels, groups, strict=True)
        ],
    )
    shares = ("acceptance", "default_rate")
    header = ("group", "clients", *(f"{share}{end}" for share in shares for end in ("", "_low", "_high")))
    rows = [
        (
            g.name,
            g.clients,
            *(g.acceptance.value, g.acceptance.low, g.acceptance.high),
            *(g.default_rate.value, g.default_rate.low, g.default_rate.high),
        )
        for g in groups
    ]
    figures = csv_bytes(header, rows)
    return Chart(name, title, summary, made, table, figures)
