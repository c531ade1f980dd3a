"""The tables of the page that belong to no figure."""

from collections.abc import Callable

from pipeline.card.chart import Table
from pipeline.card.document import Calibration, Data, ModelCard, Operation, OutOfTime, Performance
from pipeline.card.texts import Texts


def performance(found: Performance, t: Texts) -> Table:
    """Figures of discrimination with their intervals, and what each one is."""
    write: Callable[[float], str] = t.numerals.decimal
    figures = {
        "roc_auc": (t("term.roc_auc"), found.roc_auc),
        "gini": (t("term.gini"), found.gini),
        "ks": (t("term.ks"), found.ks),
        "average_precision": (t("term.ap"), found.average_precision),
        "brier": (t("term.brier"), found.brier),
    }
    return Table(
        t("performance.caption"),
        [t("term.figure"), t("term.value"), t("term.interval"), t("performance.explain")],
        [
            [name, write(value.value), t.numerals.interval(value, write), t(f"performance.explain_{key}")]
            for key, (name, value) in figures.items()
        ],
    )


def data(found: Data, sha256: str, t: Texts) -> Table:
    """Origin, size and hash of the training data."""
    return Table(
        t("data.caption"),
        [t("term.figure"), t("term.value")],
        [
            [t("data.origin"), t("data.origin_synthetic" if found.synthetic else "data.origin_real")],
            [t("data.rows"), t.numerals.count(found.rows)],
            [t("data.rate"), t.numerals.percent(found.default_rate, 2)],
            [t("data.tables"), ", ".join(found.tables)],
            [t("data.absent"), ", ".join(found.absent_tables) or t("none")],
            [t("data.sha"), sha256],
        ],
    )


def log_losses(found: Calibration, t: Texts) -> Table:
    """Cross-validated log loss of each method of calibration."""
    return Table(
        t("calibration.caption"),
        [t("calibration.method"), t("calibration.loss"), ""],
        [
            [t(f"calibration.{m}"), t.numerals.decimal(v, 5), t("calibration.chosen") if m == found.method else ""]
            for m, v in found.log_loss.items()
        ],
    )


def out_of_time(found: OutOfTime, t: Texts) -> Table:
    """Figures of the newest clients, by a model that learned from the older ones."""
    write, percent = t.numerals.decimal, t.numerals.percent
    figures = [
        (t("term.roc_auc"), found.roc_auc),
        (t("term.ks"), found.ks),
        (t("term.ap"), found.average_precision),
        (t("term.brier"), found.brier),
    ]
    return Table(
        t("out_of_time.caption"),
        [t("term.figure"), t("term.value"), t("term.interval")],
        [
            *([name, write(value.value), t.numerals.interval(value, write)] for name, value in figures),
            [
                t("term.default_rate"),
                percent(found.default_rate.value, 2),
                t.numerals.interval(found.default_rate, percent),
            ],
            [t("out_of_time.predicted"), percent(found.predicted, 2), t("none")],
        ],
    )


def operations(card: ModelCard, t: Texts) -> Table:
    """What each threshold accepts, and at which cost."""
    percent = t.numerals.percent
    return Table(
        t("decision.caption"),
        [
            t("decision.role"),
            t("term.threshold"),
            t("term.accepted_share"),
            t("term.accepted_default_rate"),
            t("decision.refused_defaults"),
            t("decision.refused_repaid"),
            t("term.cost"),
        ],
        [
            [
                t(f"decision.{o.role}", value=percent(o.point.threshold, 0)),
                percent(o.point.threshold),
                percent(o.point.accepted_share.value),
                percent(o.point.accepted_default_rate.value) if o.point.accepted_default_rate else t("none"),
                percent(o.point.refused_among_defaults),
                percent(o.point.refused_among_repaid),
                t.numerals.decimal(o.point.cost),
            ]
            for o in card.acceptance.operations
        ],
    )


def confusion(operation: Operation, t: Texts) -> Table:
    """The four outcomes at a threshold, with their shares of each outcome's loans."""
    found = operation.confusion

    def row(name: str, refused: int, accepted: int) -> list[str]:
        total = max(refused + accepted, 1)
        return [name, *(f"{t.numerals.count(n)} ({t.numerals.percent(n / total)})" for n in (refused, accepted))]

    return Table(
        t("decision.confusion", threshold=t.numerals.percent(found.threshold)),
        [t("decision.outcome"), t("decision.refused"), t("decision.accepted")],
        [
            row(t("term.defaults"), found.refused_defaults, found.accepted_defaults),
            row(t("term.repaid"), found.refused_repaid, found.accepted_repaid),
        ],
    )


def identity(card: ModelCard, t: Texts) -> Table:
    """Version, date and contract."""
    return Table(
        t("versions.identity"),
        [t("term.figure"), t("term.value")],
        [
            [t("versions.model"), card.version],
            [t("versions.created"), card.created_at],
            [t("versions.contract"), card.feature_contract],
            [t("versions.data"), card.data_sha256],
        ],
    )


def files(card: ModelCard, t: Texts) -> Table:
    """Hashes of the model's files."""
    return Table(t("versions.files"), [t("versions.file"), t("versions.sha")], list(map(list, card.files.items())))


def libraries(card: ModelCard, t: Texts) -> Table:
    """Versions of the libraries that made the model."""
    rows = list(map(list, card.libraries.items()))
    return Table(t("versions.libraries"), [t("versions.library"), t("versions.version")], rows)
