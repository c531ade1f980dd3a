import pytest

from pipeline.features.build import build
from pipeline.model.runtime import ScoringModel
from pipeline.training.train import train


@pytest.mark.slow
def test_real_clients_give_a_model_that_ranks_them(shared_data, tmp_path):
    """Slow: 5,000 clients, 460 features, all their histories. Only real values show that training holds on them."""
    features = tmp_path / "features.parquet"
    build(shared_data / "home-credit", features)
    manifest = train(features, tmp_path / "model", folds=3, threads=1)
    assert manifest.training_data.rows == 5000
    assert manifest.metrics["default_rate"] == pytest.approx(0.0772)
    # 5-fold on these clients: 0.764 (0.738 to 0.786); application columns alone, on four times as many clients: 0.757.
    assert manifest.metrics["roc_auc_cv_mean"] > 0.73
    assert ScoringModel.load(tmp_path / "model").manifest == manifest
