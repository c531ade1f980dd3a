"""How a feature acts on the score: contributions of real clients, and the score at every value of the feature."""

import math
from collections.abc import Sequence

from bokeh.models import ColumnDataSource, FixedTicker, Span
from bokeh.plotting import figure as Figure  # noqa: N812

from frontend import theme
from frontend.charts.chart import Chart, Table, csv_bytes
from frontend.charts.plot import PERCENT, SIGNED, hover, legend_above, mark_client, number_axis, plot, shade
from frontend.charts.scale import Scale, scale_of
from frontend.clients.explanations import Effect, ZoneRisk
from frontend.clients.types import Feature, Value
from frontend.components.values import value_text
from frontend.language import Language

# How far the points of a category are spread around its place, so that they don't hide each other.
_SPREAD = 0.28
_GOLDEN = 0.618033988749895


def dependence_chart(effect: Effect, feature: Feature, client: Value, language: Language) -> Chart:
    """Value and contribution of a sample of clients; zones of risk are shaded, critical values are lines."""
    _ = language.gettext
    scale = _scale(effect, feature, language)
    title = _("Effect on the risk")
    summary = _zones_summary(effect, scale, language)
    made = plot(name="dependence", title=title, summary=summary)
    shown = [k for k, value in enumerate(effect.values) if not math.isnan(value)]
    places = [_place(effect, scale, k) for k in shown]
    contributions = [effect.contributions[k] for k in shown]
    _shade_zones(made, effect, scale)
    made.add_layout(Span(location=0, dimension="width", line_color=theme.MARKS["neutral"]))
    source = ColumnDataSource(
        {
            "x": places,
            "y": contributions,
            "color": [theme.MARKS["unfavourable" if one > 0 else "favourable"] for one in contributions],
            "value": [_text(effect, feature, scale, effect.values[k], language) for k in shown],
            "text": [language.format.signed(one) for one in contributions],
        }
    )
    drawn = made.scatter("x", "y", size=5, color="color", fill_alpha=0.5, line_color=None, source=source)
    hover(made, [drawn], ("", "@value: @text"))
    _value_axis(made, effect, feature, scale, language)
    _mark(made, effect, scale, client, language)
    number_axis(made.yaxis[0], SIGNED, language, _("Contribution (log-odds of default)"))
    table = Table(
        (_("Values"), _("Effect"), _("Mean contribution"), _("Share of the clients")),
        _zone_rows(effect, feature, scale, language),
    )
    figures = csv_bytes(
        ("value", "contribution_log_odds"),
        [
            (effect.categories[int(value)] if effect.categories and not math.isnan(value) else _number(value), one)
            for value, one in zip(effect.values, effect.contributions, strict=True)
        ],
    )
    return Chart(f"effect-{feature.name}", title, summary, made, table, figures)


def partial_dependence_chart(effect: Effect, feature: Feature, client: Value, language: Language) -> Chart:
    """The mean score of a sample with the feature set to each value, and the client's own score there."""
    _ = language.gettext
    scale = _scale(effect, feature, language)
    title = _("Score by value")
    percent = language.format.percent
    summary = _("No curve could be computed.")
    if effect.partial_dependence:
        summary = _(
            "With everything else as it is, the mean probability of repayment goes from {low} to {high}."
        ).format(low=percent(min(effect.partial_dependence)), high=percent(max(effect.partial_dependence)))
    if effect.individual:
        summary += " " + _("This client's own: from {low} to {high}.").format(
            low=percent(min(effect.individual)), high=percent(max(effect.individual))
        )
    made = plot(name="partial-dependence", title=title, summary=summary)
    _shade_zones(made, effect, scale)
    places = [scale.position(value) for value in effect.grid]
    texts = [_text(effect, feature, scale, value, language) for value in effect.grid]
    curves = [(_("All clients"), "neutral", effect.partial_dependence), (_("This client"), "client", effect.individual)]
    drawn = []
    for label, mark, values in curves:
        if values:
            source = ColumnDataSource(
                {"x": places, "y": list(values), "value": texts, "text": [percent(value) for value in values]}
            )
            if not effect.categories:
                made.line("x", "y", color=theme.MARKS[mark], line_width=3, legend_label=label, source=source)
            size = 10 if effect.categories else 4
            drawn.append(made.scatter("x", "y", size=size, color=theme.MARKS[mark], legend_label=label, source=source))
    hover(made, drawn, ("", "@value: @text"))
    _value_axis(made, effect, feature, scale, language)
    _mark(made, effect, scale, client, language)
    number_axis(made.yaxis[0], PERCENT, language, _("Probability of repayment"))
    if drawn:
        legend_above(made)
    header = [_("Value"), _("All clients"), *([_("This client")] if effect.individual else [])]
    rows = [
        [text, percent(effect.partial_dependence[k]), *([percent(effect.individual[k])] if effect.individual else [])]
        for k, text in enumerate(texts)
    ]
    own: Sequence[float | None] = effect.individual or [None] * len(effect.grid)
    figures = csv_bytes(
        ("value", "mean_probability_of_repayment", "client_probability_of_repayment"),
        [
            (effect.categories[k] if effect.categories else value, effect.partial_dependence[k], own[k])
            for k, value in enumerate(effect.grid)
        ],
    )
    return Chart(f"partial-dependence-{feature.name}", title, summary, made, Table(header, rows), figures)


