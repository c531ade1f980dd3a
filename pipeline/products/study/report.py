"""The study's HTML report, self-contained and without script, and its publication beside the document."""

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from pipeline.card.chart import Chart, Table
from pipeline.card.render import style, template
from pipeline.card.texts import LANGUAGES, Language, Texts, texts
from pipeline.folder import MANIFEST, replaced
from pipeline.hashing import sha256
from pipeline.products.study import report_charts as charts
from pipeline.products.study import report_tables as tables
from pipeline.products.study.document import DOCUMENT, ModelResult, Study
from pipeline.registry.folder import Identity

_HERE = Path(__file__).parent
_SECTIONS = ("quality", "clusters", "labels", "speed", "suspects", "versions")


def publish(study: Study, folder: Path) -> None:
    """Writes document and reports into a folder, all of them or nothing; an earlier study there is replaced.

    Raises:
        InvalidInput: the folder holds something else.
    """
    with replaced(folder) as aside:
        (aside / DOCUMENT).write_text(study.model_dump_json(), encoding="utf-8")
        for language in LANGUAGES:
            (aside / f"study.{language}.html").write_text(render(study, language), encoding="utf-8")
        files = {file.name: sha256(file) for file in sorted(aside.iterdir())}
        identity = Identity(version=study.created_at, files=files)
        (aside / MANIFEST).write_text(identity.model_dump_json(indent=1), encoding="utf-8")


def render(study: Study, language: Language = "fr") -> str:
    """The report as an HTML page in French or in English."""
    t = texts(language, _HERE)
    return template("report.html.j2", _HERE).render(
        study=study,
        t=t,
        count=t.numerals.count,
        style=Markup(style() + (_HERE / "report.css").read_text(encoding="utf-8")),
        sections=_SECTIONS,
        tables=_Tables.of(study, t),
        few_shot=charts.few_shot(study, t),
        robustness=charts.robustness(study, t),
        speed=charts.speed(study, t),
        models=[_Model.of(study, model, t) for model in study.models],
    )


@dataclass(frozen=True, slots=True)
class _Tables:
    quality: Table
    comparisons: Table
    clusters: Table
    speed: Table
    suspects: Table
    versions: Table

    @classmethod
    def of(cls, study: Study, t: Texts) -> "_Tables":
        return cls(
            tables.quality(study, t),
            tables.comparisons(study, t),
            tables.best_clusters(study, t),
            tables.speed(study, t),
            tables.suspects(study, t),
            tables.versions(study, t),
        )


@dataclass(frozen=True, slots=True)
class _Model:
    """What the report shows of one model."""

    name: str
    source: str
    report: Table
    confusion: Table
    clusters: Table
    errors: Table
    maps: list[Chart]

    @classmethod
    def of(cls, study: Study, model: ModelResult, t: Texts) -> "_Model":
        errors = tables.errors(study, model, t)
        return cls(
            model.name,
            model.source,
            tables.report(model, t),
            tables.confusion(study, model, t),
            tables.clusters(model, t),
            errors,
            [charts.product_map(study, model, found, errors, t) for found in model.maps],
        )
