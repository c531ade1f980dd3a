"""The figures behind docs/model-choices.md: treatments of imbalance, and what histories add to the application.

    python benchmarks/model_choices.py imbalance FEATURES [--repeats 3]
    python benchmarks/model_choices.py histories FEATURES [--repeats 3]

FEATURES is written by `clairscore features`. Every comparison is by repeated stratified 5-fold cross-validation on the
same folds; differences are paired fold by fold, with a 95 % interval by the corrected resampled t-test (Nadeau &
Bengio 2003), which knows that the folds of one repeat share clients.
"""

import argparse
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from pipeline.evaluation import recalibration
from pipeline.features.derived import DERIVED
from pipeline.features.dictionary import Role
from pipeline.progress import silent
from pipeline.training import dataset, validation
from pipeline.training.boosting import Imbalance, Recipe
from pipeline.training.dataset import Dataset

FOLDS = 5
FIGURES: Mapping[str, Callable[[npt.NDArray[np.int8], npt.NDArray[np.float64]], float]] = {
    "ROC AUC": roc_auc_score,
    "average precision": average_precision_score,
    "log loss": log_loss,
}
# Shape (repeats × folds, figures).
Figures = npt.NDArray[np.float64]


def main() -> None:
    """Prints one comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("comparison", choices=["imbalance", "histories"])
    parser.add_argument("features", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    data = dataset.read(chosen.features, folds=FOLDS)
    print(f"{len(data.target):,} clients, {data.default_rate:.2%} defaults, {chosen.repeats} × {FOLDS} folds")
    if chosen.comparison == "imbalance":
        contenders = {
            treatment.value: measured(data, np.arange(len(data.inputs)), treatment, chosen.repeats, chosen.threads)
            for treatment in Imbalance
        }
    else:
        application = np.array([k for k, i in enumerate(data.inputs) if of_application(data, i.feature)])
        contenders = {
            f"{name} ({len(columns)} inputs)": measured(data, columns, Imbalance.NONE, chosen.repeats, chosen.threads)
            for name, columns in {"application": application, "all": np.arange(len(data.inputs))}.items()
        }
    table(contenders)


def of_application(data: Dataset, feature: str) -> bool:
    """Whether a feature follows from the application alone."""
    needed = {derived.name: derived.inputs for derived in DERIVED}.get(feature, (feature,))
    return all(data.dictionary.by_name[name].role is Role.APPLICATION for name in needed)


def measured(data: Dataset, columns: npt.NDArray[np.intp], imbalance: Imbalance, repeats: int, threads: int) -> Figures:
    """Figures of every fold of every repeat, after calibration."""
    rows = []
    for repeat in range(repeats):
        fold = validation.stratified(data.target, FOLDS, seed=repeat)
        recipe = Recipe(seed=repeat, threads=threads, imbalance=imbalance)
        found = validation.cross_validate(
            data.matrix, data.target, fold, recipe, columns=[columns] * FOLDS, step="", progress=silent
        )
        calibrated = recalibration.choose(data.target, found.probability, seed=repeat).out_of_fold
        for number in range(FOLDS):
            held_out = fold == number
            rows.append([figure(data.target[held_out], calibrated[held_out]) for figure in FIGURES.values()])
    return np.array(rows)


def table(contenders: Mapping[str, Figures]) -> None:
    """Prints means, and paired differences from the first contender."""
    baseline = next(iter(contenders.values()))
    print(f"{'':28}" + "".join(f"{name:>38}" for name in FIGURES))
    for name, figures in contenders.items():
        cells = [f"{mean:.4f}" for mean in figures.mean(axis=0)]
        if figures is not baseline:
            cells = [f"{cell} ({shown})" for cell, shown in zip(cells, differences(figures - baseline), strict=True)]
        print(f"{name:28}" + "".join(f"{cell:>38}" for cell in cells))


def differences(paired: Figures) -> list[str]:
    """Mean paired difference of each figure with its 95 % interval."""
    # A test fold is a quarter as large as the training folds.
    error = np.sqrt((1 / len(paired) + 1 / (FOLDS - 1)) * paired.var(axis=0, ddof=1))
    half = student.ppf(0.975, len(paired) - 1) * error
    return [
        f"{mean:+.4f}, {mean - h:+.4f} to {mean + h:+.4f}" for mean, h in zip(paired.mean(axis=0), half, strict=True)
    ]


if __name__ == "__main__":
    main()
