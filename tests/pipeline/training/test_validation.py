import threading

import numpy as np
import pytest

from pipeline.progress import silent
from pipeline.training import validation
from pipeline.training.boosting import Imbalance, Recipe, binned
from pipeline.training.validation import cross_validate, sampled, stratified

RECIPE = Recipe(trees=60, threads=1)


def clients(n=600, seed=0, signal=2.0):
    """Rows of four inputs, the first of which tells of the outcome as much as ``signal`` says."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(n, 4)).astype(np.float32)
    default = random.random(n) < 1 / (1 + np.exp(1.5 - signal * matrix[:, 0]))
    return matrix, default.astype(np.int8)


def test_every_fold_has_the_classes_in_equal_parts():
    target = clients()[1]
    fold = stratified(target, 5, seed=0)
    assert set(fold) == {0, 1, 2, 3, 4}
    defaults = [target[fold == number].sum() for number in range(5)]
    assert max(defaults) - min(defaults) <= 1
    np.testing.assert_array_equal(fold, stratified(target, 5, seed=0))
    assert (fold != stratified(target, 5, seed=1)).any()


def test_a_clients_outcome_has_no_say_in_its_own_score():
    """Nor in the number of trees: with its outcomes turned round, a fold's clients are scored as before."""
    matrix, target = clients()
    fold = stratified(target, 3, seed=0)
    before = cross_validate(matrix, target, fold, RECIPE, step="", progress=silent)
    turned = np.where(fold == 0, 1 - target, target).astype(np.int8)
    after = cross_validate(matrix, turned, fold, RECIPE, step="", progress=silent)
    # How long all folds grow depends on every outcome; the trees that score fold 0 are chosen by the other two, whose
    # own models the turned outcomes do change.
    same = Recipe(trees=1, threads=1)
    first, second = (
        cross_validate(matrix, outcomes, fold, same, step="", progress=silent) for outcomes in (target, turned)
    )
    np.testing.assert_array_equal(first.probability[fold == 0], second.probability[fold == 0])
    assert (first.probability[fold == 1] != second.probability[fold == 1]).any()
    assert before.roc_auc(target)[0] > 0.75
    assert after.roc_auc(turned)[0] < 0.5


def test_noise_is_not_flattered_by_early_stopping():
    """Twenty samples of pure noise: figures that profit from stopping at the best tree lie above one half."""
    areas = []
    for seed in range(20):
        matrix, target = clients(n=300, seed=seed, signal=0.0)
        fold = stratified(target, 3, seed)
        found = cross_validate(matrix, target, fold, Recipe(trees=30, threads=1), step="", progress=silent)
        areas.append(found.roc_auc(target).mean())
    assert np.mean(areas) == pytest.approx(0.5, abs=3 * np.std(areas) / np.sqrt(len(areas)))


def test_a_signal_is_found_and_said_which_input_has_it():
    matrix, target = clients()
    found = cross_validate(matrix, target, stratified(target, 3, 0), RECIPE, step="", progress=silent)
    assert found.roc_auc(target).min() > 0.75
    assert (found.gains.argmax(axis=1) == 0).all()
    assert 1 <= found.trees <= RECIPE.trees
    assert 0 < found.loss(target, RECIPE) < -np.log(0.5)


def test_a_fold_reads_only_the_inputs_that_it_is_given():
    matrix, target = clients()
    fold = stratified(target, 3, 0)
    columns = [np.array([0, 1]), np.array([1, 2]), np.array([0, 3])]
    found = cross_validate(matrix, target, fold, RECIPE, columns=columns, step="", progress=silent)
    for number, read in enumerate(columns):
        assert set(np.flatnonzero(found.gains[number])) <= set(read)
    areas = found.roc_auc(target)
    assert areas[1] < 0.6 < min(areas[0], areas[2])


