"""Gradient boosted trees: cross-validation with early stopping, then one fit on every row."""

from collections.abc import Callable
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
from sklearn.model_selection import StratifiedKFold

from pipeline.model.encoding import Matrix
from pipeline.progress import Progress

_PATIENCE = 60

# Small trees, small steps and column sampling: the columns are many, correlated and mostly weak.
_PARAMETERS = {
    "objective": "binary",
    "metric": "auc",
    "learning_rate": 0.03,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l1": 1.0,
    "lambda_l2": 10.0,
    # Start at 1/2, the mean of balanced classes. LightGBM would start at the unweighted default rate, and few trees
    # would leave the scores on the way from there.
    "boost_from_average": False,
    # The same trees on every run, whatever the number of threads.
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


@dataclass(frozen=True, slots=True)
class Fold:
    """Quality on the clients that one fold held out. ``ks`` is the Kolmogorov-Smirnov distance of the two classes."""

    roc_auc: float
    average_precision: float
    ks: float
    best_iteration: int


def cross_validate(
    matrix: Matrix, target: npt.NDArray[np.int8], *, folds: int, trees: int, seed: int, threads: int, progress: Progress
) -> list[Fold]:
    """Stratified k-fold cross-validation.

    Each fold stops early by its own held-out AUC, so the figures are optimistic by the little that choosing the number
    of trees can give.
    """
    results: list[Fold] = []
    splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)
    for number, (train, held_out) in enumerate(splitter.split(matrix, target), start=1):
        step = f"Cross-validation, fold {number} of {folds}"
        training = lgb.Dataset(matrix[train], target[train])
        booster = lgb.train(
            _parameters(target[train], seed, threads),
            training,
            num_boost_round=trees,
            valid_sets=[lgb.Dataset(matrix[held_out], target[held_out], reference=training)],
            callbacks=[lgb.early_stopping(_PATIENCE, verbose=False), _reporter(step, progress)],
        )
        default = np.asarray(booster.predict(matrix[held_out], num_threads=threads))
        false_positive, true_positive, _ = roc_curve(target[held_out], default)
        results.append(
            Fold(
                roc_auc=float(roc_auc_score(target[held_out], default)),
                average_precision=float(average_precision_score(target[held_out], default)),
                ks=float((true_positive - false_positive).max()),
                best_iteration=booster.best_iteration,
            )
        )
        progress(step, 1.0)
    return results


def fit(
    matrix: Matrix,
    target: npt.NDArray[np.int8],
    names: list[str],
    *,
    trees: int,
    seed: int,
    threads: int,
    progress: Progress,
) -> lgb.Booster:
    """Fits that many trees on every row."""
    return lgb.train(
        _parameters(target, seed, threads),
        lgb.Dataset(matrix, target, feature_name=names),
        num_boost_round=trees,
        callbacks=[_reporter("Final fit", progress)],
    )


def _parameters(target: npt.NDArray[np.int8], seed: int, threads: int) -> dict[str, object]:
    defaults = int(target.sum())
    # Both classes weigh the same: the scale that the acceptance threshold is meant on (ADR 2).
    return _PARAMETERS | {
        "scale_pos_weight": (len(target) - defaults) / defaults,
        "seed": seed,
        "num_threads": threads,
    }


def _reporter(step: str, progress: Progress) -> Callable[[lgb.callback.CallbackEnv], None]:
    def report(environment: lgb.callback.CallbackEnv) -> None:
        progress(step, (environment.iteration + 1) / environment.end_iteration)

    return report
