"""Gradient boosted trees: their parameters, the treatment of the rare class, and one fit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from pipeline.model.encoding import Matrix
from pipeline.progress import Progress

Target = npt.NDArray[np.int8]
Rows = npt.NDArray[np.intp]


class Imbalance(StrEnum):
    """What is done about defaults being rare. Figures that compare the three: docs/model-choices.md."""

    # Nothing: the threshold, not the training, says what a default costs.
    NONE = "none"
    # Each default weighs as much as it takes for both classes to weigh the same.
    WEIGHTS = "weights"
    # As many repaid loans as defaults are drawn, the others are not looked at.
    UNDERSAMPLING = "undersampling"


# Small trees and column sampling: the columns are many, correlated and mostly weak. Found on real clients
# (docs/model-choices.md); a search may replace them.
HYPER_PARAMETERS: Mapping[str, float] = MappingProxyType(
    {
        "learning_rate": 0.05,
        "num_leaves": 6,
        "min_data_in_leaf": 80,
        "feature_fraction": 0.1,
        "bagging_fraction": 0.8,
        "lambda_l1": 1.0,
        "lambda_l2": 30.0,
    }
)

_FIXED = {
    "objective": "binary",
    "metric": "binary_logloss",
    "bagging_freq": 1,
    # The same trees on every run, whatever the number of threads.
    "deterministic": True,
    # Of the inputs that a tree does not look at, nothing is read.
    "force_col_wise": True,
    # Rows from which bin edges are found: LightGBM's 200,000 give no better edges and take most of the time.
    "bin_construct_sample_cnt": 50_000,
    # What could not be split with one size of leaf can be with another, and a search tries several on the same bins.
    "feature_pre_filter": False,
    "verbosity": -1,
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How trees are grown: at most ``trees`` of them, by LightGBM's names of the hyper-parameters."""

    trees: int = 1200
    seed: int = 0
    threads: int = 2
    imbalance: Imbalance = Imbalance.NONE
    hyper_parameters: Mapping[str, float] = field(default_factory=lambda: HYPER_PARAMETERS)

    def training_rows(self, target: Target) -> Rows:
        """The rows, of those of this target, that the treatment of the rare class leaves to train on."""
        if self.imbalance is not Imbalance.UNDERSAMPLING:
            return np.arange(len(target))
        random = np.random.default_rng(self.seed)
        classes = [np.flatnonzero(target == value) for value in (0, 1)]
        size = min(len(rows) for rows in classes)
        return np.sort(np.concatenate([random.choice(rows, size, replace=False) for rows in classes]))

    def for_fewer_inputs(self, kept: int, of: int) -> "Recipe":
        """The recipe for some of the inputs: each tree looks at as many of them as it did before."""
        fraction = min(1.0, self.hyper_parameters["feature_fraction"] * of / kept)
        return replace(self, hyper_parameters={**self.hyper_parameters, "feature_fraction": fraction})

    def weights(self, target: Target) -> npt.NDArray[np.float64] | None:
        """Weights of held-out rows, shape (n,), under which their loss is the one that the training lowers."""
        if self.imbalance is Imbalance.NONE:
            return None
        return np.where(target == 1, _ratio(target), 1.0)

    def parameters(self, target: Target) -> dict[str, Any]:
        """LightGBM's parameters for training on rows of this target."""
        chosen = _FIXED | dict(self.hyper_parameters) | {"seed": self.seed, "num_threads": self.threads}
        if self.imbalance is Imbalance.WEIGHTS:
            # Start at 1/2, the mean of balanced classes. LightGBM would start at the unweighted default rate, and few
            # trees would leave the scores on the way from there.
            chosen |= {"scale_pos_weight": _ratio(target), "boost_from_average": False}
        return chosen


def binned(matrix: Matrix, target: Target, recipe: Recipe, names: list[str] | None = None) -> lgb.Dataset:
    """Rows of shape (n, inputs) as LightGBM trains on them: one byte a value, the number of its bin.

    Bin edges follow from the inputs alone, no outcome has a say in them. So the rows are binned once, and the folds of
    a cross-validation and the trials of a search take their subsets.
    """
    return lgb.Dataset(matrix, target, feature_name=names or "auto", params=recipe.parameters(target)).construct()


def fit(matrix: Matrix, target: Target, names: list[str], recipe: Recipe, progress: Progress) -> lgb.Booster:
    """Fits all of the recipe's trees on rows of shape (n, inputs)."""
    training = binned(matrix, target, recipe, names)
    if recipe.imbalance is Imbalance.UNDERSAMPLING:
        training = training.subset(recipe.training_rows(target).tolist()).construct()
    return lgb.train(
        recipe.parameters(target), training, num_boost_round=recipe.trees, callbacks=[_reporter("Final fit", progress)]
    )


def _ratio(target: Target) -> float:
    defaults = int(target.sum())
    return (len(target) - defaults) / defaults


def _reporter(step: str, progress: Progress) -> Callable[[lgb.callback.CallbackEnv], None]:
    def report(environment: lgb.callback.CallbackEnv) -> None:
        progress(step, (environment.iteration + 1) / environment.end_iteration)

    return report
