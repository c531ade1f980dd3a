"""Stratified cross-validation whose figures do not profit from early stopping.

All folds grow side by side, each on one thread. The number of trees that scores a fold's held-out clients is the
one at which the *other* folds' held-out losses are lowest on average, so that no client's outcome has a say in the
number of trees that it is scored with. Stopping each fold at its own best tree would flatter every figure.
"""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, train_test_split

from pipeline.model.encoding import Matrix
from pipeline.progress import Progress
from pipeline.training.boosting import Recipe, Rows, Target, binned

# Clients that are enough to compare ways of training by; what is chosen is then validated on all of them.
SAMPLE = 100_000
# Rounds without a better mean loss after which no fold grows further.
_PATIENCE = 50
# Trees that a fold grows before the next fold has its turn.
_TURN = 10


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


def sampled(target: Target, seed: int) -> Rows:
    """Rows of ``SAMPLE`` clients at most, in their order, the classes in the parts that they have among all."""
    if len(target) <= SAMPLE:
        return np.arange(len(target))
    chosen, _ = train_test_split(np.arange(len(target)), train_size=SAMPLE, stratify=target, random_state=seed)
    return np.sort(chosen)


def cross_validate(
    matrix: Matrix,
    target: Target,
    fold: npt.NDArray[np.int64],
    recipe: Recipe,
    *,
    columns: Sequence[Rows] | None = None,
    bins: lgb.Dataset | None = None,
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
        bins: the same rows as ``binned`` gives them, all inputs, for callers that validate more than once.
        step: name of the step that ``progress`` hears of.
        progress: hears how much is done.
    """
    if columns is None:
        shared = bins or binned(matrix, target, recipe)
        everything = np.arange(matrix.shape[1])
        growing = [_Fold(shared, target, fold == k, recipe, everything) for k in range(int(fold.max()) + 1)]
    else:
        growing = [
            _Fold(binned(matrix[:, read], target, recipe), target, fold == k, recipe, read)
            for k, read in enumerate(columns)
        ]
    losses = _grow(growing, recipe, step, progress)
    probability = np.empty(len(target))
    gains = np.zeros((len(growing), matrix.shape[1]))
    for number, one in enumerate(growing):
        trees = 1 + int(np.delete(losses, number, axis=1).mean(axis=1).argmin())
        probability[fold == number] = one.predict(matrix, trees)
        gains[number, one.columns] = one.gains(trees)
    progress(step, 1.0)
    return OutOfFold(probability, fold, 1 + int(losses.mean(axis=1).argmin()), gains)


def _grow(folds: Sequence["_Fold"], recipe: Recipe, step: str, progress: Progress) -> npt.NDArray[np.float64]:
    """Grows all folds until their mean log loss no longer falls; returns each after each tree, shape (trees, folds).

    Trees of some rows each on one thread are done sooner than trees one after the other on all threads, which wait for
    one another thousands of times a second.
    """
    losses = np.full((recipe.trees, len(folds)), np.nan)
    pool = ThreadPoolExecutor(recipe.threads, initializer=_silence)
    try:
        # First come, first served: no fold is ever more than a turn ahead.
        turns: set[Future[int]] = {pool.submit(one.grow, losses[:, k], k) for k, one in enumerate(folds)}
        while turns:
            done, turns = wait(turns, return_when=FIRST_COMPLETED)
            grown = min(one.grown for one in folds)
            end = _end(losses[:grown].mean(axis=1))
            progress(step, 0.99 * grown / recipe.trees)
            for number in sorted(turn.result() for turn in done):
                if end is None and folds[number].grown < recipe.trees:
                    turns.add(pool.submit(folds[number].grow, losses[:, number], number))
    finally:
        pool.shutdown(cancel_futures=True)
    # What folds grew beyond it depends on who was faster.
    return losses[: _end(losses.mean(axis=1))]


def _silence() -> None:
    """Keeps LightGBM from printing: its log level is each thread's own, and set by whatever takes parameters."""
    lgb.Dataset(np.zeros((1, 1)), params={"verbosity": -1}).construct()


def _end(means: npt.NDArray[np.float64]) -> int | None:
    """The number of trees after which patience is over; None if it is not."""
    best = 0
    for number, mean in enumerate(means):
        if mean < means[best]:
            best = number
        if number + 1 - best > _PATIENCE:
            return number + 1
    return None


class _Fold:
    """A model of all clients but those held out."""

    def __init__(
        self, bins: lgb.Dataset, target: Target, held_out: npt.NDArray[np.bool_], recipe: Recipe, columns: Rows
    ) -> None:
        self.columns = columns
        self.grown = 0
        self._held_out = np.flatnonzero(held_out)
        self._threads = recipe.threads
        rows = np.flatnonzero(~held_out)
        training = bins.subset(rows[recipe.training_rows(target[rows])].tolist()).construct()
        validation = bins.subset(self._held_out.tolist()).construct()
        weights = recipe.weights(target[self._held_out])
        if weights is not None:
            validation.set_weight(weights)
        self._booster = lgb.Booster(replace(recipe, threads=1).parameters(target[rows]), training)
        self._booster.add_valid(validation, "held out")

    def grow(self, losses: npt.NDArray[np.float64], number: int) -> int:
        """Adds a turn's trees, and the clients' log loss after each to ``losses``; returns the fold's number."""
        for tree in range(self.grown, min(self.grown + _TURN, len(losses))):
            self._booster.update()
            (found,) = self._booster.eval_valid()
            losses[tree] = found[2]
            # Not LightGBM's count: where nothing can be split any more, it stands still.
            self.grown = tree + 1
        return number

    def predict(self, matrix: Matrix, trees: int) -> npt.NDArray[np.float64]:
        rows = matrix[np.ix_(self._held_out, self.columns)]
        return np.asarray(self._booster.predict(rows, num_iteration=trees, num_threads=self._threads))

    def gains(self, trees: int) -> npt.NDArray[np.float64]:
        return np.asarray(self._booster.feature_importance("gain", iteration=trees))
