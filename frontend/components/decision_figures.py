"""The portfolio page's figures in words: a threshold that is tried beside the present one, and the model's card."""

from collections.abc import Sequence

from markupsafe import Markup

from frontend.analyses import Decisions
from frontend.analysis.threshold import Simulation
from frontend.charts.estimates import interval_text
from frontend.charts.outcome_words import rate_text
from frontend.clients.model_card import CardFigures, Drift, Performance, Shift
from frontend.clients.types import FeatureDictionary, Model
from frontend.components.feature_search import label_of
from frontend.components.outcome_table import bounds, bounds_header, card_html, note_html, table_html
from frontend.components.table_file import file_html
from frontend.language import Language
from pipeline.evaluation.result import Interval

# Decimals of figures that stand beside each other.
_DIGITS = 3
_LINK = Markup('<p><a href="model-card?lang={}" target="_blank" rel="noopener">{}</a></p>')


def decisions_html(decisions: Decisions, model: Model, language: Language) -> str:
    """What the two thresholds do, side by side."""
    _ = language.gettext
    fmt = language.format
    tried, present = decisions.simulated, decisions.present
    same = tried.threshold == present.threshold

    def row(name: str, figure: object) -> list[str]:
        texts = [figure(one) for one in ((present,) if same else (present, tried))]  # type: ignore[operator]
        return [name, *texts]

    total = present.accepted.clients + present.refused.clients or 1

    def count(clients: int) -> str:
        return f"{fmt.integer(clients)} ({fmt.percent(clients / total)})"

    header = [
        _("Threshold"),
        fmt.percent_short(present.threshold),
        *([] if same else [fmt.percent_short(tried.threshold)]),
    ]
    rows = [
        row(_("Accepted"), lambda one: count(one.accepted.clients)),
        row(_("Refused"), lambda one: count(one.refused.clients)),
        row(_("Default rate among accepted"), lambda one: rate_text(one.accepted, language)),
        row(_("Default rate among refused"), lambda one: rate_text(one.refused, language)),
        row(_("Share of the defaults refused"), lambda one: _caught(one, language)),
        row(_("Cost per client"), lambda one: _cost(one.cost, language)),
    ]
    return card_html(
        _("What the threshold does"),
        "decisions",
        table_html(header, rows, _("Thresholds side by side")),
        _decisions_file((present,) if same else (present, tried), language),
        note_html(_optimum(model, language)),
        note_html(
            _("By what became of the clients whose outcome is known; the model learned from many of them, so new "
              "clients will do somewhat worse.")
        ),
    )  # fmt: skip


def _decisions_file(simulations: Sequence[Simulation], language: Language) -> Markup:
    header = (
        "threshold",
        "accepted",
        *bounds_header("default_rate_among_accepted"),
        "refused",
        *bounds_header("default_rate_among_refused"),
        *bounds_header("cost_per_client"),
    )
    rows = [
        (
            one.threshold,
            one.accepted.clients,
            *bounds(one.accepted.default_rate),
            one.refused.clients,
            *bounds(one.refused.default_rate),
            *bounds(one.cost),
        )
        for one in simulations
    ]
    return file_html("thresholds", language.gettext("Thresholds side by side"), header, rows, language)


def difference_sentence(decisions: Decisions, language: Language) -> str:
    """What the threshold that is tried changes; empty when it is the present one."""
    _ = language.gettext
    fmt = language.format
    tried, present = decisions.simulated, decisions.present
    if tried.threshold == present.threshold:
        return ""
    more = tried.accepted.clients - present.accepted.clients
    count = abs(more)
    if more >= 0:
        text = language.ngettext(
            "At {threshold}, {count} more client is accepted.",
            "At {threshold}, {count} more clients are accepted.",
            count,
        )
    else:
        text = language.ngettext(
            "At {threshold}, {count} fewer client is accepted.", "At {threshold}, {count} fewer clients are accepted.",
            count,
        )  # fmt: skip
    text = text.format(threshold=fmt.percent_short(tried.threshold), count=fmt.integer(count))
    found = decisions.difference
    if found is None:
        return text
    if found.high < 0:
        said = _("It would have been cheaper: {difference} per client.")
    elif found.low > 0:
        said = _("It would have been dearer: {difference} per client.")
    else:
        said = _("Whether it is cheaper cannot be told from these outcomes: {difference} per client.")
    difference = _("{rate} ({low} to {high})").format(
        **{
            name: fmt.signed(round(one, _DIGITS))
            for name, one in (("rate", found.value), ("low", found.low), ("high", found.high))
        }
    )
    return f"{text} {said.format(difference=difference)}"


