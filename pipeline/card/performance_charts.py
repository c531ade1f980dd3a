"""Figures of discrimination: ROC, precision and recall, KS, score distribution, gains, lift, stability."""

from collections.abc import Sequence

from pipeline.card.axis import Axis, axis, whole
from pipeline.card.chart import Chart, Legend, Table
from pipeline.card.document import Performance
from pipeline.card.rows import Row, plot_rows
from pipeline.card.svg import Plot
from pipeline.card.texts import Texts
from pipeline.evaluation.discrimination import Stability
from pipeline.evaluation.result import Interval
from pipeline.evaluation.threshold import OperatingPoint

_TABLE_ROWS = 11


def spread(number: int, wanted: int = _TABLE_ROWS) -> list[int]:
    """Indices of at most ``wanted`` of ``number`` points, evenly, both ends included."""
    if number <= wanted:
        return list(range(number))
    return sorted({round(i * (number - 1) / (wanted - 1)) for i in range(wanted)})


def estimate(t: Texts, value: Interval, digits: int = 3) -> dict[str, str]:
    """Value and limits as the texts' places ``value``, ``low`` and ``high``."""
    write = t.numerals.decimal
    return {
        "value": write(value.value, digits),
        "low": write(value.low, digits),
        "high": write(value.high, digits),
    }


def roc(performance: Performance, t: Texts) -> Chart:
    """ROC curve with the diagonal of chance."""
    percent, curve = t.numerals.percent, performance.roc
    title = t("roc.title")
    plot = Plot(whole(t("roc.x"), t.numerals.percent_tick), whole(t("roc.y"), t.numerals.percent_tick))
    plot.line((0, 1), (0, 1), "chance")
    plot.line(curve.x, curve.y, "repaid")
    rows = [[percent(1 - curve.probability[i]), percent(curve.x[i]), percent(curve.y[i])] for i in spread(len(curve.x))]
    return Chart(
        title,
        t("roc.summary", **estimate(t, performance.roc_auc)),
        plot.render(title),
        Table(title, [t("term.threshold"), t("roc.x"), t("roc.y")], rows),
        [Legend("repaid", t("term.model")), Legend("chance", t("term.chance"))],
    )


def precision_recall(performance: Performance, t: Texts) -> Chart:
    """Precision against recall, with the default rate that chance reaches."""
    percent, curve = t.numerals.percent, performance.precision_recall
    title, rate = t("pr.title"), performance.defaults / performance.clients
    # The precision of the first few clients is chance: the drawing starts where a hundredth of the defaults is found.
    shown = [i for i, recall in enumerate(curve.x) if recall >= 0.01]
    plot = Plot(
        whole(t("pr.x"), t.numerals.percent_tick),
        axis([curve.y[i] for i in shown], t("pr.y"), t.numerals.percent_tick, zero=True),
    )
    plot.line((0, 1), (rate, rate), "chance")
    plot.line([curve.x[i] for i in shown], [curve.y[i] for i in shown], "repaid")
    rows = [[percent(1 - curve.probability[i]), percent(curve.x[i]), percent(curve.y[i])] for i in spread(len(curve.x))]
    return Chart(
        title,
        t("pr.summary", rate=percent(rate), **estimate(t, performance.average_precision)),
        plot.render(title),
        Table(title, [t("term.threshold"), t("pr.x"), t("pr.y")], rows),
        [Legend("repaid", t("term.model")), Legend("chance", t("term.chance"))],
    )


def kolmogorov_smirnov(performance: Performance, t: Texts) -> Chart:
    """Cumulated scores of defaults and of repaid loans, with the place of their largest distance."""
    percent, curve, at = t.numerals.percent, performance.roc, 1 - performance.ks_at.probability
    title = t("ks.title")
    repayment = [1 - p for p in curve.probability]
    low = performance.distribution.edges[0]
    plot = Plot(
        axis([low, 1.0], t("term.repayment"), t.numerals.percent_tick),
        whole(t("ks.y"), t.numerals.percent_tick),
        [(at, f"KS {t.numerals.decimal(performance.ks.value)}")],
    )
    shown = [i for i, p in enumerate(repayment) if p >= low]
    plot.line([repayment[i] for i in shown], [curve.x[i] for i in shown], "repaid")
    plot.line([repayment[i] for i in shown], [curve.y[i] for i in shown], "default")
    rows = [[percent(repayment[i]), percent(curve.x[i]), percent(curve.y[i])] for i in spread(len(repayment))]
    return Chart(
        title,
        t("ks.summary", at=percent(at), **estimate(t, performance.ks)),
        plot.render(title),
        Table(title, [t("term.repayment"), t("term.repaid"), t("term.defaults")], rows),
        _outcomes(t),
    )


