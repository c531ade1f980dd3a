"""How a number acts on the score: contributions of real clients, and the score at every value of the feature."""

import math
from collections.abc import Sequence

from bokeh.models import ColumnDataSource, Span
from bokeh.plotting import figure as Figure  # noqa: N812

from frontend import theme
from frontend.charts.category_effect import category_dependence_chart, category_score_chart, score_summary
from frontend.charts.chart import Chart, Table
from frontend.charts.plot import PERCENT, SIGNED, hover, legend_above, mark_client, number_axis, plot, shade
from frontend.charts.scale import Scale, scale_of
from frontend.clients.explanations import Effect, Zone, ZoneRisk
from frontend.clients.types import Feature, Value
from frontend.language import Language
from pipeline.spreadsheet import csv_bytes


def dependence_chart(effect: Effect, feature: Feature, client: Value, language: Language) -> Chart:
    """Value and contribution of a sample of clients; zones of risk are shaded, critical values are lines."""
    if effect.categories:
        return category_dependence_chart(effect, feature, client, language)
    _ = language.gettext
    scale = _scale(effect, feature, language)
    title = _("Effect on the risk")
    summary = _zones_summary(effect, scale, language)
    made = plot(name="dependence", title=title, summary=summary)
    shown = [k for k, value in enumerate(effect.values) if not math.isnan(value)]
    places = [scale.position(effect.values[k]) for k in shown]
    contributions = [effect.contributions[k] for k in shown]
    _shade_zones(made, effect, scale)
    made.add_layout(Span(location=0, dimension="width", line_color=theme.MARKS["neutral"]))
    source = ColumnDataSource(
        {
            "x": places,
            "y": contributions,
            "color": [theme.MARKS["unfavourable" if one > 0 else "favourable"] for one in contributions],
            "value": [scale.with_unit(scale.text(effect.values[k])) for k in shown],
            "text": [language.format.signed(one) for one in contributions],
        }
    )
    drawn = made.scatter("x", "y", size=5, color="color", fill_alpha=0.5, line_color=None, source=source)
    hover(made, [drawn], ("", "@value: @text"))
    number_axis(made.xaxis[0], scale.ticks, language, scale.unit)
    if isinstance(client, float):
        mark_client(made, scale.position(client), _("This client"))
        legend_above(made, 1)
    number_axis(made.yaxis[0], SIGNED, language, _("Contribution (log-odds of default)"))
    table = Table(
        (_("Values"), _("Effect"), _("Mean contribution"), _("Share of the clients")),
        _zone_rows(effect, scale, language),
    )
    figures = csv_bytes(
        ("value", "contribution_log_odds"),
        [
            (None if math.isnan(value) else value, one)
            for value, one in zip(effect.values, effect.contributions, strict=True)
        ],
    )
    return Chart(f"effect-{feature.name}", title, summary, made, table, figures)


def partial_dependence_chart(effect: Effect, feature: Feature, client: Value, language: Language) -> Chart:
    """The mean score of a sample with the feature set to each value, and the client's own score there."""
    if effect.categories:
        return category_score_chart(effect, feature, client, language)
    _ = language.gettext
    scale = _scale(effect, feature, language)
    title = _("Score by value")
    percent = language.format.percent
    summary = score_summary(effect, language)
    made = plot(name="partial-dependence", title=title, summary=summary)
    _shade_zones(made, effect, scale)
    places = [scale.position(value) for value in effect.grid]
    texts = [scale.with_unit(scale.text(value)) for value in effect.grid]
    curves = [(_("All clients"), "neutral", effect.partial_dependence), (_("This client"), "client", effect.individual)]
    drawn = []
    for label, mark, values in curves:
        if values:
            source = ColumnDataSource(
                {"x": places, "y": list(values), "value": texts, "text": [percent(value) for value in values]}
            )
            made.line("x", "y", color=theme.MARKS[mark], line_width=3, legend_label=label, source=source)
            drawn.append(made.scatter("x", "y", size=4, color=theme.MARKS[mark], legend_label=label, source=source))
    hover(made, drawn, ("", "@value: @text"))
    number_axis(made.xaxis[0], scale.ticks, language, scale.unit)
    if isinstance(client, float):
        mark_client(made, scale.position(client), _("This client"))
    number_axis(made.yaxis[0], PERCENT, language, _("Probability of repayment"))
    if made.legend:
        legend_above(made, 2)
    header = [_("Value"), _("All clients"), *([_("This client")] if effect.individual else [])]
    rows = [
        [text, percent(effect.partial_dependence[k]), *([percent(effect.individual[k])] if effect.individual else [])]
        for k, text in enumerate(texts)
    ]
    own: Sequence[float | None] = effect.individual or [None] * len(effect.grid)
    figures = csv_bytes(
        ("value", "mean_probability_of_repayment", "client_probability_of_repayment"),
        [(value, effect.partial_dependence[k], own[k]) for k, value in enumerate(effect.grid)],
    )
    return Chart(f"partial-dependence-{feature.name}", title, summary, made, Table(header, rows), figures)


def _scale(effect: Effect, feature: Feature, language: Language) -> Scale:
    known = [value for value in (*effect.values, *effect.grid) if not math.isnan(value)]
    return scale_of(feature, min(known), max(known), language) if known else Scale("", language)


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


def risk_name(risk: ZoneRisk, language: Language) -> str:
    """What a zone does to the risk, in words."""
    _ = language.gettext
    return {
        ZoneRisk.RAISES: _("raises the risk"),
        ZoneRisk.NEUTRAL: _("little effect"),
        ZoneRisk.LOWERS: _("lowers the risk"),
    }[risk]


def _zone_rows(effect: Effect, scale: Scale, language: Language) -> list[tuple[str, str, str, str]]:
    fmt = language.format
    return [
        (
            scale.with_unit(scale.interval_text(zone.lower, zone.upper)),
            risk_name(zone.risk, language),
            fmt.signed(zone.contribution),
            fmt.percent(zone.share),
        )
        for zone in effect.zones
    ]


def _merged(zones: Sequence[Zone]) -> list[tuple[float, float]]:
    """The ends of the zones, those that meet as one."""
    spans: list[tuple[float, float]] = []
    for zone in zones:
        if spans and spans[-1][1] == zone.lower:
            spans[-1] = (spans[-1][0], zone.upper)
        else:
            spans.append((zone.lower, zone.upper))
    return spans


def _zones_summary(effect: Effect, scale: Scale, language: Language) -> str:
    _ = language.gettext
    text = _("{shown} of {clients} clients.").format(
        shown=language.format.integer(len(effect.values)), clients=language.format.integer(effect.clients)
    )
    raising = [zone for zone in effect.zones if zone.risk is ZoneRisk.RAISES]
    if raising:
        zones = _("; ").join(scale.interval_text(*ends) for ends in _merged(raising)[:3])
        text += " " + _("The risk is raised at {zones}.").format(zones=scale.with_unit(zones))
    if effect.critical_values:
        values = _("; ").join(scale.text(value) for value in effect.critical_values[:4])
        text += " " + _("Critical values: {values}.").format(values=scale.with_unit(values))
    return text
