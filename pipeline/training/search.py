"""Searches hyper-parameters within a budget, resumable: what was tried on the same data is not tried again.

Where clients are many, the trials are on a sample of them, and all trials train on the same bins.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from pipeline.model.encoding import Matrix
from pipeline.progress import Progress
from pipeline.training import validation
from pipeline.training.boosting import HYPER_PARAMETERS, Recipe, Target, binned

_STEP = "Searching hyper-parameters"
_FOLDS = 3
# Folds of other clients than those that the model is judged on: a lucky split is not rewarded.
_OTHER_SEED = 7919


@dataclass(frozen=True, slots=True)
class Budget:
    """So many trials in all, counting those of earlier runs, and at most so many seconds of this run."""

    trials: int
    seconds: float


def search(
    matrix: Matrix, target: Target, recipe: Recipe, budget: Budget, *, journal: Path, data: str, progress: Progress
) -> Mapping[str, float]:
    """Returns the hyper-parameters of the lowest cross-validated log loss (three folds of ``SAMPLE`` clients at most).

    A tree-structured Parzen estimator (Bergstra et al. 2011) proposes; the first trial is the recipe's own, so that the
    result is never worse by this measure. Interrupted, it goes on from the last finished trial.

    Args:
        matrix: model input, shape (n, inputs).
        target: 1 for a default, 0 for a repaid loan, shape (n,).
        recipe: how trees are grown; its hyper-parameters are where the search starts.
        budget: when to stop.
        journal: file that remembers the trials; made if it is not there.
        data: identifies the data: trials on other data, or by another recipe, do not count.
        progress: hears how much of the budget's trials is done.
    """
    optuna.logging.set_verbosity(logging.WARNING)
    rows = validation.sampled(target, recipe.seed)
    matrix, target = (matrix, target) if len(rows) == len(target) else (matrix[rows], target[rows])
    fold = validation.stratified(target, _FOLDS, recipe.seed + _OTHER_SEED)
    study = optuna.create_study(
        storage=JournalStorage(JournalFileBackend(str(journal))),
        study_name=f"{data}-{len(rows)}-{recipe.imbalance}-{recipe.trees}-{recipe.seed}",
        load_if_exists=True,
    )
    done = _finished(study)
    # A sampler that starts again at the same seed would propose the same random trials again.
    study.sampler = optuna.samplers.TPESampler(seed=recipe.seed + done)
    if not done:
        study.enqueue_trial(dict(HYPER_PARAMETERS) | dict(recipe.hyper_parameters), skip_if_exists=True)

    def objective(trial: optuna.Trial) -> float:
        proposed = replace(recipe, hyper_parameters=_proposed(trial))
        number = _finished(study)

        def within(step: str, done: float) -> None:
            progress(step, min(1.0, (number + done) / budget.trials))

        found = validation.cross_validate(matrix, target, fold, proposed, bins=bins, step=_STEP, progress=within)
        return found.loss(target, proposed)

    if done < budget.trials:
        bins = binned(matrix, target, recipe)
        study.optimize(objective, n_trials=budget.trials - done, timeout=budget.seconds)
    progress(_STEP, 1.0)
    return study.best_params


def _finished(study: optuna.Study) -> int:
    return len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))


def _proposed(trial: optuna.Trial) -> dict[str, float]:
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.1, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 4, 63, log=True),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 20, 400, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.05, 0.7, log=True),
        "bagging_fraction": trial.suggest_float("bagging_fraction", 0.5, 1.0),
        "lambda_l1": trial.suggest_float("lambda_l1", 0.01, 20.0, log=True),
        "lambda_l2": trial.suggest_float("lambda_l2", 0.1, 100.0, log=True),
    }
