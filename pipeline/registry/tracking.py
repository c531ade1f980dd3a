"""Writes to MLflow what was trained and what was published, when MLFLOW_TRACKING_URI says where.

One run for each model version, in the experiment MLFLOW_EXPERIMENT_NAME (default "clairscore"): what it was made from
as parameters, its figures as metrics, the model folder as artefacts. Without the variable nothing is imported.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.model.manifest import Manifest
from services.common.errors import Unavailable

if TYPE_CHECKING:
    from mlflow import MlflowClient

_URI = "MLFLOW_TRACKING_URI"
_EXPERIMENT = "clairscore"
_VERSION = "clairscore.model_version"
_PUBLISHED_AT = "clairscore.published_at"


def record_training(manifest: Manifest, folder: Path) -> None:
    """Adds a run for a trained model: parameters, metrics, and the model folder's files.

    Raises:
        Unavailable: MLflow cannot be written to; what was trained stands all the same.
    """
    with _recording():
        client = _client()
        if client is None:
            return
        tags = {_VERSION: manifest.version, "clairscore.synthetic": str(manifest.training_data.origin.synthetic)}
        run = client.create_run(_experiment(client), run_name=manifest.version, tags=tags)
        run_id = run.info.run_id
        for name, value in _parameters(manifest).items():
            client.log_param(run_id, name, value)
        for name, figure in manifest.metrics.items():
            client.log_metric(run_id, name, figure)
        client.log_artifacts(run_id, str(folder), "model")
        client.set_terminated(run_id)


def record_publication(version: str, published_at: datetime) -> None:
    """Tags the runs of a model version with the time since when it is published.

    Raises:
        Unavailable: MLflow cannot be written to; what was published stands all the same.
    """
    with _recording():
        client = _client()
        if client is None:
            return
        runs = client.search_runs([_experiment(client)], filter_string=f"tags.`{_VERSION}` = '{version}'")
        for run in runs:
            client.set_tag(run.info.run_id, _PUBLISHED_AT, published_at.isoformat())


def _client() -> "MlflowClient | None":
    if not os.environ.get(_URI):
        return None
    from mlflow import MlflowClient  # noqa: PLC0415 - only when it is asked for

    return MlflowClient()


def _experiment(client: "MlflowClient") -> str:
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", _EXPERIMENT)
    found = client.get_experiment_by_name(name)
    return str(found.experiment_id if found else client.create_experiment(name))


def _parameters(manifest: Manifest) -> dict[str, str]:
    data = manifest.training_data
    return {
        "threshold": str(manifest.threshold),
        "inputs": str(len(manifest.inputs)),
        "feature_contract": manifest.feature_contract,
        "training_rows": str(data.rows),
        "training_data_sha256": data.sha256,
        "tables": " ".join(data.origin.tables),
        **{f"library.{name}": version for name, version in manifest.libraries.items()},
    }


@contextmanager
def _recording() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise Unavailable(f"{_URI} is set, but MLflow is not there: pip install 'clairscore[mlflow]'") from error
    except Exception as error:  # of a server, a driver or a disk
        raise Unavailable(f"not recorded in MLflow: {error}") from error