def card_html_of(figures: CardFigures, language: Language, *, of_cohort: bool) -> str:
    """The model's quality on clients that it had not seen, and the way to the whole card.

    ``of_cohort``: what stands above is of a cohort, and this must say that it is not.
    """
    _ = language.gettext
    performance = _performance(figures.performance, language) if figures.performance else Markup("")
    link = _LINK.format(language.code, _("Open the model card (new tab)"))
    apart = note_html(
        _("The model's own figures are of all clients, not of those looked at above.") if of_cohort else ""
    )
    return card_html(_("Quality of the model"), "quality", performance, apart, link)


def drift_html(drift: Drift, dictionary: FeatureDictionary | None, language: Language) -> str:
    """How far the present clients are from those that the model learned from."""
    _ = language.gettext
    fmt = language.format

    def name(shift: Shift) -> str:
        feature = dictionary.features.get(shift.feature) if dictionary else None
        return label_of(feature, language) if feature else shift.feature

    alarms = {"none": _("no alarm"), "moderate": _("moderate"), "major": _("major")}
    rows = [
        (text, fmt.fixed(shift.psi, _DIGITS), alarms.get(shift.alarm, shift.alarm))
        for text, shift in [(_("Score"), drift.score), *((name(shift), shift) for shift in drift.listed[:6])]
    ]
    if drift.alarms:
        said = language.ngettext(
            "{alarms} of {compared} features has moved too far.", "{alarms} of {compared} features have moved too far.",
            drift.alarms,
        ).format(alarms=fmt.integer(drift.alarms), compared=fmt.integer(drift.compared))  # fmt: skip
    else:
        said = _("None of the {compared} features has moved too far.").format(compared=fmt.integer(drift.compared))
    return card_html(
        _("Drift"),
        "drift",
        note_html(said),
        table_html((_("What moved most"), _("Stability index (PSI)"), _("Alarm")), rows, _("What moved most")),
        file_html(
            "drift",
            _("What moved most"),
            ("feature", "psi", "alarm"),
            [
                ("score", drift.score.psi, drift.score.alarm),
                *((one.feature, one.psi, one.alarm) for one in drift.listed),
            ],
            language,
        ),
        note_html(
            _("{current} clients without outcome beside {reference} clients of the training.").format(
                current=fmt.integer(drift.current_clients), reference=fmt.integer(drift.reference_clients)
            )
        ),
    )


def _performance(found: Performance, language: Language) -> Markup:
    _ = language.gettext
    fmt = language.format

    def decimal(one: Interval) -> str:
        low, high = fmt.fixed(one.low, _DIGITS), fmt.fixed(one.high, _DIGITS)
        return _("{rate} ({low} to {high})").format(rate=fmt.fixed(one.value, _DIGITS), low=low, high=high)

    rows = [
        (_("Area under the ROC curve"), decimal(found.roc_auc)),
        ("Gini", decimal(found.gini)),
        (_("Kolmogorov–Smirnov"), interval_text(found.ks, language)),
        (_("Brier score"), decimal(found.brier)),
    ]
    note = _("On {clients} clients that the model had not seen, {defaults} of them defaults.").format(
        clients=fmt.integer(found.clients), defaults=fmt.integer(found.defaults)
    )
    figures = {"roc_auc": found.roc_auc, "gini": found.gini, "ks": found.ks, "brier": found.brier}
    file = file_html(
        "quality",
        _("Quality of the model"),
        ("figure", *bounds_header("value")),
        [(name, *bounds(figure)) for name, figure in figures.items()],
        language,
    )
    table = table_html((_("Figure"), _("Value (95 % interval)")), rows, _("Value (95 % interval)"))
    return table + file + note_html(note)


def _caught(one: Simulation, language: Language) -> str:
    defaults = one.accepted.defaults + one.refused.defaults
    return language.format.percent(one.refused.defaults / defaults) if defaults else "–"


def _cost(cost: Interval | None, language: Language) -> str:
    if cost is None:
        return "–"
    low, value, high = (language.format.fixed(one, _DIGITS) for one in (cost.low, cost.value, cost.high))
    return language.gettext("{rate} ({low} to {high})").format(rate=value, low=low, high=high)


def _optimum(model: Model, language: Language) -> str:
    found = model.cost_optimum
    if found is None:
        return ""
    percent = language.format.percent
    return language.gettext(
        "On clients that the model had not seen, the cheapest threshold was {threshold} ({low} to {high}), with a "
        "missed default as dear as {ratio} refused good clients."
    ).format(
        threshold=percent(found.threshold.value),
        low=percent(found.threshold.low),
        high=percent(found.threshold.high),
        ratio=language.format.decimal(found.cost_ratio),
    )
