"""Drops inputs that the ranking of the clients does not need: fewer to fetch, to explain and to watch for drift.

Inputs that no fold's model splits on go without a try. Of the others, those of the largest gain are kept; bisection
finds how few of them rank the clients as well as all do: the mean over the folds of the ROC AUC minus that of all
inputs in the same fold stays within a tolerance. Within each fold the inputs are ranked by that fold's own model, so
that the figures hold for the whole procedure and not only for inputs chosen with the held-out clients in view.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.model.encoding import Matrix
from pipeline.progress import Progress
from pipeline.training.boosting import Recipe, Rows, Target
from pipeline.training.validation import OutOfFold, cross_validate

# The ROC AUC that a smaller model may cost.
TOLERANCE = 0.001
# Each try halves the span in which the number of inputs is looked for.
_TRIES = 3
_STEP = "Selecting inputs, {} of {}"


@dataclass(frozen=True, slots=True)
class Selection:
    """The inputs that remain, in their order, and what models of that size say of clients they had not seen.

    ``recipe`` is how trees are grown on them; ``auc_change`` is the mean over the folds of the ROC AUC minus that of
    all inputs, as found on ``clients`` clients. ``by_fold`` are the inputs that each fold's model reads; None: all.
    """

    columns: Rows
    recipe: Recipe
    out_of_fold: OutOfFold
    auc_change: float
    clients: int
    by_fold: Sequence[Rows] | None


def select(
    matrix: Matrix, target: Target, recipe: Recipe, everything: OutOfFold, *, tolerance: float, progress: Progress
) -> Selection:
    """Finds how few inputs are enough, to an eighth of those that are used.

    Args:
        matrix: model input, shape (n, inputs).
        target: 1 for a default, 0 for a repaid loan, shape (n,).
        recipe: how trees are grown.
        everything: cross-validation with all inputs, whose folds are used again.
        tolerance: mean loss of ROC AUC that is accepted.
        progress: hears how much is done.
    """
    width = matrix.shape[1]
    gains = everything.gains.sum(axis=0)
    used = np.flatnonzero(gains) if gains.any() else np.arange(width)
    chosen = Selection(used, recipe.for_fewer_inputs(len(used), width), everything, 0.0, len(target), None)
    before = everything.roc_auc(target)
    too_few = 0
    for number in range(1, _TRIES + 1):
        size = (too_few + len(chosen.columns)) // 2
        if size == too_few:
            break
        columns = [_strongest(of_fold, size) for of_fold in everything.gains]
        step = _STEP.format(number, _TRIES)
        fewer = recipe.for_fewer_inputs(size, width)
        found = cross_validate(matrix, target, everything.fold, fewer, columns=columns, step=step, progress=progress)
        change = float((found.roc_auc(target) - before).mean())
        if change < -tolerance:
            too_few = size
        else:
            chosen = Selection(_strongest(gains, size), fewer, found, change, len(target), columns)
    return chosen


def _strongest(gains: npt.NDArray[np.float64], size: int) -> Rows:
    """The inputs with the largest gain, in the order of the inputs."""
    return np.sort(np.argsort(-gains, kind="stable")[:size])
