"""Real clients' contributions against the ``shap`` package."""

import lightgbm as lgb
import numpy as np
import pyarrow.parquet as pq
import pytest
import shap

from pipeline.features.build import build
from pipeline.model.manifest import BOOSTER
from pipeline.training.train import train
from services.explain.explainer import Explainer


@pytest.mark.slow
def test_contributions_of_real_clients_are_shap_s(shared_data, tmp_path):
    """Slow: features and a model of 10,000 real clients. Their missing values, ties and rare categories are real."""
    features = tmp_path / "features.parquet"
    build(shared_data / "home-credit", features)
    train(features, tmp_path / "model", folds=2, trees=200, threads=1, tolerance=None)
    explainer = Explainer.load(tmp_path / "model")
    matrix = explainer.model.encoder.table(pq.read_table(features).slice(0, 3000))
    by_input = shap.TreeExplainer(lgb.Booster(model_file=tmp_path / "model" / BOOSTER)).shap_values(matrix)
    names = [i.feature for i in explainer.manifest.inputs]
    by_feature = np.zeros((len(matrix), len(explainer.features)))
    for k, name in enumerate(names):
        by_feature[:, explainer.place[name]] += by_input[:, k]
    contributions = explainer.contributions(matrix)
    np.testing.assert_allclose(contributions, by_feature, atol=1e-9)
    # The served score, through base value, contributions, calibrator and scale.
    repayment = explainer.repayment(explainer.base_value + contributions.sum(axis=1))
    np.testing.assert_allclose(repayment, 1 - explainer.model.probability_of_default(matrix), atol=1e-5)
