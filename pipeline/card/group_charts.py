"""Figures about groups of clients: fairness by attribute, and drift from training to new clients."""

from collections.abc import Callable

from pipeline.card.axis import Axis, axis
from pipeline.card.chart import Chart, Legend, Table
from pipeline.card.document import Drifts, ModelCard
from pipeline.card.rows import Row, plot_rows
from pipeline.card.svg import Plot
from pipeline.card.texts import Texts
from pipeline.evaluation.drift import MAJOR, MODERATE, Alarm, Bin
from pipeline.evaluation.fairness import Fairness, GroupFigures
from pipeline.evaluation.result import Interval

_ALARM_STYLES = {Alarm.NONE: "neutral", Alarm.MODERATE: "band3", Alarm.MAJOR: "band1"}


def fairness(found: Fairness, t: Texts) -> Chart:
    """Acceptance by group, with its interval; the table has the error rates and calibration as well."""
    percent = t.numerals.percent
    attribute = t.name("attribute", found.attribute)
    title = t("fairness.title", attribute=attribute)
    rows = [
        Row(
            _group(found, g, t),
            percent(g.acceptance.value),
            g.acceptance.value,
            g.acceptance,
            "default" if g.four_fifths == "not_met" else "repaid",
        )
        for g in found.groups
    ]
    spread = [limit for g in found.groups for limit in (g.acceptance.low, g.acceptance.high)]
    verdicts = {g.four_fifths for g in found.groups}
    verdict = "not_met" if "not_met" in verdicts else "uncertain" if "uncertain" in verdicts else "met"
    values = sorted(g.acceptance.value for g in found.groups)
    return Chart(
        title,
        t(f"fairness.summary_{verdict}", low=percent(values[0]), high=percent(values[-1])),
        plot_rows(rows, axis(spread, t("term.accepted_share"), t.numerals.percent_tick), title, bars=False),
        Table(
            t("fairness.outcomes", attribute=attribute),
            [
                t("fairness.group"),
                t("term.clients"),
                t("term.accepted_share"),
                t("fairness.ratio"),
                t("fairness.four_fifths"),
                t("term.default_rate"),
            ],
            [
                [
                    _group(found, g, t),
                    t.numerals.count(g.clients),
                    _estimate(g.acceptance, percent, t),
                    _estimate(g.acceptance_ratio, lambda v: t.numerals.decimal(v, 2), t),
                    t(f"fairness.{g.four_fifths.value}") if g.four_fifths else t("none"),
                    _estimate(g.default_rate, percent, t),
                ]
                for g in found.groups
            ],
        ),
    )


def fairness_errors(found: Fairness, t: Texts) -> Table:
    """Error rates, calibration and discrimination by group."""
    percent, write = t.numerals.percent, t.numerals.decimal
    return Table(
        t("fairness.errors", attribute=t.name("attribute", found.attribute)),
        [
            t("fairness.group"),
            t("fairness.accepted_repaid"),
            t("fairness.opportunity"),
            t("fairness.accepted_defaults"),
            t("fairness.gap"),
            t("term.roc_auc"),
        ],
        [
            [
                _group(found, g, t),
                _estimate(g.accepted_among_repaid, percent, t),
                _estimate(g.equal_opportunity_difference, percent, t),
                _estimate(g.accepted_among_defaults, percent, t),
                _estimate(g.calibration_gap, percent, t),
                _estimate(g.roc_auc, write, t),
            ]
            for g in found.groups
        ],
    )


def score_drift(found: Drifts, t: Texts) -> Chart:
    """Scores of training and of new clients, over the training clients' tenths."""
    percent, write = t.numerals.percent, t.numerals.decimal
    title, bins = t("drift.score_title"), found.score.bins
    numbers = [float(i) for i in range(1, len(bins) + 1)]
    plot = Plot(
        Axis(0.5, len(bins) + 0.5, t("drift.score_x"), tuple(numbers), t.numerals.count),
        axis([s for b in bins for s in (b.reference, b.current)], t("drift.y"), t.numerals.percent_tick, zero=True),
    )
    plot.bars([n - 0.19 for n in numbers], [b.reference for b in bins], 0.36, "neutral")
    plot.bars([n + 0.19 for n in numbers], [b.current for b in bins], 0.36, "repaid")
    return Chart(
        title,
        t(
            f"drift.score_{'quiet' if found.score.alarm is Alarm.NONE else 'alarm'}",
            psi=write(found.score.psi),
            expected=write(found.score.expected, 4),
        ),
        plot.render(title),
        Table(
            title,
            [t("drift.tenth"), t("term.repayment"), t("drift.training"), t("drift.new")],
            [
                [str(i), _bin(b.bin, percent, t), percent(b.reference), percent(b.current)]
                for i, b in enumerate(bins, start=1)
            ],
        ),
        [Legend("neutral", t("drift.training")), Legend("repaid", t("drift.new"))],
    )


def feature_drift(card: ModelCard, found: Drifts, t: Texts) -> Chart:
    """PSI of the most drifted features, with the marks of a moderate and a major drift."""
    write = t.numerals.decimal
    title, listed = t("drift.title"), found.listed
    rows = [Row(card.label(d.feature, t.language), write(d.psi), d.psi, style=_ALARM_STYLES[d.alarm]) for d in listed]
    values = [MAJOR * 1.1, *(d.psi for d in listed)]
    marks = [(MODERATE, t("drift.moderate_mark")), (MAJOR, t("drift.major_mark"))]
    return Chart(
        title,
        t("drift.summary", alarms=str(found.alarms), compared=str(found.compared)),
        plot_rows(rows, axis(values, "PSI", write, zero=True), title, bars=True, marks=marks),
        Table(
            title,
            [t("importance.feature"), t("importance.name"), "PSI", t("drift.expected"), t("drift.p"), t("drift.alarm")],
            [
                [
                    card.label(d.feature, t.language),
                    d.feature,
                    write(d.psi),
                    write(d.expected, 4),
                    _p_value(d.adjusted_p, t),
                    t(f"alarm.{d.alarm.value}"),
                ]
                for d in listed
            ],
        ),
    )


def _group(found: Fairness, group: GroupFigures, t: Texts) -> str:
    name = t.name(f"group.{found.attribute}", group.name)
    return t("fairness.reference", name=name) if group.name == found.reference else name


def _estimate(value: Interval | None, write: Callable[[float], str], t: Texts) -> str:
    return t("none") if value is None else t.numerals.estimate(value, write)


def _bin(found: Bin, write: Callable[[float], str], t: Texts) -> str:
    low = write(found.lower) if found.lower is not None else write(0.0)
    high = write(found.upper) if found.upper is not None else write(1.0)
    return f"{low} – {high}" if found.kind == "interval" else t(f"bin.{found.kind.value}")


def _p_value(value: float, t: Texts) -> str:
    return f"< {t.numerals.decimal(0.001)}" if value < 0.001 else t.numerals.decimal(value)
