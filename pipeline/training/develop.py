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
    fold = validation.stratified(data.target, folds, recipe.seed)
    everything = validation.cross_validate(
        data.matrix, data.target, fold, recipe, step=f"Cross-validation in {folds} folds", progress=progress
    )
    selected = selection.Selection(np.arange(data.matrix.shape[1]), recipe, everything, 0.0)
    if tolerance is not None:
        selected = selection.select(
            data.matrix, data.target, recipe, everything, tolerance=tolerance, progress=progress
        )
    choice = recalibration.choose(data.target, selected.out_of_fold.probability, folds=folds, seed=recipe.seed)
    booster = boosting.fit(
        data.matrix[:, selected.columns],
        data.target,
        [data.inputs[k].name for k in selected.columns],
        replace(selected.recipe, trees=selected.out_of_fold.trees),
        progress,
    )
    return Development(selected, choice, export.with_float32_thresholds(booster))