def test_progress_ends_with_the_step():
    matrix, target = clients()
    heard = []
    fold = stratified(target, 2, 0)
    cross_validate(matrix, target, fold, RECIPE, step="here", progress=lambda step, done: heard.append((step, done)))
    assert {step for step, _ in heard} == {"here"}
    assert [done for _, done in heard] == sorted(done for _, done in heard)
    assert heard[-1][1] == 1


@pytest.mark.parametrize("threads", [2, 5])
def test_any_number_of_threads_gives_the_same(threads):
    """With patience, which folds that are faster than others outgrow."""
    matrix, target = clients()
    fold = stratified(target, 3, 0)
    hasty = {**RECIPE.hyper_parameters, "learning_rate": 0.3, "min_data_in_leaf": 5, "feature_fraction": 1.0}
    one, several = (
        cross_validate(
            matrix, target, fold, Recipe(trees=400, threads=n, hyper_parameters=hasty), step="", progress=silent
        )
        for n in (1, threads)
    )
    np.testing.assert_array_equal(one.probability, several.probability)
    np.testing.assert_array_equal(one.gains, several.gains)
    assert one.trees == several.trees < 350


def test_shared_bins_change_nothing():
    matrix, target = clients()
    fold = stratified(target, 3, 0)
    # A search tries other sizes of leaf on the same bins.
    other = Recipe(trees=30, threads=1, hyper_parameters={**RECIPE.hyper_parameters, "min_data_in_leaf": 20})
    bins = binned(matrix, target, RECIPE)
    own = cross_validate(matrix, target, fold, other, step="", progress=silent)
    shared = cross_validate(matrix, target, fold, other, bins=bins, step="", progress=silent)
    np.testing.assert_array_equal(own.probability, shared.probability)


def test_inputs_that_nothing_can_be_split_on_end_by_patience():
    target = clients()[1]
    matrix = np.zeros((len(target), 2), dtype=np.float32)
    found = cross_validate(matrix, target, stratified(target, 3, 0), Recipe(threads=2), step="", progress=silent)
    assert found.trees == 1
    assert not found.gains.any()


def test_nothing_is_printed(capfd):
    matrix, target = clients()
    cross_validate(matrix, target, stratified(target, 3, 0), Recipe(trees=5, threads=2), step="", progress=silent)
    assert capfd.readouterr() == ("", "")


def test_an_interruption_stops_all_threads():
    def interrupt(step, done):
        raise KeyboardInterrupt

    matrix, target = clients()
    threads = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        cross_validate(matrix, target, stratified(target, 3, 0), Recipe(threads=2), step="", progress=interrupt)
    assert threading.active_count() == threads


def test_a_sample_has_the_classes_in_the_parts_that_they_have(monkeypatch):
    target = (np.arange(1000) % 10 == 0).astype(np.int8)
    np.testing.assert_array_equal(sampled(target, 0), np.arange(1000))
    monkeypatch.setattr(validation, "SAMPLE", 200)
    rows = sampled(target, 0)
    assert len(set(rows)) == 200
    assert target[rows].sum() == 20
    np.testing.assert_array_equal(rows, np.sort(rows))
    np.testing.assert_array_equal(rows, sampled(target, 0))
    assert (rows != sampled(target, 1)).any()


@pytest.mark.parametrize("imbalance", [Imbalance.WEIGHTS, Imbalance.UNDERSAMPLING])
def test_balanced_training_centres_scores_on_one_half(imbalance):
    matrix, target = clients(n=2000)
    recipe = Recipe(trees=60, threads=1, imbalance=imbalance)
    found = cross_validate(matrix, target, stratified(target, 3, 0), recipe, step="", progress=silent)
    means = [found.probability[target == outcome].mean() for outcome in (0, 1)]
    assert np.mean(means) == pytest.approx(0.5, abs=0.03)
    weights = recipe.weights(target)
    assert weights is not None
    assert weights[target == 1].sum() == pytest.approx(weights[target == 0].sum())
