"""Contributions by feature, their check, and their translation into points of probability."""

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from prometheus_client import REGISTRY

from pipeline.model.manifest import BOOSTER
from services.common.errors import Misconfigured
from services.explain.explainer import Explainer, NotAdditive

_NOT_ADDITIVE = "clairscore_explain_not_additive_total"


def test_a_category_is_one_feature(explainer, matrix, model_folder):
    booster = lgb.Booster(model_file=model_folder / BOOSTER)
    by_input = booster.predict(matrix, pred_contrib=True, num_threads=1)
    values = explainer.contributions(matrix)
    names = [i.feature for i in explainer.manifest.inputs]
    assert values.shape == (len(matrix), len(set(names)))
    for k, feature in enumerate(explainer.features):
        own = [place for place, name in enumerate(names) if name == feature.name]
        np.testing.assert_allclose(values[:, k], by_input[:, own].sum(axis=1), atol=1e-10)
        assert explainer.place[feature.name] == k


def test_margins_give_the_served_score(explainer, matrix):
    default, _ = explainer.model.probabilities(matrix)
    np.testing.assert_allclose(explainer.repayment(explainer.margins(matrix)), 1 - default, atol=1e-5)


def test_points_add_up_to_the_probability(explainer, matrix):
    contributions, margins = explainer.contributions(matrix), explainer.margins(matrix)
    points = explainer.points(contributions, margins)
    total = explainer.base_probability + points.sum(axis=1)
    np.testing.assert_allclose(total, explainer.repayment(margins), atol=1e-12)
    # What raises the risk lowers the probability of repayment.
    assert np.all(np.sign(points) == -np.sign(contributions))


@given(
    shares=arrays(np.float64, 4, elements=st.integers(-300, 300).map(lambda n: n / 100)), nudge=st.floats(-1e-9, 1e-9)
)
def test_points_have_a_slope_where_contributions_cancel_out(explainer, shares, nudge):
    contributions = np.concatenate([shares, -shares])[None]
    margins = np.array([explainer.base_value + nudge])
    points = explainer.points(contributions, margins)
    assert np.isfinite(points).all()
    assert abs(points.sum()) < 1e-9
    assert np.all(np.sign(points) == -np.sign(contributions))


def test_contributions_that_do_not_add_up_are_not_answered(model_folder, matrix, monkeypatch):
    explainer = Explainer.load(model_folder)
    monkeypatch.setattr(explainer._shap, "base_value", explainer.base_value + 2e-5)
    explainer.base_value += 2e-5
    before = REGISTRY.get_sample_value(_NOT_ADDITIVE)
    with pytest.raises(NotAdditive, match="miss the margin by 2e-05"):
        explainer.contributions(matrix)
    assert REGISTRY.get_sample_value(_NOT_ADDITIVE) == before + 1


def test_another_model_than_the_served_one_is_not_explained(model_folder, matrix, monkeypatch):
    explainer = Explainer.load(model_folder)
    margins = explainer._shap.margins
    monkeypatch.setattr(explainer._shap, "margins", lambda rows: margins(rows) + 0.01)
    before = REGISTRY.get_sample_value(_NOT_ADDITIVE)
    with pytest.raises(NotAdditive, match="off the served one"):
        explainer.margins(matrix)
    assert REGISTRY.get_sample_value(_NOT_ADDITIVE) == before + 1


def test_a_damaged_folder_is_refused_by_name(model_folder, tmp_path):
    with pytest.raises(Misconfigured, match=r"manifest\.json cannot be read"):
        Explainer.load(tmp_path)


def test_no_clients_are_no_error(explainer):
    none = np.zeros((0, len(explainer.manifest.inputs)), np.float32)
    assert explainer.contributions(none).shape == (0, len(explainer.features))
    assert explainer.margins(none).shape == (0,)
