"""From labelled rows to a calibrated model: validation, selection of inputs, calibration and the final fit."""

from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from pipeline.evaluation import recalibration
from pipeline.model.encoding import Matrix
from pipeline.progress import Progress
from pipeline.training import boosting, export, selection, validation
from pipeline.training.boosting import Recipe
from pipeline.training.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Development:
    """A model and what speaks for it; all out-of-fold figures are of clients that the models had not seen."""

    selected: selection.Selection
    # How the trees' probabilities become default rates.
    choice: recalibration.Choice
    # Fitted on all rows, on the selected inputs, with float32 thresholds.
    booster: lgb.Booster

    def default_rate(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Calibrated probability of default of rows of all inputs, shape (n,)."""
        raw = self.booster.predict(matrix[:, self.selected.columns])
        return self.choice.calibrator.apply(np.asarray(raw))


def develop(data: Dataset, recipe: Recipe, *, folds: int, tolerance: float | None, progress: Progress) -> Development:
    """Develops a model on labelled clients.

    Args:
        data: the clients; at least ``folds`` of each class.
        recipe: how trees are grown, and how many at most.
        folds: of the stratified cross-validation.
        tolerance: loss of ROC AUC that fewer inputs may cost; None keeps all of them.
        progress: hears of every step.
    """
    selected = _validate(data, recipe, folds, tolerance, progress)
    choice = recalibration.choose(data.target, selected.out_of_fold.probability, folds=folds, seed=recipe.seed)
    booster = boosting.fit(
        data.matrix[:, selected.columns],
        data.target,
        [data.inputs[k].name for k in selected.columns],
        replace(selected.recipe, trees=selected.out_of_fold.trees),
        progress,
    )
    return Development(selected, choice, export.with_float32_thresholds(booster))


def _validate(
    data: Dataset, recipe: Recipe, folds: int, tolerance: float | None, progress: Progress
) -> selection.Selection:
    """Selects the inputs, on a sample where clients are many, and cross-validates on all clients with those."""
    target, width = data.target, data.matrix.shape[1]
    fold = validation.stratified(target, folds, recipe.seed)
    step = f"Cross-validation in {folds} folds"
    if tolerance is None:
        found = validation.cross_validate(data.matrix, target, fold, recipe, step=step, progress=progress)
        return selection.Selection(np.arange(width), recipe, found, 0.0, len(target), None)
    rows = validation.sampled(target, recipe.seed)
    everyone = len(rows) == len(target)
    # The folds stay what they are: a fold's inputs are chosen without a look at the clients that it holds out.
    matrix = data.matrix if everyone else data.matrix[rows]
    every_input = validation.cross_validate(
        matrix, target[rows], fold[rows], recipe, step=step if everyone else f"{step} of a sample", progress=progress
    )
    selected = selection.select(matrix, target[rows], recipe, every_input, tolerance=tolerance, progress=progress)
    if everyone:
        return selected
    del matrix
    grown = recipe if selected.by_fold is None else selected.recipe
    found = validation.cross_validate(
        data.matrix, target, fold, grown, columns=selected.by_fold, step=step, progress=progress
    )
    return replace(selected, out_of_fold=found)
