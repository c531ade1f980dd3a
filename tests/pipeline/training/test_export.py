import lightgbm as lgb
import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from pipeline.model.limits import FLOAT32_MAX
from pipeline.training.export import round_down, to_onnx, with_float32_thresholds

FEATURES = 6


@pytest.fixture(scope="module")
def trained():
    """A booster as LightGBM gives it, and its training rows.

    The columns are what makes exports differ: neighbouring float32 values, zeros of both signs, missing values, none in
    training although serving may have some (columns 0 to 3), one that is known or missing and nothing else.
    """
    random = np.random.default_rng(0)
    rows = np.empty((4000, FEATURES), dtype=np.float32)
    start = np.float32(0.1).view(np.int32)
    rows[:, 0] = (start + random.integers(0, 50, len(rows), dtype=np.int32)).view(np.float32)
    rows[:, 1] = random.normal(size=len(rows))
    rows[:, 2] = random.choice(np.array([-1.5, -0.0, 0.0, 1e-40, 2.0], np.float32), len(rows))
    rows[:, 3] = -random.lognormal(12, 2, len(rows))
    rows[:, 4] = np.where(random.random(len(rows)) < 0.3, np.nan, random.normal(size=len(rows)))
    rows[:, 5] = np.where(random.random(len(rows)) < 0.5, np.nan, 1)
    steps = rows[:, 0].view(np.int32) - start
    logit = (steps % 7) - 3 + rows[:, 1] + np.isnan(rows[:, 5]) - (rows[:, 2] > 0) + np.nan_to_num(rows[:, 4])
    target = random.random(len(rows)) < 1 / (1 + np.exp(-logit))
    parameters = {"objective": "binary", "verbosity": -1, "num_leaves": 31, "min_data_in_leaf": 5, "num_threads": 1}
    return lgb.train(parameters, lgb.Dataset(rows, target), 60), rows


@pytest.fixture(scope="module")
def exported(trained):
    booster = with_float32_thresholds(trained[0])
    session = ort.InferenceSession(to_onnx(booster).SerializeToString(), providers=["CPUExecutionProvider"])
    return lambda rows: session.run(["probabilities"], {"input": rows})[0][:, 1]


def _splits(node):
    if "split_feature" in node:
        yield node
        yield from _splits(node["left_child"])
        yield from _splits(node["right_child"])


def _thresholds(booster):
    trees = booster.dump_model()["tree_info"]
    return [(s["split_feature"], s["threshold"]) for tree in trees for s in _splits(tree["tree_structure"])]


@settings(deadline=None)
@given(st.floats(-3e38, 3e38))
def test_a_threshold_is_rounded_to_the_float32_below(threshold):
    rounded = round_down(threshold)
    assert rounded == np.float32(rounded)
    assert rounded <= threshold < float(np.nextafter(np.float32(rounded), np.float32(np.inf)))


@settings(deadline=None)
@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.floats(-FLOAT32_MAX))
def test_rounding_changes_no_comparison_with_a_float32(value, threshold):
    assert (value <= threshold) == (value <= round_down(threshold))


def test_the_nearest_float32_would_have_changed_a_comparison(trained):
    """Or else the tests below would prove nothing."""
    booster, rows = trained
    thresholds = [(feature, t) for feature, t in _thresholds(booster) if abs(t) < 3e38]
    nearest = [(feature, np.float32(t)) for feature, t in thresholds if float(np.float32(t)) > t]
    assert any(t in rows[:, feature] for feature, t in nearest)


def test_float32_thresholds_change_no_prediction(trained):
    booster, rows = trained
    rounded = with_float32_thresholds(booster)
    assert all(float(np.float32(t)) == t for _, t in _thresholds(rounded))
    np.testing.assert_array_equal(rounded.predict(rows), booster.predict(rows))
    assert rounded.feature_name() == booster.feature_name()


def test_a_saved_booster_of_float32_thresholds_loads_as_it_was(trained, tmp_path):
    rounded = with_float32_thresholds(trained[0])
    rounded.save_model(tmp_path / "model.txt")
    again = lgb.Booster(model_file=tmp_path / "model.txt")
    np.testing.assert_array_equal(again.predict(trained[1]), rounded.predict(trained[1]))


def test_onnx_gives_the_boosters_probability_on_every_training_row(trained, exported):
    booster, rows = trained
    np.testing.assert_allclose(exported(rows), booster.predict(rows), atol=1e-6, rtol=0)


def test_onnx_gives_the_boosters_probability_exactly_on_and_beside_every_threshold(trained, exported):
    booster, rows = trained
    near = []
    for feature, threshold in set(_thresholds(booster)):
        at = np.float32(round_down(threshold))
        with np.errstate(over="ignore"):
            beside = np.nextafter(at, np.float32([-np.inf, np.inf]))
        for value in (at, *beside):
            near += [rows[k].copy() for k in range(0, 2000, 400)]
            for row in near[-5:]:
                row[feature] = value
    near = np.stack([row for row in near if not np.isinf(row).any()])
    np.testing.assert_allclose(exported(near), booster.predict(near), atol=1e-6, rtol=0)


@settings(max_examples=300, deadline=None)
@given(
    npst.arrays(
        np.float32,
        npst.array_shapes(min_dims=2, max_dims=2, max_side=20).map(lambda shape: (shape[0], FEATURES)),
        elements=st.floats(width=32, allow_infinity=False) | st.sampled_from([0.0, -0.0, float("nan"), 1.0, -1.5]),
    )
)
def test_onnx_gives_the_boosters_probability_on_any_row(trained, exported, rows):
    """Missing values in columns that had none in training included."""
    np.testing.assert_allclose(exported(rows), trained[0].predict(rows), atol=1e-6, rtol=0)


def test_trees_without_a_split_are_exported():
    rows = np.zeros((50, 2), dtype=np.float32)
    rows[:, 0] = np.arange(50)
    booster = lgb.train(
        {"objective": "binary", "verbosity": -1, "min_data_in_leaf": 40}, lgb.Dataset(rows, np.arange(50) % 5 == 0), 3
    )
    model = to_onnx(with_float32_thresholds(booster)).SerializeToString()
    scores = ort.InferenceSession(model).run(["probabilities"], {"input": rows})[0][:, 1]
    np.testing.assert_allclose(scores, booster.predict(rows), atol=1e-6)
