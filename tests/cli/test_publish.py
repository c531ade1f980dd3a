"""Publish and rollback as an operator types them: into a registry, and beside a model that is served as it is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.models import train_tiny_model

from pipeline.model import manifest


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [train_tiny_model(tmp_path_factory.mktemp(str(seed)), seed) for seed in (0, 5)]


def clairscore(home: Path, *arguments: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=home,
        env=os.environ | env,
        timeout=120,
        check=False,
    )


def version(model: Path) -> str:
    return manifest.load(model)[0].version


def test_publish_twice_and_return(models: list[Path], tmp_path: Path) -> None:
    for model in models:
        result = clairscore(tmp_path, "publish", model, model.parent / "features.parquet")
        assert result.returncode == 0, result.stderr
        assert f"published 400 clients with model {version(model)}" in result.stdout
    pointer = tmp_path / "var/models/live.json"
    assert json.loads(pointer.read_text())["version"] == version(models[1])
    result = clairscore(tmp_path, "rollback")
    assert result.returncode == 0, result.stderr
    assert f"live again: 400 clients with model {version(models[0])}" in result.stdout
    assert json.loads(pointer.read_text())["version"] == version(models[0])
    result = clairscore(tmp_path, "rollback")
    assert result.returncode == 1
    assert "no former publication" in result.stderr
    assert json.loads(pointer.read_text())["version"] == version(models[0])


def test_how_many_are_kept_is_a_setting(models: list[Path], tmp_path: Path) -> None:
    for model in models:
        features = model.parent / "features.parquet"
        assert clairscore(tmp_path, "publish", model, features, CLAIRSCORE_PUBLICATIONS_KEPT="1").returncode == 0
    assert len(list((tmp_path / "var/portfolio").glob("*.duckdb"))) == 1
    assert "no former publication" in clairscore(tmp_path, "rollback").stderr
    refused = clairscore(tmp_path, "rollback", CLAIRSCORE_PUBLICATIONS_KEPT="0")
    assert refused.returncode == 1
    assert "CLAIRSCORE_PUBLICATIONS_KEPT" in refused.stderr


def test_a_model_that_is_served_as_it_is_is_not_switched(models: list[Path], tmp_path: Path) -> None:
    served, other = models
    env = {"CLAIRSCORE_MODEL_DIR": str(served)}
    before = sorted(served.iterdir())
    assert clairscore(tmp_path, "publish", served, served.parent / "features.parquet", **env).returncode == 0
    refused = clairscore(tmp_path, "publish", other, other.parent / "features.parquet", **env)
    assert refused.returncode == 1
    assert str(served) in refused.stderr
    refused = clairscore(tmp_path, "rollback", **env)
    assert refused.returncode == 1
    assert "nothing to return to" in refused.stderr
    assert sorted(served.iterdir()) == before
    assert not (tmp_path / "var/models").exists()


def test_a_publication_that_cannot_be_recorded_stands_with_a_warning(models: list[Path], tmp_path: Path) -> None:
    # A store of files that nobody has asked for expressly is refused by MLflow.
    env = {"MLFLOW_TRACKING_URI": tmp_path.as_uri(), "MLFLOW_ALLOW_FILE_STORE": ""}
    result = clairscore(tmp_path, "publish", models[0], models[0].parent / "features.parquet", **env)
    assert result.returncode == 0, result.stderr
    assert "warning: not recorded in MLflow" in result.stderr
