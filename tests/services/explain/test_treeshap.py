"""TreeSHAP by quadrature against LightGBM's own, against the definition, and its additivity on any row."""

from itertools import combinations
from math import factorial

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from services.explain.ensemble import Ensemble
from services.explain.treeshap import TreeShap

INPUTS = 6
_ODD = [np.nan, 0.0, -0.0, 1e-40, 1e30, -1e30]


def data(rows=3000, seed=0):
    """Rows with missing values, zeros and ties, and an outcome that several inputs decide together."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, INPUTS)).round(1).astype(np.float32)
    x[:, 1] = random.poisson(1, rows)
    x[random.random(x.shape) < 0.15] = np.nan
    x[:, 3] = random.random(rows)
    known = np.nan_to_num(x)
    odds = known[:, 0] * known[:, 1] + (known[:, 2] > 0.3) - known[:, 3] * known[:, 4]
    return x, (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(float)


def train(**parameters):
    x, y = data()
    settings = {"objective": "binary", "verbose": -1, "num_threads": 1, "seed": 1, "min_data_in_leaf": 5}
    return lgb.train(settings | parameters, lgb.Dataset(x, y), parameters.pop("trees", 40))


def shap_of(booster):
    return TreeShap(Ensemble.of(booster.dump_model()), INPUTS)


@pytest.fixture(scope="module")
def booster():
    return train(num_leaves=31)


@pytest.fixture(scope="module")
def treeshap(booster):
    return shap_of(booster)


@pytest.mark.parametrize(
    "parameters",
    [
        {"num_leaves": 2},
        {"num_leaves": 7},
        # A deep one: features come back on a path.
        {"num_leaves": 120, "min_data_in_leaf": 2, "lambda_l2": 0.0},
        {"num_leaves": 15, "zero_as_missing": True},
        {"num_leaves": 15, "use_missing": False},
        {"num_leaves": 15, "linear_tree": False, "boost_from_average": False},
        {"num_leaves": 15, "boosting": "dart", "seed": 3},
    ],
    ids=lambda p: ",".join(f"{k}={v}" for k, v in p.items()),
)
def test_contributions_are_lightgbm_s(parameters):
    booster = train(**parameters)
    treeshap = shap_of(booster)
    x = np.vstack([data(500, seed=1)[0], [[value] * INPUTS for value in _ODD]]).astype(np.float32)
    expected = booster.predict(x, pred_contrib=True, num_threads=1)
    np.testing.assert_allclose(treeshap.contributions(x), expected[:, :-1], atol=1e-10)
    assert treeshap.base_value == pytest.approx(expected[0, -1], abs=1e-10)
    np.testing.assert_array_equal(treeshap.margins(x), booster.predict(x, raw_score=True, num_threads=1))


def test_trees_without_a_split_add_to_the_base_value():
    x, y = data(60)
    booster = lgb.train({"objective": "binary", "verbose": -1, "min_data_in_leaf": 59}, lgb.Dataset(x, y), 3)
    treeshap = shap_of(booster)
    assert not treeshap.contributions(x).any()
    np.testing.assert_allclose(treeshap.margins(x), booster.predict(x, raw_score=True))
    assert treeshap.base_value == pytest.approx(booster.predict(x[:1], raw_score=True)[0])


def test_contributions_are_shapley_values_by_definition():
    booster = train(num_leaves=12, trees=3)
    (*_, tree) = booster.dump_model()["tree_info"]
    treeshap = TreeShap(Ensemble.of({"tree_info": [tree]}), INPUTS)
    for row in data(20, seed=2)[0]:
        np.testing.assert_allclose(treeshap.contributions(row[None])[0], _by_definition(tree, row), atol=1e-12)


def _by_definition(tree, row):
    """Shapley's formula over all coalitions of the inputs, the tree's value by Lundberg et al.'s algorithm 1."""

    def value(node, known):
        if "split_feature" not in node:
            return node["leaf_value"]
        left, right = node["left_child"], node["right_child"]
        if node["split_feature"] in known:
            x = float(row[node["split_feature"]])
            if np.isnan(x) and node["missing_type"] == "NaN":
                goes_left = node["default_left"]
            else:
                goes_left = np.nan_to_num(x) <= node["threshold"]
            return value(left if goes_left else right, known)
        rows = [n.get("internal_count", n.get("leaf_count")) for n in (left, right)]
        return (rows[0] * value(left, known) + rows[1] * value(right, known)) / sum(rows)

    shapley = np.zeros(INPUTS)
    for i in range(INPUTS):
        others = [j for j in range(INPUTS) if j != i]
        for size in range(INPUTS):
            weight = factorial(size) * factorial(INPUTS - size - 1) / factorial(INPUTS)
            for coalition in combinations(others, size):
                gain = value(tree["tree_structure"], {*coalition, i}) - value(tree["tree_structure"], {*coalition})
                shapley[i] += weight * gain
    return shapley


@given(arrays(np.float32, (3, INPUTS), elements=st.floats(-1e6, 1e6, width=32) | st.just(float("nan"))))
def test_base_value_and_contributions_add_up_to_the_margin(treeshap, rows):
    total = treeshap.base_value + treeshap.contributions(rows).sum(axis=1)
    np.testing.assert_allclose(total, treeshap.margins(rows), atol=1e-10)


def test_threads_and_blocks_change_nothing(treeshap):
    x, _ = data(2000, seed=4)
    alone = np.vstack([treeshap.contributions(x[k : k + 1]) for k in range(0, len(x), 97)])
    together = treeshap.contributions(x, threads=2)
    np.testing.assert_array_equal(together[::97], alone)


def test_no_rows_give_no_contributions(treeshap):
    assert treeshap.contributions(np.zeros((0, INPUTS), np.float32)).shape == (0, INPUTS)
