"""Trains a model and publishes it as a folder, all of it or nothing."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx

from pipeline.card.build import Newest
from pipeline.card.document import ModelCard
from pipeline.card.render import render
from pipeline.card.texts import LANGUAGES
from pipeline.evaluation.threshold import COST_RATIO
from pipeline.folder import replaced
from pipeline.model.manifest import BOOSTER, CARD, CARD_PAGES, DICTIONARY, MANIFEST, ONNX, Manifest
from pipeline.model.runtime import ScoringModel
from pipeline.progress import Progress, silent
from pipeline.training import dataset, export, manifest, out_of_time, report
from pipeline.training.boosting import HYPER_PARAMETERS, Imbalance, Recipe
from pipeline.training.dataset import Dataset
from pipeline.training.develop import Development, develop
from pipeline.training.search import Budget, search
from pipeline.training.selection import TOLERANCE
from services.common.errors import FailedPrecondition, InvalidInput, Violation

# Acceptance threshold on the probability of repayment; what it means on this scale: ADR 2.
THRESHOLD = 0.52

_PARITY = 1e-5
_PARITY_ROWS = 50_000


def train(
    features: Path,
    out: Path,
    progress: Progress = silent,
    *,
    folds: int = 5,
    trees: int = 1200,
    seed: int = 0,
    threads: int = 2,
    imbalance: Imbalance = Imbalance.NONE,
    hyper_parameters: Mapping[str, float] = HYPER_PARAMETERS,
    threshold: float = THRESHOLD,
    cost_ratio: float = COST_RATIO,
    tolerance: float | None = TOLERANCE,
    budget: Budget | None = None,
    dates: Path | None = None,
) -> Manifest:
    """Validates, selects inputs, fits, calibrates, exports, describes and publishes a model.

    Args:
        features: as ``clairscore features`` writes it; only clients with a TARGET teach.
        out: the model folder; a model that is there is replaced once the new one is complete and verified.
        progress: hears of every step.
        folds: folds of the stratified cross-validation.
        trees: at most so many trees; early stopping usually ends sooner.
        seed: of folds, rows and columns sampled; the same features and seed give the same trees.
        threads: threads of LightGBM.
        imbalance: what is done about defaults being rare.
        hyper_parameters: by LightGBM's names; a search starts from them.
        threshold: acceptance threshold on the probability of repayment (0..1), on the balanced scale (ADR 2).
        cost_ratio: what a missed default costs, in refused good clients; the cheapest threshold is computed from it.
        tolerance: loss of ROC AUC that fewer inputs may cost; None keeps all inputs.
        budget: of a search for hyper-parameters, remembered in ``OUT.search`` beside ``out``; None: the stored ones.
        dates: file with the application date of each client: a model of the older applications is judged on the newest.

    Raises:
        InvalidInput: the features file cannot be trained on, ``dates`` does not fit it, a number is out of range, or
            ``out`` holds something that is not a model.
        FailedPrecondition: the exported model does not give LightGBM's probabilities.
        Misconfigured: the exported model does not load.
    """
    _check_numbers(threshold, cost_ratio)
    with replaced(out) as aside:
        data = dataset.read(features, folds=folds, progress=progress)
        late = None if dates is None else out_of_time.split(dates, data, folds)
        recipe = Recipe(trees, seed, threads, imbalance, hyper_parameters)
        if budget is not None:
            journal = out.with_name(f"{out.name}.search")
            found = search(
                data.matrix, data.target, recipe, budget, journal=journal, data=data.sha256, progress=progress
            )
            recipe = replace(recipe, hyper_parameters=found)
        developed = develop(data, recipe, folds=folds, tolerance=tolerance, progress=progress)
        newest = None
        if late is not None:
            newest = _validate_out_of_time(data, late, recipe, folds=folds, tolerance=tolerance, progress=progress)
        progress("Exporting", 0.0)
        developed.booster.save_model(aside / BOOSTER)
        onnx.save(export.to_onnx(developed.booster), aside / ONNX)
        (aside / DICTIONARY).write_text(data.dictionary.model_dump_json(indent=1), encoding="utf-8")
        draft = manifest.draft(aside, data, developed, threshold)
        (aside / MANIFEST).write_text(draft.model_dump_json(indent=1), encoding="utf-8")
        progress("Exporting", 1.0)
        model = ScoringModel.load(aside, threads=threads)
        _check_parity(model, developed, data, progress)
        card = report.model_card(
            model, features, data, developed, newest=newest, cost_ratio=cost_ratio, seed=seed, progress=progress
        )
        _write_card(aside, card)
        published = manifest.complete(draft, aside, data, developed, card)
        (aside / MANIFEST).write_text(published.model_dump_json(indent=1), encoding="utf-8")
    return published


def _check_numbers(threshold: float, cost_ratio: float) -> None:
    faults = []
    if not 0 < threshold < 1:
        faults.append(Violation("threshold", f"must lie between 0 and 1, not {threshold:g}"))
    if not 0 < cost_ratio < float("inf"):
        faults.append(Violation("cost_ratio", f"must be above 0, not {cost_ratio:g}"))
    if faults:
        raise InvalidInput(faults)


def _validate_out_of_time(
    data: Dataset,
    late: out_of_time.Split,
    recipe: Recipe,
    *,
    folds: int,
    tolerance: float | None,
    progress: Progress,
) -> Newest:
    """Develops a model as the published one is, from the older applications alone, and scores the newest."""

    def within(step: str, done: float) -> None:
        progress(f"Out of time: {step}", done)

    developed = develop(data.only(~late.newest), recipe, folds=folds, tolerance=tolerance, progress=within)
    return Newest(
        labels=data.target[late.newest],
        probability=developed.default_rate(data.matrix[late.newest]),
        trained_until=late.trained_until,
    )


def _write_card(folder: Path, card: ModelCard) -> None:
    (folder / CARD).write_text(card.model_dump_json(indent=1), encoding="utf-8")
    for language in LANGUAGES:
        (folder / CARD_PAGES[language]).write_text(render(card, language), encoding="utf-8")


def _check_parity(model: ScoringModel, developed: Development, data: Dataset, progress: Progress) -> None:
    """Compares the trees that would be served with LightGBM's on every training row."""
    worst = 0.0
    for start in range(0, len(data.matrix), _PARITY_ROWS):
        rows = data.matrix[start : start + _PARITY_ROWS][:, developed.selected.columns]
        difference = np.abs(model.raw(rows) - np.asarray(developed.booster.predict(rows)))
        worst = max(worst, float(difference.max()))
        progress("Comparing ONNX with LightGBM", (start + len(rows)) / len(data.matrix))
    if not worst <= _PARITY:
        raise FailedPrecondition(
            f"The exported model is not the trained one: probabilities differ by {worst:.2g}, at most {_PARITY:g} is "
            "accepted. Nothing was published; check the versions of onnxmltools, onnx and onnxruntime."
        )
