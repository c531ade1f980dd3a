"""Interaction values, against ``shap``'s whole matrices and against the definition."""

from itertools import combinations
from math import factorial

import lightgbm as lgb
import numpy as np
import pytest
import shap
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.manifest import BOOSTER
from services.explain.ensemble import Ensemble
from services.explain.interaction.values import InteractionValues

INPUTS = 6


def _train(seed, rows=600, **parameters):
    """A booster on six inputs that act together, some of them missing; and rows it has not seen."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(2 * rows, INPUTS)).round(1).astype(np.float32)
    matrix[random.random(matrix.shape) < 0.2] = np.nan
    matrix[:, 5] = np.nan_to_num(matrix[:, 5]).round()
    filled = np.nan_to_num(matrix)
    signal = filled[:, 0] * filled[:, 1] + (filled[:, 2] > 0) * filled[:, 3] - filled[:, 5]
    target = signal + random.normal(size=2 * rows) > 0
    settings = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5, "seed": seed}
    data = lgb.Dataset(matrix[:rows], target[:rows])
    return lgb.train({**settings, **parameters}, data, num_boost_round=15), matrix[rows:]


@pytest.mark.parametrize("leaves", [8, 127])
def test_both_halves_of_shap_for_every_pair(leaves):
    booster, rows = _train(0, num_leaves=leaves)
    interactions = InteractionValues(Ensemble.of(booster.dump_model()), INPUTS)
    expected = shap.TreeExplainer(booster).shap_interaction_values(rows.astype(np.float64))
    for i, j in combinations(range(INPUTS), 2):
        np.testing.assert_allclose(
            interactions.of_pair(rows, [i], [j]), expected[:, i, j] + expected[:, j, i], atol=1e-8, rtol=0
        )


def _worth(trees, row, known):
    """The game: expected margin of a row of which some inputs are known."""
    total = 0.0
    for tree in range(len(trees.node_start) - 1):
        pending = [(0, 1.0)]
        while pending:
            place, weight = pending.pop()
            if place < 0:
                total += weight * trees.leaf_value[trees.leaf_start[tree] + ~place]
                continue
            node = trees.node_start[tree] + place
            if trees.feature[node] in known:
                value = float(row[trees.feature[node]])
                gone = np.isnan(value) if trees.missing[node] == 2 else trees.missing[node] == 1 and not abs(value) > 0
                value = 0.0 if np.isnan(value) else value
                left = trees.missing_left[node] if gone else value <= trees.threshold[node]
                pending.append((trees.child[node, 0 if left else 1], weight))
            else:
                pending += [(trees.child[node, side], weight * trees.share[node, side]) for side in (0, 1)]
    return total


# What shap reads as a number, LightGBM may be told to read otherwise: of these the definition alone tells.
@pytest.mark.parametrize("parameters", [{}, {"use_missing": False}, {"zero_as_missing": True}])
def test_the_definition(parameters):
    booster, rows = _train(0, **parameters)
    interactions = InteractionValues(Ensemble.of(booster.dump_model()), INPUTS)
    trees = Ensemble.of(booster.dump_model())
    for row in rows[:3]:
        worth = {s: _worth(trees, row, s) for n in range(INPUTS + 1) for s in combinations(range(INPUTS), n)}
        for i, j in combinations(range(INPUTS), 2):
            others = [k for k in range(INPUTS) if k not in {i, j}]
            expected = 0.0
            for n in range(len(others) + 1):
                weight = factorial(n) * factorial(INPUTS - n - 2) / factorial(INPUTS - 1)
                for s in combinations(others, n):
                    i_, j_, ij = (tuple(sorted({*s, *more})) for more in ((i,), (j,), (i, j)))
                    expected += weight * (worth[ij] - worth[i_] - worth[j_] + worth[s])
            assert interactions.of_pair(row[None], [i], [j])[0] == pytest.approx(expected, abs=1e-10)


@given(st.integers(0, 10_000), st.data())
def test_sides_may_be_swapped_and_inputs_of_a_feature_add_up(seed, data):
    booster, rows = _train(seed % 5, rows=100)
    rows = np.random.default_rng(seed).permutation(rows)[:5]
    interactions = InteractionValues(Ensemble.of(booster.dump_model()), INPUTS)
    order = data.draw(st.permutations(range(INPUTS)))
    first, second = order[:2], order[2:5]
    together = interactions.of_pair(rows, first, second)
    np.testing.assert_allclose(interactions.of_pair(rows, second, first), together, atol=1e-12)
    pairs = sum(interactions.of_pair(rows, [i], [j]) for i in first for j in second)
    np.testing.assert_allclose(pairs, together, atol=1e-12)


def test_features_that_share_no_path_do_not_interact():
    booster, rows = _train(0, num_leaves=2)
    interactions = InteractionValues(Ensemble.of(booster.dump_model()), INPUTS)
    for i, j in combinations(range(INPUTS), 2):
        assert not interactions.of_pair(rows, [i], [j]).any()


def test_a_model_of_the_recipe(explainer, model_folder, matrix):
    """Every indicator of a category counts."""
    booster = lgb.Booster(model_file=model_folder / BOOSTER)
    interactions = InteractionValues(Ensemble.load(model_folder / BOOSTER), matrix.shape[1])
    rows = matrix[:20]
    expected = shap.TreeExplainer(booster).shap_interaction_values(rows.astype(np.float64))
    inputs = {}
    for k, i in enumerate(explainer.model.manifest.inputs):
        inputs.setdefault(i.feature, []).append(k)
    strength = np.abs(expected).sum(axis=0)
    np.fill_diagonal(strength, 0)
    names = [i.feature for i in explainer.model.manifest.inputs]
    strongest = {names[k] for k in np.argsort(-strength.max(axis=0))[:12]}
    assert any(len(inputs[name]) > 1 for name in names)
    categories = {name for name in names if len(inputs[name]) > 1}
    for x, y in combinations(sorted(strongest | categories), 2):
        both = expected[:, inputs[x]][:, :, inputs[y]].sum(axis=(1, 2)) * 2
        np.testing.assert_allclose(interactions.of_pair(rows, inputs[x], inputs[y]), both, atol=1e-8, rtol=0)
