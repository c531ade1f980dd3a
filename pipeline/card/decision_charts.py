"""Figures of the decision: what drives the score, whether it is true, what a threshold costs, the bands."""

from pipeline.card.axis import axis, whole
from pipeline.card.chart import Chart, Legend, Table
from pipeline.card.document import Acceptance, Calibration, ModelCard
from pipeline.card.performance_charts import spread
from pipeline.card.rows import Row, plot_rows
from pipeline.card.svg import Plot
from pipeline.card.texts import Texts
from pipeline.evaluation.bands import Bands
from pipeline.evaluation.calibration import ReliabilityBin

_BAND_STYLES = ("band1", "band2", "band3", "band4", "band5", "band6", "band7")


def importances(card: ModelCard, t: Texts) -> Chart:
    """The features with the largest share of the gain."""
    percent = t.numerals.percent
    title = t("importance.title")
    top = card.inputs.top
    return Chart(
        title,
        t(
            "importance.summary",
            feature=card.label(top[0].feature, t.language),
            share=percent(top[0].share),
            number=str(len(top)),
            together=percent(sum(f.share for f in top), 0),
        ),
        plot_rows(
            [Row(card.label(f.feature, t.language), percent(f.share), f.share, style="neutral") for f in top],
            axis([f.share for f in top], t("importance.x"), t.numerals.percent_tick, zero=True),
            title,
            bars=True,
        ),
        Table(
            title,
            [t("importance.feature"), t("importance.name"), t("importance.x"), t("importance.protected")],
            [
                [card.label(f.feature, t.language), f.feature, percent(f.share), t("yes" if f.protected else "no")]
                for f in top
            ],
        ),
    )


def reliability(calibration: Calibration, t: Texts) -> Chart:
    """Predicted against observed default rate in bins of equal mass."""
    percent = t.numerals.percent
    title, after, before = t("reliability.title"), calibration.reliability, calibration.reliability_before
    highest = [b.observed.high for b in after] + [b.predicted for b in (*after, *before)]
    scale = axis(highest, t("reliability.x"), t.numerals.percent_tick, zero=True)
    plot = Plot(scale, axis(highest, t("reliability.y"), t.numerals.percent_tick, zero=True))
    plot.line((0, scale.high), (0, scale.high), "chance")
    plot.points([b.predicted for b in before], [b.observed.value for b in before], "before")
    plot.spans(
        [b.predicted for b in after], [b.observed.low for b in after], [b.observed.high for b in after], "repaid"
    )
    plot.points([b.predicted for b in after], [b.observed.value for b in after], "repaid")
    return Chart(
        title,
        t("reliability.summary", value=percent(calibration.expected_calibration_error, 2)),
        plot.render(title),
        Table(
            title,
            [t("reliability.bin"), t("term.clients"), t("reliability.x"), t("reliability.y"), t("term.interval")],
            [_bin(number, b, t) for number, b in enumerate(after, start=1)],
        ),
        [
            Legend("repaid", t("reliability.after")),
            Legend("before", t("reliability.before")),
            Legend("chance", t("reliability.perfect")),
        ],
    )


def _bin(number: int, found: ReliabilityBin, t: Texts) -> list[str]:
    percent = t.numerals.percent
    return [
        str(number),
        t.numerals.count(found.clients),
        percent(found.predicted),
        percent(found.observed.value),
        t.numerals.interval(found.observed, percent),
    ]


def cost(acceptance: Acceptance, t: Texts) -> Chart:
    """Cost per client over the threshold, with the threshold in use and those compared with it."""
    percent, write = t.numerals.percent, t.numerals.decimal
    title, curve = t("cost.title"), acceptance.cost
    shown = [o for o in acceptance.operations if o.role != "cheapest"]
    plot = Plot(
        whole(t("term.threshold"), t.numerals.percent_tick),
        axis([p.cost for p in curve.points], t("cost.y"), write, zero=True),
        [(o.point.threshold, percent(o.point.threshold)) for o in shown],
    )
    plot.line([p.threshold for p in curve.points], [p.cost for p in curve.points], "repaid")
    plot.points([o.point.threshold for o in shown], [o.point.cost for o in shown], "default")
    return Chart(
        title,
        t(
            "cost.summary",
            value=percent(curve.optimal.value),
            low=percent(curve.optimal.low),
            high=percent(curve.optimal.high),
            theoretical=percent(curve.theoretical),
        ),
        plot.render(title),
        Table(
            title,
            [t("term.threshold"), t("cost.y"), t("term.accepted_share")],
            [
                [percent(p.threshold, 0), write(p.cost), percent(p.accepted_share)]
                for p in (curve.points[i] for i in spread(len(curve.points), 21))
            ],
        ),
    )


def bands(found: Bands, t: Texts) -> Chart:
    """Observed default rate of each of the seven bands."""
    percent = t.numerals.percent
    title = t("bands.title")
    rows, table = [], []
    for band, style in zip(found.bands, _BAND_STYLES, strict=True):
        name = t.name("band", band.band.value)
        limits = f"{percent(band.lower)} – {percent(band.upper)}"
        rate = band.default_rate
        written = percent(rate.value) if rate else t("none")
        rows.append(Row(f"{name} ({limits})", written, rate.value if rate else 0.0, rate, style))
        share = percent(band.clients / sum(b.clients for b in found.bands))
        clients = f"{t.numerals.count(band.clients)} ({share})"
        table.append([name, limits, clients, t.numerals.estimate(rate, percent) if rate else written])
    highest = [b.default_rate.high for b in found.bands if b.default_rate]
    return Chart(
        title,
        t("bands.monotone" if found.monotone else "bands.not_monotone", threshold=percent(found.limits[2])),
        plot_rows(rows, axis(highest, t("term.default_rate"), t.numerals.percent_tick, zero=True), title, bars=True),
        Table(
            title,
            [
                t("bands.column"),
                t("term.repayment"),
                t("term.clients"),
                t("term.default_rate"),
            ],
            table,
        ),
    )
