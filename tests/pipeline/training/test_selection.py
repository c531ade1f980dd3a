import numpy as np

from pipeline.progress import silent
from pipeline.training.boosting import HYPER_PARAMETERS, Recipe
from pipeline.training.selection import select
from pipeline.training.validation import cross_validate, stratified

# Every tree sees every input: of so few, a sample may hold none that matters.
RECIPE = Recipe(trees=40, threads=1, hyper_parameters={**HYPER_PARAMETERS, "feature_fraction": 1.0})


def developed(signals, inputs=16, n=1500):
    """Clients of whose inputs the first ``signals`` tell of the outcome; cross-validated with all inputs."""
    random = np.random.default_rng(3)
    matrix = random.normal(size=(n, inputs)).astype(np.float32)
    default = random.random(n) < 1 / (1 + np.exp(1 - matrix[:, :signals].sum(axis=1)))
    target = default.astype(np.int8)
    fold = stratified(target, 3, 0)
    return matrix, target, cross_validate(matrix, target, fold, RECIPE, step="", progress=silent)


def test_noise_is_left_out_and_the_signal_stays():
    matrix, target, everything = developed(signals=2)
    chosen = select(matrix, target, RECIPE, everything, tolerance=0.001, progress=silent)
    assert {0, 1} <= set(chosen.columns)
    assert len(chosen.columns) <= 4
    assert chosen.auc_change >= -0.001
    assert chosen.auc_change == (chosen.out_of_fold.roc_auc(target) - everything.roc_auc(target)).mean()


def test_inputs_that_all_matter_stay():
    matrix, target, everything = developed(signals=16)
    chosen = select(matrix, target, RECIPE, everything, tolerance=0.0, progress=silent)
    assert len(chosen.columns) > 12
    np.testing.assert_array_equal(chosen.columns, np.sort(chosen.columns))


def test_a_tolerance_that_nothing_meets_keeps_what_the_trees_use():
    matrix, target, _ = developed(signals=2)
    matrix[:, 5] = 1
    fold = stratified(target, 3, 0)
    everything = cross_validate(matrix, target, fold, RECIPE, step="", progress=silent)
    chosen = select(matrix, target, RECIPE, everything, tolerance=-1.0, progress=silent)
    np.testing.assert_array_equal(chosen.columns, np.flatnonzero(everything.gains.sum(axis=0)))
    assert 5 not in chosen.columns
    assert chosen.out_of_fold is everything
    assert chosen.auc_change == 0


def test_one_input_stays():
    matrix, target, everything = developed(signals=1, inputs=1)
    assert list(select(matrix, target, RECIPE, everything, tolerance=1.0, progress=silent).columns) == [0]
