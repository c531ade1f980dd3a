"""What MLflow's own client finds afterwards, in a database and in its file store."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from pipeline.model import manifest
from pipeline.registry import tracking
from services.common.errors import Unavailable

PUBLISHED = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["database", "files"])
def uri(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty store; MLflow wants to be asked expressly for the one of files."""
    if request.param == "files":
        monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    address = f"sqlite:///{tmp_path / 'runs.db'}" if request.param == "database" else (tmp_path / "runs").as_uri()
    # Artefacts of a database store go below the current folder.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME", raising=False)
    return address


def runs(uri: str, experiment: str = "clairscore") -> list[mlflow.entities.Run]:
    client = MlflowClient(uri)
    found = client.get_experiment_by_name(experiment)
    return list(client.search_runs([found.experiment_id])) if found else []


def test_a_training_run_is_found_with_all_that_belongs_to_it(uri: str, first: Path, tmp_path: Path) -> None:
    described, _ = manifest.load(first)
    tracking.record_training(described, first)
    (run,) = runs(uri)
    assert run.data.metrics == pytest.approx(described.metrics)
    assert run.data.params["training_data_sha256"] == described.training_data.sha256
    assert float(run.data.params["threshold"]) == described.threshold
    assert run.data.tags["clairscore.model_version"] == described.version
    assert run.info.status == "FINISHED"
    copy = Path(MlflowClient(uri).download_artifacts(run.info.run_id, "model", str(tmp_path)))
    assert manifest.load(copy)[0] == described


def test_publishing_tags_the_runs_of_that_version_alone(uri: str, first: Path, second: Path) -> None:
    for folder in (first, second):
        tracking.record_training(manifest.load(folder)[0], folder)
    version = manifest.load(second)[0].version
    tracking.record_publication(version, PUBLISHED)
    tagged = {
        run.data.tags["clairscore.model_version"]: run.data.tags.get("clairscore.published_at") for run in runs(uri)
    }
    assert tagged == {version: PUBLISHED.isoformat(), manifest.load(first)[0].version: None}


def test_the_experiment_can_be_named(uri: str, first: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "another")
    tracking.record_training(manifest.load(first)[0], first)
    assert len(runs(uri, "another")) == 1
    assert runs(uri) == []


def test_a_store_that_fails_is_unavailable(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A store of files that nobody has asked for expressly is refused by MLflow.
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tmp_path.as_uri())
    with pytest.raises(Unavailable, match="not recorded in MLflow"):
        tracking.record_training(manifest.load(first)[0], first)


def test_without_the_variable_nothing_is_imported(first: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from pipeline.model import manifest; from pipeline.registry import tracking\n"
        "described, _ = manifest.load(Path(sys.argv[1]))\n"
        "tracking.record_training(described, Path(sys.argv[1]))\n"
        "tracking.record_publication(described.version, datetime.now(UTC))\n"
        "sys.exit('mlflow' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, str(first)], check=True, env={})
