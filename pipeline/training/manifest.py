"""What the manifest says of a training run."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from pipeline.card.document import ModelCard, Operation
from pipeline.evaluation import bands
from pipeline.evaluation.result import Interval
from pipeline.features import store
from pipeline.model import scale
from pipeline.model.manifest import FILES, MODEL_FILES, BandRange, CostOptimum, Manifest, TrainingData
from pipeline.training.dataset import Dataset
from pipeline.training.develop import Development

_LIBRARIES = ("lightgbm", "numpy", "onnx", "onnxmltools", "onnxruntime", "optuna", "scikit-learn", "scipy")


def draft(folder: Path, data: Dataset, developed: Development, threshold: float) -> Manifest:
    """The manifest of a folder that holds the model's files: enough to score with, and to compute the card from."""
    files = {name: store.sha256(folder / name) for name in MODEL_FILES}
    now = datetime.now(UTC).replace(microsecond=0)
    selected = developed.selected.columns
    score = scale.balanced(developed.choice.out_of_fold, data.default_rate)
    ranges = tuple(_band(found) for found in bands.choose(data.target, score, threshold).bands)
    # Everything that decides a score or what is made of it.
    content = [files, data.sha256, developed.choice.calibrator.model_dump(), [r.model_dump() for r in ranges]]
    identity = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return Manifest(
        version=f"{now:%Y%m%dT%H%M%SZ}-{identity[:8]}",
        created_at=now.isoformat().replace("+00:00", "Z"),
        inputs=tuple(data.inputs[k] for k in selected),
        dropped_inputs=data.dropped,
        deselected_inputs=tuple(data.inputs[k].name for k in np.setdiff1d(np.arange(len(data.inputs)), selected)),
        chosen_on_clients=developed.selected.clients if developed.selected.clients < len(data.target) else None,
        feature_contract=data.dictionary.contract,
        calibrator=developed.choice.calibrator,
        threshold=threshold,
        bands=ranges,
        training_data=TrainingData(
            sha256=data.sha256, rows=len(data.target), default_rate=data.default_rate, origin=data.origin
        ),
        metrics={},
        libraries={name: version(name) for name in _LIBRARIES},
        files=files,
    )


def complete(manifest: Manifest, folder: Path, data: Dataset, developed: Development, card: ModelCard) -> Manifest:
    """Adds the card's figures and the hashes of all files, the card's included."""
    cost = card.acceptance.cost
    optimum = CostOptimum(
        cost_ratio=cost.cost_ratio,
        threshold=cost.optimal.value,
        low=cost.optimal.low,
        high=cost.optimal.high,
        calibrated=cost.theoretical,
    )
    return manifest.model_copy(
        update={
            "cost_optimum": optimum,
            "metrics": dict(_metrics(data, developed, card)),
            "files": {name: store.sha256(folder / name) for name in FILES},
        }
    )


def _band(found: bands.BandFigures) -> BandRange:
    rate = found.default_rate
    return BandRange(
        band=found.band,
        lower=found.lower,
        upper=found.upper,
        default_rate=rate and rate.value,
        default_rate_low=rate and rate.low,
        default_rate_high=rate and rate.high,
    )


def _metrics(data: Dataset, developed: Development, card: ModelCard) -> Iterator[tuple[str, float]]:
    """Figures by name; accuracy is left out: refusing nobody already gives 92 % at a default rate of 8 %."""
    folds = developed.selected.out_of_fold.roc_auc(data.target)
    yield "roc_auc_cv_mean", float(folds.mean())
    yield "roc_auc_cv_std", float(folds.std())
    yield from ((f"roc_auc_fold_{number}", float(area)) for number, area in enumerate(folds, start=1))
    for name in ("roc_auc", "gini", "ks", "average_precision", "brier"):
        yield from _interval(name, getattr(card.performance, name))
    yield "log_loss", card.calibration.log_loss[card.calibration.method]
    yield "expected_calibration_error", card.calibration.expected_calibration_error
    for operation in card.acceptance.operations:
        yield from _operation(operation)
    if card.out_of_time:
        for name in ("roc_auc", "ks", "average_precision", "brier", "default_rate"):
            yield from _interval(f"out_of_time_{name}", getattr(card.out_of_time, name))
        yield "out_of_time_predicted_default_rate", card.out_of_time.predicted
    yield "default_rate", data.default_rate
    yield "trees", float(developed.selected.out_of_fold.trees)
    yield "features", float(len(developed.selected.columns))
    yield "selection_roc_auc_change", developed.selected.auc_change


def _operation(operation: Operation) -> Iterator[tuple[str, float]]:
    at, point = operation.role, operation.point
    yield f"{at}_threshold", point.threshold
    yield from _interval(f"{at}_accepted_share", point.accepted_share)
    if point.accepted_default_rate:
        yield from _interval(f"{at}_accepted_default_rate", point.accepted_default_rate)
    yield f"{at}_refused_among_defaults", point.refused_among_defaults
    yield f"{at}_refused_among_repaid", point.refused_among_repaid
    yield f"{at}_cost", point.cost


def _interval(name: str, found: Interval) -> Iterator[tuple[str, float]]:
    yield name, found.value
    yield f"{name}_low", found.low
    yield f"{name}_high", found.high