def _scale(effect: Effect, feature: Feature, language: Language) -> Scale:
    known = [value for value in (*effect.values, *effect.grid) if not math.isnan(value)]
    if effect.categories or not known:
        return Scale("", language)
    return scale_of(feature, min(known), max(known), language)


def _place(effect: Effect, scale: Scale, k: int) -> float:
    place = scale.position(effect.values[k])
    # Fractions of multiples of the golden ratio spread evenly, and are the same each time.
    return place + _SPREAD * (2 * math.modf(k * _GOLDEN)[0] - 1) if effect.categories else place


def _shade_zones(made: Figure, effect: Effect, scale: Scale) -> None:
    marks = {ZoneRisk.RAISES: "unfavourable", ZoneRisk.LOWERS: "favourable"}
    for zone in effect.zones:
        if zone.risk in marks:
            shade(made, *scale.interval(zone.lower, zone.upper), marks[zone.risk])
    for value in effect.critical_values:
        line = Span(
            location=scale.position(value),
            dimension="height",
            line_color=theme.MARKS["neutral"],
            line_dash="dashed",
            line_width=2,
        )
        made.add_layout(line)


def _value_axis(made: Figure, effect: Effect, feature: Feature, scale: Scale, language: Language) -> None:
    axis = made.xaxis[0]
    if not effect.categories:
        number_axis(axis, scale.ticks, language, scale.unit)
        return
    places = list(range(len(effect.categories)))
    axis.ticker = FixedTicker(ticks=places)
    axis.major_label_overrides = {k: value_text(effect.categories[k], feature, language) for k in places}
    axis.major_label_orientation = math.pi / 4 if len(places) > 2 else "horizontal"
    made.xgrid.visible = False


def _mark(made: Figure, effect: Effect, scale: Scale, client: Value, language: Language) -> None:
    if isinstance(client, str) and client in effect.categories:
        place, last = float(list(effect.categories).index(client)), len(effect.categories) - 1
        mark_client(made, place, language.gettext("This client"), right=place < last / 2)
    elif isinstance(client, float) and effect.grid:
        middle = (scale.position(effect.grid[0]) + scale.position(effect.grid[-1])) / 2
        place = scale.position(client)
        mark_client(made, place, language.gettext("This client"), right=place < middle)


def _text(effect: Effect, feature: Feature, scale: Scale, value: float, language: Language) -> str:
    if effect.categories:
        return value_text(effect.categories[int(value)], feature, language)
    return f"{scale.text(value)} {scale.unit}".rstrip()


def _risk_name(risk: ZoneRisk, language: Language) -> str:
    _ = language.gettext
    return {
        ZoneRisk.RAISES: _("raises the risk"),
        ZoneRisk.NEUTRAL: _("little effect"),
        ZoneRisk.LOWERS: _("lowers the risk"),
    }[risk]


def _zone_rows(effect: Effect, feature: Feature, scale: Scale, language: Language) -> list[tuple[str, str, str, str]]:
    fmt = language.format
    if effect.zones:
        return [
            (
                f"{scale.interval_text(zone.lower, zone.upper)} {scale.unit}".rstrip(),
                _risk_name(zone.risk, language),
                fmt.signed(zone.contribution),
                fmt.percent(zone.share),
            )
            for zone in effect.zones
        ]
    known = sum(one.clients for one in effect.default_rates) or 1
    return [
        (
            value_text(one.category, feature, language)
            if one.category
            else f"{scale.interval_text(one.lower, one.upper)} {scale.unit}".rstrip(),
            _risk_name(ZoneRisk.RAISES if one.contribution > 0 else ZoneRisk.LOWERS, language),
            fmt.signed(one.contribution),
            fmt.percent(one.clients / known),
        )
        for one in effect.default_rates
    ]


def _zones_summary(effect: Effect, scale: Scale, language: Language) -> str:
    _ = language.gettext
    text = _("{shown} of {clients} clients.").format(
        shown=language.format.integer(len(effect.values)), clients=language.format.integer(effect.clients)
    )
    raising = [zone for zone in effect.zones if zone.risk is ZoneRisk.RAISES]
    if raising:
        zones = ", ".join(scale.interval_text(zone.lower, zone.upper) for zone in raising[:3])
        text += " " + _("The risk is raised at {zones}.").format(zones=f"{zones} {scale.unit}".rstrip())
    if effect.critical_values:
        values = ", ".join(scale.text(value) for value in effect.critical_values[:4])
        text += " " + _("Critical values: {values}.").format(values=f"{values} {scale.unit}".rstrip())
    return text


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
