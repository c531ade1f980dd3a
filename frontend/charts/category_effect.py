"""How a category acts on the score: a row for each value, contributions of real clients or the score in it."""

import math

from bokeh.models import ColumnDataSource, Span

from frontend import theme
from frontend.charts.chart import Chart, Table
from frontend.charts.default_rate import most_frequent
from frontend.charts.plot import PERCENT, SIGNED, hover, legend_above, number_axis, row_plot
from frontend.clients.explanations import Effect
from frontend.clients.types import Feature, Value
from frontend.components.values import value_text
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes

# How far points are spread around their row, so that they don't hide each other.
_SPREAD = 0.3
_GOLDEN = 0.618033988749895


def category_dependence_chart(effect: Effect, feature: Feature, client: Value, language: Language) -> Chart:
    """Contributions of a sample of clients, by category."""
    _ = language.gettext
    title = _("Effect on the risk")
    names = _names(effect, feature, client, language)
    rows = _rows(effect)
    bins = {one.category: one for one in effect.default_rates}
    means = [bins[category].contribution if category in bins else None for category in effect.categories]
    summary = _("{shown} of {clients} clients.").format(
        shown=language.format.integer(len(effect.values)), clients=language.format.integer(effect.clients)
    )
    known = [(mean, name) for mean, name in zip(means, names, strict=True) if mean is not None]
    if known:
        summary += " " + _("Highest risk: {high}; lowest: {low}.").format(high=max(known)[1], low=min(known)[1])
    texts = ["–" if mean is None else language.format.signed(mean) for mean in means]
    made = row_plot(
        name="dependence",
        title=title,
        summary=summary,
        labels=[names[k] for k in rows],
        values=[texts[k] for k in rows],
    )
    made.add_layout(Span(location=0, dimension="height", line_color=theme.MARKS["neutral"]))
    drawn = [k for k, value in enumerate(effect.values) if not math.isnan(value) and int(value) in rows]
    contributions = [effect.contributions[k] for k in drawn]
    source = ColumnDataSource(
        {
            "x": contributions,
            # Fractions of multiples of the golden ratio spread evenly, and are the same each time.
            "y": [
                rows.index(int(effect.values[k])) + _SPREAD * (2 * math.modf(turn * _GOLDEN)[0] - 1)
                for turn, k in enumerate(drawn)
            ],
            "color": [theme.MARKS["unfavourable" if one > 0 else "favourable"] for one in contributions],
            "value": [names[int(effect.values[k])] for k in drawn],
            "text": [language.format.signed(one) for one in contributions],
        }
    )
    points = made.scatter("x", "y", size=5, color="color", fill_alpha=0.5, line_color=None, source=source)
    hover(made, [points], ("", "@value: @text"))
    number_axis(made.xaxis[0], SIGNED, language, _("Contribution (log-odds of default)"), ticks=3)
    shares = [bins[category].clients / effect.clients if category in bins else 0.0 for category in effect.categories]
    table = Table(
        (_("Values"), _("Mean contribution"), _("Share of the clients")),
        [(names[k], texts[k], language.format.percent(shares[k])) for k in range(len(names))],
    )
    figures = csv_bytes(
        ("value", "contribution_log_odds"),
        [
            (None if math.isnan(value) else effect.categories[int(value)], one)
            for value, one in zip(effect.values, effect.contributions, strict=True)
        ],
    )
    return Chart(f"effect-{feature.name}", title, summary, made, table, figures)


def category_score_chart(effect: Effect, feature: Feature, client: Value, language: Language) -> Chart:
    """The mean score of a sample with the feature set to each category, and the client's own score there."""
    _ = language.gettext
    title = _("Score by value")
    percent = language.format.percent
    names = _names(effect, feature, client, language)
    rows = _rows(effect)
    summary = score_summary(effect, language)
    made = row_plot(name="partial-dependence", title=title, summary=summary, labels=[names[k] for k in rows])
    curves = [(_("All clients"), "neutral", effect.partial_dependence), (_("This client"), "client", effect.individual)]
    drawn = []
    for label, mark, values in curves:
        if values:
            source = ColumnDataSource(
                {
                    "x": [values[k] for k in rows],
                    "y": list(range(len(rows))),
                    "value": [names[k] for k in rows],
                    "text": [percent(values[k]) for k in rows],
                }
            )
            drawn.append(made.scatter("x", "y", size=10, color=theme.MARKS[mark], legend_label=label, source=source))
    number_axis(made.xaxis[0], PERCENT, language, _("Probability of repayment"), ticks=3)
    if drawn:
        hover(made, drawn, ("", "@value: @text"))
        legend_above(made, 2)
    header = [_("Value"), _("All clients"), *([_("This client")] if effect.individual else [])]
    both = list(zip(*(values for values in (effect.partial_dependence, effect.individual) if values), strict=True))
    table = Table(header, [[name, *map(percent, scores)] for name, scores in zip(names, both, strict=False)])
    figures = csv_bytes(
        ("value", "mean_probability_of_repayment", "client_probability_of_repayment"),
        [
            (effect.categories[k], one, effect.individual[k] if effect.individual else None)
            for k, one in enumerate(effect.partial_dependence)
        ],
    )
    return Chart(f"partial-dependence-{feature.name}", title, summary, made, table, figures)


def score_summary(effect: Effect, language: Language) -> str:
    """From where to where the curves go."""
    _ = language.gettext
    if not effect.partial_dependence:
        return _("No curve could be computed.")
    percent = language.format.percent
    text = _("With everything else as it is, the mean probability of repayment goes from {low} to {high}.").format(
        low=percent(min(effect.partial_dependence)), high=percent(max(effect.partial_dependence))
    )
    if effect.individual:
        text += " " + _("This client's own: from {low} to {high}.").format(
            low=percent(min(effect.individual)), high=percent(max(effect.individual))
        )
    return text


def _names(effect: Effect, feature: Feature, client: Value, language: Language) -> list[str]:
    own = language.gettext("this client")
    return [
        value_text(category, feature, language) + (f" – {own}" if category == client else "")
        for category in effect.categories
    ]


def _rows(effect: Effect) -> list[int]:
    """The categories that are drawn: those that most clients have."""
    frequent = [effect.default_rates[k].category for k in most_frequent(effect.default_rates)]
    return [k for k, category in enumerate(effect.categories) if category in frequent]
