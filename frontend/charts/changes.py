"""What each changed field did to the probability of repayment."""

from bokeh.models import ColumnDataSource, Span

from frontend import theme
from frontend.charts.chart import Chart, Table
from frontend.charts.plot import PERCENT, hover, number_axis, row_plot
from frontend.clients.changes import Comparison
from frontend.clients.types import FeatureDictionary, Value
from frontend.components.values import value_text
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes

# The axis is at least as long, so that changes without effect don't look big: one point.
_LEAST = 0.01
TOP = 12


def changes_chart(comparison: Comparison, dictionary: FeatureDictionary, language: Language, top: int = TOP) -> Chart:
    """A bar for each changed field, in points of probability; the bars add up to the change of the probability.

    Beyond ``top`` fields the weakest are one bar together.
    """
    _ = language.gettext
    shown, others = comparison.changes[:top], comparison.changes[top:]
    bars = [(one.label, one.points) for one in shown]
    if others:
        label = language.ngettext("{count} other field", "{count} other fields", len(others)).format(count=len(others))
        bars.append((label, sum(one.points for one in others)))
    texts = [language.format.points(points) for _label, points in bars]
    title = _("What each change does")
    summary = _summary(comparison, language)
    made = row_plot(
        name="changes",
        title=title,
        summary=summary,
        labels=[label for label, _points in bars],
        x_range=_ends([points for _label, points in bars]),
        values=texts,
    )
    source = ColumnDataSource(
        {
            "row": list(range(len(bars))),
            "right": [points for _label, points in bars],
            "color": [theme.MARKS["favourable" if points >= 0 else "unfavourable"] for _label, points in bars],
            "label": [label for label, _points in bars],
            "text": texts,
        }
    )
    drawn = made.hbar(y="row", right="right", height=0.6, color="color", source=source)
    made.add_layout(Span(location=0, dimension="height", line_color=theme.MARKS["neutral"]))
    number_axis(made.xaxis[0], {**PERCENT, "signDisplay": "exceptZero"}, language, _("Change of the probability"))
    hover(made, [drawn], ("", "@label: @text"))

    def text(feature: str, value: Value) -> str:
        return value_text(value, dictionary.features[feature], language)

    table = Table(
        (_("Field"), _("Before"), _("After"), _("Points")),
        [
            (
                one.label,
                text(one.feature, one.before),
                text(one.feature, one.after),
                language.format.points(one.points),
            )
            for one in comparison.changes
        ],
    )
    figures = csv_bytes(
        ("feature", "label", "before", "after", "points"),
        [(one.feature, one.label, one.before, one.after, one.points) for one in comparison.changes],
    )
    return Chart("changes", title, summary, made, table, figures)


def _ends(points: list[float]) -> tuple[float, float]:
    """Where the axis begins and ends: with some room beyond the bars, and zero inside."""
    length = 1.15 * max([_LEAST, *map(abs, points)])
    lower = min([-length / 10, *(1.15 * one for one in points)])
    upper = max([length / 10, *(1.15 * one for one in points)])
    if upper < -lower:
        return min(lower, upper - length), upper
    return lower, max(upper, lower + length)


def _summary(comparison: Comparison, language: Language) -> str:
    percent = language.format.percent
    before, after = comparison.before.probability_of_repayment, comparison.after.probability_of_repayment
    text = language.gettext("From {before} to {after}: {points}.").format(
        before=percent(before), after=percent(after), points=language.format.points(after - before)
    )
    if not comparison.exact:
        text += " " + language.gettext("So many fields are changed that their parts are estimated.")
    return text
