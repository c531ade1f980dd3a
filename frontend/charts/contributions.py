"""From the base probability to the client's: a waterfall of the strongest contributions, in points of probability."""

from collections.abc import Sequence
from dataclasses import dataclass

from bokeh.models import ColumnDataSource

from frontend import theme
from frontend.charts.chart import Chart, Table
from frontend.charts.plot import PERCENT, hover, number_axis, row_plot
from frontend.clients.explanations import Contribution, Explanation
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes

TOP = 10


@dataclass(frozen=True, slots=True)
class Step:
    """A bar of the waterfall: from one probability to another."""

    label: str
    start: float
    end: float
    mark: str

    @property
    def points(self) -> float:
        """The change of the probability."""
        return self.end - self.start


def strongest(contributions: Sequence[Contribution], top: int) -> list[Contribution]:
    """The contributions that move the score most."""
    return sorted(contributions, key=lambda one: abs(one.points), reverse=True)[:top]


def steps(explanation: Explanation, language: Language, top: int = TOP) -> list[Step]:
    """The bars from top to bottom: base, the strongest features, all others together, the client."""
    shown = strongest(explanation.contributions, top)
    base = explanation.base_probability_of_repayment
    made = [Step(language.gettext("Average of the model"), 0.0, base, "neutral")]
    at = base
    for one in shown:
        made.append(Step(one.label, at, at + one.points, _mark(one.points)))
        at += one.points
    others = len(explanation.contributions) - len(shown)
    end = explanation.score.probability_of_repayment
    if others:
        label = language.ngettext("{count} other feature", "{count} other features", others).format(count=others)
        made.append(Step(label, at, end, _mark(end - at)))
    made.append(Step(language.gettext("This client"), 0.0, end, "client"))
    return made


def contributions_chart(explanation: Explanation, language: Language, top: int = TOP) -> Chart:
    """The waterfall; contributions and base add up to the client's probability of repayment."""
    _ = language.gettext
    bars = steps(explanation, language, top)
    title = _("What makes this score")
    summary = _summary(explanation, language)
    texts = [
        language.format.percent(bar.end) if bar.mark in {"neutral", "client"} else language.format.points(bar.points)
        for bar in bars
    ]
    ends = [value for bar in bars[1:-1] for value in (bar.start, bar.end)] + [bars[0].end, bars[-1].end]
    room = max(0.02, 0.08 * (max(ends) - min(ends)))
    # Base and client are levels, not lengths: the axis need not begin at zero.
    first, last = max(0.0, min(ends) - room), min(1.0, max(ends) + room)
    made = row_plot(
        name="contributions",
        title=title,
        summary=summary,
        labels=[bar.label for bar in bars],
        x_range=(first, last),
        values=texts,
    )
    source = ColumnDataSource(
        {
            "row": list(range(len(bars))),
            "left": [max(first, min(bar.start, bar.end)) for bar in bars],
            "right": [max(bar.start, bar.end) for bar in bars],
            "color": [theme.MARKS[bar.mark] for bar in bars],
            "label": [bar.label for bar in bars],
            "text": texts,
        }
    )
    drawn = made.hbar(y="row", left="left", right="right", height=0.62, color="color", source=source)
    made.segment(
        x0=[bar.end for bar in bars[:-1]],
        x1=[bar.end for bar in bars[:-1]],
        y0=[k + 0.31 for k in range(len(bars) - 1)],
        y1=[k + 0.69 for k in range(len(bars) - 1)],
        color=theme.MARKS["neutral"],
    )
    number_axis(made.xaxis[0], PERCENT, language, _("Probability of repayment"), ticks=3)
    hover(made, [drawn], ("", "@label: @text"))
    table = Table(
        (_("Feature"), _("Points"), _("Probability so far")),
        [
            (bar.label, text if bar.mark not in {"neutral", "client"} else "", language.format.percent(bar.end))
            for bar, text in zip(bars, texts, strict=True)
        ],
    )
    figures = csv_bytes(
        ("feature", "label", "value", "contribution_log_odds", "points"),
        [(one.feature, one.label, one.value, one.contribution, one.points) for one in explanation.contributions],
    )
    return Chart("contributions", title, summary, made, table, figures)


def _mark(points: float) -> str:
    return "favourable" if points >= 0 else "unfavourable"


def _summary(explanation: Explanation, language: Language) -> str:
    percent = language.format.percent
    text = language.gettext("From the average of {base} to {score}.").format(
        base=percent(explanation.base_probability_of_repayment),
        score=percent(explanation.score.probability_of_repayment),
    )
    if explanation.contributions:
        first = strongest(explanation.contributions, 1)[0]
        text += " " + language.gettext("The strongest feature: {label} ({points}).").format(
            label=first.label, points=language.format.points(first.points)
        )
    return text
