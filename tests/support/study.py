"""A study of a few made-up products by two models, written down rather than measured: what pages and services show."""

import random

from pipeline.evaluation.result import Interval
from pipeline.products.study.document import (
    CategoryReport,
    Clusters,
    Comparison,
    FewShot,
    Map,
    ModelResult,
    ProductPoint,
    Protocol,
    Robustness,
    Settings,
    Speed,
    Study,
    Unavailable,
    Validation,
)
from pipeline.products.suspect import Suspect

CATEGORIES = ("Baby Care", "Computers", "Watches")
# Of each category; the first product of each is predicted wrongly by the first model.
EACH = 8


def small_study() -> Study:
    """Three categories of eight products; "words" errs on three products, "vectors" on none."""
    products = tuple(
        ProductPoint(identifier=f"{category}-{number}", name=f"{CATEGORIES[category]} {number}", category=category)
        for category in range(len(CATEGORIES))
        for number in range(EACH)
    )
    wrong = tuple((p.category + 1) % 3 if p.identifier.endswith("-0") else p.category for p in products)
    right = tuple(p.category for p in products)
    return Study(
        created_at="2026-11-28T12:00:00Z",
        products_sha256="0" * 64,
        synthetic=True,
        categories=CATEGORIES,
        products=products,
        settings=Settings(),
        processor="a processor",
        cores=2,
        seconds=60.0,
        models=(_model("words", wrong, right, 20_000.0), _model("vectors", right, right, 50.0)),
        unavailable=(
            Unavailable(
                name="bert-base-uncased",
                reason="not here, get it",
                command="hf download google-bert/bert-base-uncased",
            ),
        ),
        comparisons=(Comparison(one="words", other="vectors", difference=_interval(-0.1, 0.05), p=0.01),),
        suspects=(
            Suspect(
                identifier="0-0",
                name="Baby Care 0",
                given="Baby Care",
                suggested="Computers",
                probability_given=0.1,
                probability_suggested=0.9,
            ),
        ),
        libraries={"numpy": "2.4.0"},
    )


def _model(name: str, predicted: tuple[int, ...], true: tuple[int, ...], speed: float) -> ModelResult:
    chance = random.Random(name)
    share = sum(p == t for p, t in zip(predicted, true, strict=True)) / len(true)
    size = len(CATEGORIES)
    confusion = tuple(
        tuple(sum(t == row and p == column for p, t in zip(predicted, true, strict=True)) for column in range(size))
        for row in range(size)
    )
    spaces = ("raw", "pca", "tsne", "umap")
    return ModelResult(
        name=name,
        kind="lexical" if name == "words" else "transformer",
        dimension=3,
        source="written down",
        protocol=Protocol(
            accuracy=share,
            macro_f1=share,
            weighted_f1=share,
            test_rows=6,
            report=tuple(
                CategoryReport(category=one, precision=share, recall=share, f1=share, support=2) for one in CATEGORIES
            ),
            confusion=confusion,
            ari=0.7,
        ),
        validation=Validation(
            accuracy=_interval(share, 0.02),
            macro_f1=_interval(share, 0.02),
            scores=(share,) * 5,
            predicted=predicted,
            confusion=confusion,
        ),
        clusters=tuple(
            Clusters(
                fields=fields,
                space=one,
                method=method,
                ari=_interval(0.6, 0.1),
                nmi=_interval(0.7, 0.1),
                silhouette=_interval(0.2, 0.0),
            )
            for fields in ("description", "both")
            for one in spaces
            for method in ("k-means", "ward")
        ),
        few_shot=tuple(FewShot(per_category=number, accuracy=_interval(0.7, 0.1)) for number in (2, 5)),
        robustness=tuple(
            Robustness(condition=one, accuracy=_interval(0.8, 0.05))
            for one in ("description", "typos", "truncated", "name", "both")
        ),
        speed=Speed(
            documents_per_second=speed,
            p50_milliseconds=1000 / speed,
            p99_milliseconds=3000 / speed,
            memory_mebibytes=100.0,
            size_mebibytes=86.7,
            cost_per_million=13.9 / speed,
        ),
        maps=tuple(
            Map(
                projection=one,
                x=tuple(3.0 * t + chance.random() for t in true),
                y=tuple(chance.random() - t for t in true),
            )
            for one in spaces[1:]
        ),
    )


def _interval(value: float, half: float) -> Interval:
    return Interval(value=value, low=value - half, high=value + half)