def distribution(performance: Performance, in_use: OperatingPoint, t: Texts) -> Chart:
    """Scores of repaid loans and of defaults as two histograms, with the acceptance threshold in use."""
    threshold = in_use.threshold
    percent, found = t.numerals.percent, performance.distribution
    title = t("distribution.title")
    plot = Plot(
        axis(found.edges, t("term.repayment"), t.numerals.percent_tick),
        axis([*found.repaid, *found.defaults], t("distribution.y"), t.numerals.percent_tick, zero=True),
        [(threshold, t("term.threshold_at", value=percent(threshold)))],
    )
    plot.steps(found.edges, found.repaid, "repaid")
    plot.steps(found.edges, found.defaults, "default")
    bins = range(len(found.repaid))
    rows = [
        [
            f"{percent(found.edges[i])} – {percent(found.edges[i + 1])}",
            percent(found.repaid[i]),
            percent(found.defaults[i]),
        ]
        for i in bins
    ]
    return Chart(
        title,
        t("distribution.summary", share=percent(in_use.refused_among_defaults), threshold=percent(threshold)),
        plot.render(title),
        Table(title, [t("term.repayment"), t("term.repaid"), t("term.defaults")], rows),
        _outcomes(t),
    )


def gains(performance: Performance, t: Texts) -> Chart:
    """Share of the defaults among the riskiest part of the clients."""
    percent, parts = t.numerals.percent, performance.deciles
    title = t("gains.title")
    plot = Plot(whole(t("gains.x"), t.numerals.percent_tick), whole(t("gains.y"), t.numerals.percent_tick))
    plot.line((0, 1), (0, 1), "chance")
    shares = [p.number / len(parts) for p in parts]
    plot.line([0, *shares], [0, *(p.cumulative_gain for p in parts)], "default")
    plot.points(shares, [p.cumulative_gain for p in parts], "default")
    return Chart(
        title,
        t("gains.summary", share=percent(parts[1].cumulative_gain)),
        plot.render(title),
        Table(
            title,
            [t("gains.x"), t("gains.y")],
            [[percent(s, 0), percent(p.cumulative_gain)] for s, p in zip(shares, parts, strict=True)],
        ),
        [Legend("default", t("term.model")), Legend("chance", t("term.chance"))],
    )


def lift(performance: Performance, t: Texts) -> Chart:
    """Default rate of each tenth of the clients over the overall one."""
    write, percent, parts = t.numerals.decimal, t.numerals.percent, performance.deciles
    title, numbers = t("lift.title"), [p.number for p in parts]
    scale = Axis(0.5, len(parts) + 0.5, t("lift.x"), tuple(map(float, numbers)), t.numerals.count)
    plot = Plot(scale, axis([p.lift for p in parts], t("lift.y"), write, zero=True))
    plot.bars(numbers, [p.lift for p in parts], 0.7, "default")
    plot.line((0.5, len(parts) + 0.5), (1, 1), "chance")
    return Chart(
        title,
        t("lift.summary", value=write(parts[0].lift, 1), rate=percent(parts[0].default_rate)),
        plot.render(title),
        Table(
            title,
            [t("lift.x"), t("term.clients"), t("term.default_rate"), t("lift.y"), t("lift.cumulative")],
            [
                [
                    t.numerals.count(p.number),
                    t.numerals.count(p.clients),
                    percent(p.default_rate),
                    write(p.lift, 2),
                    write(p.cumulative_lift, 2),
                ]
                for p in parts
            ],
        ),
        [Legend("default", t("term.model")), Legend("chance", t("term.chance"))],
    )


def stability(found: Stability, t: Texts) -> Chart:
    """ROC AUC of each validation fold around their mean."""
    write, percent = t.numerals.decimal, t.numerals.percent
    title = t("stability.title")
    rows = [Row(t("stability.fold", number=str(f.number)), write(f.roc_auc), f.roc_auc) for f in found.folds]
    values = [f.roc_auc for f in found.folds]
    scale = axis([min(values) - 0.01, max(values) + 0.01], t("term.roc_auc"), write, ticks=4)
    mean = t("stability.mean", value=write(found.roc_auc_mean))
    return Chart(
        title,
        t(
            "stability.summary",
            mean=write(found.roc_auc_mean),
            deviation=write(found.roc_auc_deviation),
            low=write(min(values)),
            high=write(max(values)),
        ),
        plot_rows(rows, scale, title, bars=False, marks=[(found.roc_auc_mean, mean)]),
        Table(
            title,
            [t("stability.column"), t("term.clients"), t("term.default_rate"), t("term.roc_auc"), "KS", t("term.ap")],
            [
                [
                    t.numerals.count(f.number),
                    t.numerals.count(f.clients),
                    percent(f.default_rate),
                    write(f.roc_auc),
                    write(f.ks),
                    write(f.average_precision),
                ]
                for f in found.folds
            ],
        ),
    )


def _outcomes(t: Texts) -> Sequence[Legend]:
    return [Legend("repaid", t("term.repaid")), Legend("default", t("term.defaults"))]
