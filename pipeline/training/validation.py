"""Stratified cross-validation whose figures do not profit from early stopping.

All folds grow one tree after the other, side by side. The number of trees that scores a fold's held-out clients is the
one at which the *other* folds' held-out losses are lowest on average, so that no client's outcome has a say in the
number of trees that it is scored with. Stopping each fold at its own best tree would flatter every figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from pipeline.model.encoding import Matrix
from pipeline.progress import Progress
from pipeline.training.boosting import Recipe, Rows, Target

# Rounds without a better mean loss after which no fold grows further.
_PATIENCE = 50


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """What models that had not seen them say of n clients.

    ``probability`` of default, as the trees give it, and ``fold`` (0, 1, …) have shape (n,); ``trees`` is the number
    for a fit on everyone; ``gains`` has shape (folds, inputs), 0 for an input that a fold did without.
    """

    probability: npt.NDArray[np.float64]
    fold: npt.NDArray[np.int64]
    trees: int
    gains: npt.NDArray[np.float64]

    def roc_auc(self, target: Target) -> npt.NDArray[np.float64]:
        """ROC AUC of each fold's held-out clients, shape (folds,)."""
        held_out = [self.fold == number for number in range(len(self.gains))]
        return np.array([roc_auc_score(target[rows], self.probability[rows]) for rows in held_out])

    def loss(self, target: Target, recipe: Recipe) -> float:
        """Mean log loss in nats, weighted as the recipe's training weighs."""
        return float(log_loss(target, self.probability, sample_weight=recipe.weights(target)))


def stratified(target: Target, folds: int, seed: int) -> npt.NDArray[np.int64]:
    """The fold (0, 1, …) that holds each client out, shape (n,); every fold has the classes in equal parts."""
    fold = np.empty(len(target), dtype=np.int64)
    splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)
    for number, (_, held_out) in enumerate(splitter.split(target, target)):
        fold[held_out] = number
    return fold


def cross_validate(
    matrix: Matrix,
    target: Target,
    fold: npt.NDArray[np.int64],
    recipe: Recipe,
    *,
    columns: Sequence[Rows] | None = None,
    step: str,
    progress: Progress,
) -> OutOfFold:
    """Scores every client by a model of the other folds.

    Args:
        matrix: model input, shape (n, inputs).
        target: 1 for a default, 0 for a repaid loan, shape (n,).
        fold: as ``stratified`` gives it.
        recipe: how trees are grown.
        columns: the inputs that each fold's model reads; without it all of them.
        step: name of the step that ``progress`` hears of.
        progress: hears how much is done.
    """
    growing = [
        _Fold(
            matrix, target, fold == number, recipe, np.arange(matrix.shape[1]) if columns is None else columns[number]
        )
        for number in range(int(fold.max()) + 1)
    ]
    losses = np.empty((recipe.trees, len(growing)))
    grown = best = 0
    while grown < recipe.trees and grown - best <= _PATIENCE:
        losses[grown] = [one.grow() for one in growing]
        if losses[grown].mean() < losses[best].mean():
            best = grown
        grown += 1
        progress(step, 0.99 * grown / recipe.trees)
    losses = losses[:grown]
    probability = np.empty(len(target))
    gains = np.zeros((len(growing), matrix.shape[1]))
    for number, one in enumerate(growing):
        trees = 1 + int(np.delete(losses, number, axis=1).mean(axis=1).argmin())
        probability[fold == number] = one.predict(matrix, trees)
        gains[number, one.columns] = one.gains(trees)
    progress(step, 1.0)
    return OutOfFold(probability, fold, best + 1, gains)


class _Fold:
    """A model of all clients but those held out."""

    def __init__(
        self, matrix: Matrix, target: Target, held_out: npt.NDArray[np.bool_], recipe: Recipe, columns: Rows
    ) -> None:
        self.columns = columns
        self._held_out = np.flatnonzero(held_out)
        self._threads = recipe.threads
        rows = np.flatnonzero(~held_out)
        training = recipe.training_set(matrix[np.ix_(rows, columns)], target[rows])
        # Made one after the other: LightGBM keeps one byte for each value, the copy of the matrix is given back.
        self._booster = lgb.Booster(recipe.parameters(target[rows]), training.construct())
        outcome = target[self._held_out]
        validation = lgb.Dataset(
            matrix[np.ix_(self._held_out, columns)], outcome, reference=training, weight=recipe.weights(outcome)
        )
        self._booster.add_valid(validation, "held out")

    def grow(self) -> float:
        """Adds a tree; returns the log loss of the clients held out."""
        self._booster.update()
        (found,) = self._booster.eval_valid()
        return float(found[2])

    def predict(self, matrix: Matrix, trees: int) -> npt.NDArray[np.float64]:
        rows = matrix[np.ix_(self._held_out, self.columns)]
        return np.asarray(self._booster.predict(rows, num_iteration=trees, num_threads=self._threads))

    def gains(self, trees: int) -> npt.NDArray[np.float64]:
        return np.asarray(self._booster.feature_importance("gain", iteration=trees))
