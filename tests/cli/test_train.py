from pathlib import Path

import pytest
from support.models import write_tiny_features
from typer.testing import CliRunner

from cli.main import app
from pipeline.model.manifest import load


def test_the_options_reach_the_training(tmp_path: Path) -> None:
    features = write_tiny_features(tmp_path / "features.parquet")
    out = tmp_path / "model"
    options = {
        "--threshold": "0.45",
        "--cost-ratio": "5",
        "--imbalance": "undersampling",
        "--search-trials": "1",
        "--folds": "2",
        "--seed": "3",
    }
    arguments = [word for option in options.items() for word in option]
    result = CliRunner().invoke(app, ["train", str(features), "--out", str(out), *arguments])
    assert result.exit_code == 0, result.output
    manifest, _ = load(out)
    assert manifest.version in result.output
    assert manifest.threshold == 0.45
    assert manifest.cost_optimum is not None
    assert manifest.cost_optimum.cost_ratio == 5
    assert "roc_auc_fold_2" in manifest.metrics
    assert "roc_auc_fold_3" not in manifest.metrics
    assert (tmp_path / "model.search").is_file()


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [("--imbalance", "smote", "undersampling"), ("--folds", "1", "--folds"), ("--search-trials", "-1", "--search")],
)
def test_options_out_of_range_are_refused(tmp_path: Path, option: str, value: str, named: str) -> None:
    result = CliRunner().invoke(app, ["train", "f.parquet", "--out", str(tmp_path / "m"), option, value])
    assert result.exit_code == 2
    assert named in result.output
    assert not list(tmp_path.iterdir())
