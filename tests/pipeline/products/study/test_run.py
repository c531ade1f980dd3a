"""The whole study on a few made-up products: figures, what is missing, going on after an interruption, report."""

import re
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from support.embedding import tiny_bert

from pipeline.products.study import report
from pipeline.products.study.document import DOCUMENT, Settings, Study
from pipeline.products.study.run import run
from services.common.errors import InvalidInput, NotFound

SETTINGS = Settings(folds=2, repeats=2, seeds=1, few_shot=(2, 5), few_shot_draws=2, latency_texts=2)
# A model of the study that no package carries.
ABSENT = "bert-base-uncased"


def until(step: str) -> Callable[[str, float], None]:
    """A progress that is interrupted at a step, as by Ctrl-C."""

    def told(name: str, done: float) -> None:
        if step in name:
            raise KeyboardInterrupt

    return told


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory, catalogue: Path) -> tuple[Path, list[str]]:
    """A folder of pieces whose run ended in the robustness of its first model, and the models of that run."""
    folder = tmp_path_factory.mktemp("study")
    models = ["tf-idf", str(tiny_bert(folder / "tiny-bert")), ABSENT]
    with pytest.raises(KeyboardInterrupt):
        run(catalogue, models, folder / "pieces", until("robustness"), settings=SETTINGS)
    return folder, models


@pytest.fixture(scope="module")
def resumed(interrupted: tuple[Path, list[str]], catalogue: Path) -> tuple[Study, list[str]]:
    """The same run again, and the steps that it told of."""
    folder, models = interrupted
    steps: list[str] = []
    study = run(catalogue, models, folder / "pieces", lambda step, _done: steps.append(step), settings=SETTINGS)
    return study, steps


@pytest.mark.slow
def test_goes_on_where_it_was_interrupted(resumed: tuple[Study, list[str]]) -> None:
    """Slow: compiles UMAP; the one run that all tests of this file look at."""
    study, steps = resumed

    assert "tf-idf: cross-validation" not in steps
    assert {"tf-idf: robustness", "tf-idf: maps"} <= set(steps)
    assert [model.name for model in study.models] == ["tf-idf", "tiny-bert"]


@pytest.mark.slow
def test_a_finished_study_is_not_computed_again(
    interrupted: tuple[Path, list[str]], resumed: tuple[Study, list[str]], catalogue: Path
) -> None:
    """Slow as above: the run goes before. No model but the one that is missing is loaded."""
    folder, models = interrupted

    def load(model: str) -> None:
        raise NotFound(f"{model} is asked for")

    again = run(catalogue, models, folder / "pieces", settings=SETTINGS, load=load)  # type: ignore[arg-type]

    assert again.models == resumed[0].models
    assert [one.name for one in again.unavailable] == [ABSENT]


@pytest.mark.slow
def test_figures_fit_together(resumed: tuple[Study, list[str]]) -> None:
    """Slow as above."""
    study = resumed[0]
    products = len(study.products)
    for model in study.models:
        assert sum(row.support for row in model.protocol.report) == model.protocol.test_rows == products // 5
        assert sum(map(sum, model.validation.confusion)) == products
        assert len(model.validation.scores) == SETTINGS.folds * SETTINGS.repeats
        diagonal = sum(row[place] for place, row in enumerate(model.validation.confusion))
        right = sum(p.category == q for p, q in zip(study.products, model.validation.predicted, strict=True))
        assert diagonal == right
        ways = {(one.fields, one.space, one.method) for one in model.clusters}
        fields = ("description", "both") if model.kind == "lexical" else ("description", "both", "mean")
        assert ways == set(product(fields, ("raw", "pca", "tsne", "umap"), ("k-means", "ward")))
        assert len(ways) == len(model.clusters)
        assert model.best_clusters.ari.value == max(one.ari.value for one in model.clusters)
        assert all(len(one.x) == len(one.y) == products for one in model.maps)
        assert [one.per_category for one in model.few_shot] == [2, 5]
        assert model.speed.documents_per_second > 0
        assert model.speed.p50_milliseconds <= model.speed.p99_milliseconds
    words, vectors = study.models
    assert words.validation.accuracy.value > 0.8
    assert words.speed.documents_per_second > vectors.speed.documents_per_second


@pytest.mark.slow
def test_a_model_that_cannot_be_had_is_said_with_its_command(resumed: tuple[Study, list[str]]) -> None:
    """Slow as above."""
    (missing,) = resumed[0].unavailable

    assert missing.name == ABSENT
    assert missing.command.startswith("hf download")
    assert missing.command in missing.reason


@pytest.mark.slow
def test_report_is_whole_and_self_contained(resumed: tuple[Study, list[str]], tmp_path: Path) -> None:
    """Slow as above."""
    study = resumed[0]
    report.publish(study, tmp_path / "study")
    assert Study.model_validate_json((tmp_path / "study" / DOCUMENT).read_bytes()) == study
    for language in ("fr", "en"):
        page = (tmp_path / "study" / f"study.{language}.html").read_text(encoding="utf-8")
        assert "<script" not in page
        assert re.findall(r'(?:src|href)="(?!#|data:)', page) == []
        assert page.count('<circle class="small') + page.count('<path class="cross') >= 3 * len(study.products)
        for model in study.models:
            assert f">{model.name}</h2>" in page


def test_models_must_be_named_once(catalogue: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="names tf-idf twice"):
        run(catalogue, ["tf-idf", "tf-idf"], tmp_path)


def test_without_any_model_there_is_no_study(catalogue: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is not a folder"):
        run(catalogue, [str(tmp_path / "none")], tmp_path / "pieces", settings=SETTINGS)
