"""The tables of the report."""

from pipeline.card.chart import Table
from pipeline.card.texts import Texts
from pipeline.evaluation.result import Interval
from pipeline.products.study.document import PUBLISHED, Clusters, ModelResult, Study


def quality(study: Study, t: Texts) -> Table:
    """Accuracy by model: the study's protocol beside what was published, then cross-validation."""
    decimal = t.numerals.decimal

    def row(model: ModelResult) -> list[str]:
        published = PUBLISHED.get(model.name)
        return [
            model.name,
            decimal(model.protocol.accuracy, 4),
            t("none") if published is None else decimal(published[0], 2),
            decimal(model.protocol.ari, 4),
            t("none") if published is None else decimal(published[1], 4),
            t.numerals.estimate(model.validation.accuracy, lambda value: decimal(value, 4)),
            decimal(model.validation.macro_f1.value, 4),
        ]

    missing = [
        [name, t("none"), decimal(accuracy, 2), t("none"), decimal(ari, 4), t("none"), t("none")]
        for name, (accuracy, ari) in PUBLISHED.items()
        if name not in {model.name for model in study.models}
    ]
    return Table(
        t("quality.caption"),
        [
            t("term.model"),
            t("quality.protocol"),
            t("quality.published"),
            t("quality.protocol_ari"),
            t("quality.published_ari"),
            t("quality.validated"),
            t("quality.macro_f1"),
        ],
        [*(row(model) for model in study.models), *missing],
    )


def comparisons(study: Study, t: Texts) -> Table:
    """Paired differences between models."""
    return Table(
        t("quality.comparisons"),
        [t("quality.pair"), t("quality.difference"), t("quality.p")],
        [
            [
                f"{found.one} – {found.other}",
                t.numerals.estimate(found.difference, lambda value: t.numerals.decimal(value, 4)),
                t.numerals.decimal(found.p, 3),
            ]
            for found in study.comparisons
        ],
    )


def best_clusters(study: Study, t: Texts) -> Table:
    """By model, agreement with the categories by the study's way to find groups and by the best one."""

    def row(model: ModelResult) -> list[str]:
        (as_studied,) = (
            one for one in model.clusters if (one.fields, one.space, one.method) == ("description", "tsne", "k-means")
        )
        best = model.best_clusters
        return [model.name, _spread(as_studied.ari, t), _spread(best.ari, t), _way(best, t)]

    return Table(
        t("clusters.best_caption"),
        [t("term.model"), t("clusters.as_studied"), t("clusters.best"), t("clusters.way")],
        [row(model) for model in study.models],
    )


def clusters(model: ModelResult, t: Texts) -> Table:
    """Agreement of groups and categories by every way of a model, the best first."""
    return Table(
        t("clusters.caption", model=model.name),
        [t("clusters.way"), t("term.ari"), t("clusters.nmi"), t("clusters.silhouette")],
        [
            [_way(one, t), _spread(one.ari, t), _spread(one.nmi, t), _spread(one.silhouette, t)]
            for one in sorted(model.clusters, key=lambda one: -one.ari.value)
        ],
    )


def _way(one: Clusters, t: Texts) -> str:
    return ", ".join((t(f"fields.{one.fields}"), t(f"clusters.{one.space}"), t(f"clusters.{one.method}")))


def _spread(found: Interval, t: Texts) -> str:
    return t.numerals.estimate(found, t.numerals.decimal)


def speed(study: Study, t: Texts) -> Table:
    """Speed, size and cost by model."""
    decimal = t.numerals.decimal
    return Table(
        t("speed.caption"),
        [t("term.model"), *(t(f"speed.{key}") for key in ("documents", "p50", "p99", "memory", "size", "cost"))],
        [
            [
                model.name,
                t.numerals.count(model.speed.documents_per_second),
                decimal(model.speed.p50_milliseconds, 2),
                decimal(model.speed.p99_milliseconds, 2),
                decimal(model.speed.memory_mebibytes, 0),
                decimal(model.speed.size_mebibytes, 1),
                decimal(model.speed.cost_per_million, 4),
            ]
            for model in study.models
        ],
    )


def report(model: ModelResult, t: Texts) -> Table:
    """The classification report of the study's protocol."""
    percent = t.numerals.percent
    return Table(
        t("report.caption", model=model.name),
        [t("term.category"), *(t(f"report.{key}") for key in ("precision", "recall", "f1", "support"))],
        [
            [row.category, percent(row.precision), percent(row.recall), percent(row.f1), t.numerals.count(row.support)]
            for row in model.protocol.report
        ],
    )


def confusion(study: Study, model: ModelResult, t: Texts) -> Table:
    """The confusion matrix of the cross-validation."""
    return Table(
        t("report.confusion", model=model.name),
        [t("term.category"), *study.categories],
        [
            [name, *(t.numerals.count(number) for number in row)]
            for name, row in zip(study.categories, model.validation.confusion, strict=True)
        ],
    )


def errors(study: Study, model: ModelResult, t: Texts) -> Table:
    """The products that cross-validation predicts wrongly."""
    return Table(
        t("maps.errors_caption", model=model.name),
        [t("term.product"), t("maps.true"), t("maps.predicted")],
        [
            [product.name, study.categories[product.category], study.categories[predicted]]
            for product, predicted in zip(study.products, model.validation.predicted, strict=True)
            if product.category != predicted
        ],
    )


def suspects(study: Study, t: Texts) -> Table:
    """Labels that look wrong."""
    return Table(
        t("suspects.caption"),
        [t("term.product"), t("suspects.given"), t("suspects.suggested"), t("suspects.probability")],
        [
            [found.name, found.given, found.suggested, t.numerals.percent(found.probability_suggested)]
            for found in study.suspects
        ],
    )


def versions(study: Study, t: Texts) -> Table:
    """Data, machine and libraries."""
    return Table(
        t("versions.caption"),
        [t("term.figure"), t("term.value")],
        [
            [t("term.total"), t.numerals.count(len(study.products))],
            [t("versions.sha"), study.products_sha256],
            [t("versions.processor"), study.processor],
            [t("versions.cores"), t.numerals.count(study.cores)],
            [t("versions.seconds"), t.numerals.count(study.seconds)],
            *([name, version] for name, version in study.libraries.items()),
        ],
    )
