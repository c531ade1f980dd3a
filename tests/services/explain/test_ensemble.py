"""What of LightGBM's models can be walked, and what is refused by name."""

import lightgbm as lgb
import numpy as np
import pytest

from services.common.errors import Misconfigured
from services.explain.ensemble import Ensemble


def train(**settings):
    random = np.random.default_rng(0)
    x = random.integers(0, 5, (500, 3)).astype(float)
    y = (x[:, 0] + random.normal(size=500) > 2).astype(float)
    data = lgb.Dataset(x, y, **settings)
    return lgb.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 5)


def test_parents_come_before_children_and_shares_add_up():
    ensemble = Ensemble.of(train().dump_model())
    trees = len(ensemble.node_start) - 1
    assert trees == 5
    for tree in range(trees):
        start, end = ensemble.node_start[tree : tree + 2]
        leaves = ensemble.leaf_start[tree + 1] - ensemble.leaf_start[tree]
        assert leaves == end - start + 1
        children = ensemble.child[start:end]
        for place, pair in enumerate(children):
            assert all(child > place for child in pair if child >= 0)
        # Every node but the root and every leaf is one node's child.
        assert sorted(children.ravel()) == [*range(-leaves, 0), *range(1, end - start)]
    np.testing.assert_allclose(ensemble.share.sum(axis=1), 1)


def test_a_file_that_is_no_model_is_named(tmp_path):
    file = tmp_path / "model.txt"
    file.write_text("tree\nnot a model\n")
    with pytest.raises(Misconfigured, match=r"model\.txt is not a model"):
        Ensemble.load(file)


def test_categorical_splits_are_refused(tmp_path):
    booster = train(categorical_feature=[0])
    assert "==" in {tree["tree_structure"].get("decision_type") for tree in booster.dump_model()["tree_info"]}
    booster.save_model(tmp_path / "model.txt")
    with pytest.raises(Misconfigured, match=r"model\.txt cannot be explained: tree 0 has a split of kind '=='"):
        Ensemble.load(tmp_path / "model.txt")


def test_a_branch_that_nobody_took_is_refused():
    leaves = [{"leaf_value": 1.0, "leaf_count": count} for count in (0, 5)]
    root = {
        "split_feature": 0,
        "threshold": 0.5,
        "decision_type": "<=",
        "missing_type": "None",
        "default_left": True,
        "internal_count": 5,
        "left_child": leaves[0],
        "right_child": leaves[1],
    }
    with pytest.raises(ValueError, match="no training row took"):
        Ensemble.of({"tree_info": [{"tree_structure": root}]})
