"""Turns a model card into one self-contained HTML page: no script, no request, light, dark and print."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline.card import decision_charts, group_charts, performance_charts, tables
from pipeline.card.document import Limit, LimitCode, ModelCard
from pipeline.card.texts import Language, Texts, texts

_HERE = Path(__file__).parent
_SECTIONS = (
    "purpose", "data", "inputs", "performance", "calibration", "decision",
    "bands", "stability", "fairness", "drift", "limits", "versions",
)  # fmt: skip


def render(card: ModelCard, language: Language = "fr") -> str:
    """The card as an HTML page in French or in English."""
    t = texts(language)
    in_use = card.acceptance.operations[0].point
    return template().render(
        card=card,
        t=t,
        percent=t.numerals.percent,
        count=t.numerals.count,
        decimal=t.numerals.decimal,
        sections=_SECTIONS,
        style=Markup(style()),
        tiles=_tiles(card, t),
        in_use=in_use,
        protected=t("separator").join(card.label(name, t.language) for name in card.inputs.protected),
        importances=decision_charts.importances(card, t),
        performance=[
            performance_charts.roc(card.performance, t),
            performance_charts.precision_recall(card.performance, t),
            performance_charts.kolmogorov_smirnov(card.performance, t),
            performance_charts.distribution(card.performance, in_use, t),
            performance_charts.gains(card.performance, t),
            performance_charts.lift(card.performance, t),
        ],
        reliability=decision_charts.reliability(card.calibration, t),
        cost=decision_charts.cost(card.acceptance, t),
        confusions=[tables.confusion(o, t) for o in card.acceptance.operations if o.role != "cheapest"],
        bands=decision_charts.bands(card.bands, t),
        stability=performance_charts.stability(card.stability, t),
        fairness=[(group_charts.fairness(f, t), group_charts.fairness_errors(f, t)) for f in card.fairness],
        drift=[group_charts.score_drift(card.drift, t), group_charts.feature_drift(card, card.drift, t)]
        if card.drift
        else [],
        limits=[_limit(card, limit, t) for limit in card.limits],
        tables=tables,
    )


@cache
def template(name: str = "card.html.j2", folder: Path = _HERE) -> Template:
    """A template of a folder, which may use the card's macros."""
    environment = Environment(
        loader=FileSystemLoader([folder, _HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    return environment.get_template(name)


def style() -> str:
    """The style sheet of the card, and of what looks like it."""
    return (_HERE / "card.css").read_text(encoding="utf-8")


def _breakable(text: str) -> Markup:
    """Text whose long column names may be broken after an underscore."""
    return Markup("_<wbr>").join(text.split("_"))


def _tiles(card: ModelCard, t: Texts) -> list[tuple[str, str, str]]:
    """Name, value and remark of the key figures."""
    write, percent = t.numerals.decimal, t.numerals.percent
    performance, point = card.performance, card.acceptance.operations[0].point
    tiles = [
        (name, write(value.value), t.numerals.interval(value, write))
        for name, value in (
            (t("term.roc_auc"), performance.roc_auc),
            (t("term.gini"), performance.gini),
            (t("term.ks"), performance.ks),
            (t("term.brier"), performance.brier),
        )
    ]
    tiles.append(
        (
            t("term.accepted_share"),
            percent(point.accepted_share.value),
            t("term.threshold_at", value=percent(point.threshold)),
        )
    )
    rate = point.accepted_default_rate
    if rate:
        tiles.append((t("term.accepted_default_rate"), percent(rate.value), t.numerals.interval(rate, percent)))
    return tiles


def _limit(card: ModelCard, limit: Limit, t: Texts) -> str:
    names = (_limit_name(card, limit.code, name, t) for name in limit.names)
    return t(f"limit.{limit.code.value}", names=t("separator").join(names))


def _limit_name(card: ModelCard, code: LimitCode, name: str, t: Texts) -> str:
    if code in (LimitCode.FOUR_FIFTHS, LimitCode.CALIBRATION_BY_GROUP):
        attribute, _, group = name.partition("=")
        return t.name(f"group.{attribute}", group)
    return t("versions.score") if code is LimitCode.DRIFT and name == "score" else card.label(name, t.language)
