"""A model of a given size over synthetic numbers, published by the pipeline's own export."""

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import onnx

from pipeline.features.dictionary import Feature, FeatureDictionary, Kind, Role
from pipeline.features.store import Origin, sha256
from pipeline.model.calibrator import IDENTITY
from pipeline.model.encoding import model_inputs
from pipeline.model.manifest import (
    BOOSTER,
    DICTIONARY,
    MANIFEST,
    MODEL_FILES,
    ONNX,
    Band,
    BandRange,
    Manifest,
    TrainingData,
)
from pipeline.tables.layout import Unit
from pipeline.training import export

_TRAINING_ROWS = 4_000


@dataclass(frozen=True)
class BenchmarkModel:
    """A published model folder, the classifier that it came from, and rows to score."""

    folder: Path
    classifier: lgb.LGBMClassifier
    booster: lgb.Booster
    rows: npt.NDArray[np.float32]


def build(folder: Path, *, trees: int, features: int, threads: int) -> BenchmarkModel:
    """Trains on seeded normal numbers, a tenth of them missing, and writes a model folder that the service loads."""
    random = np.random.default_rng(0)
    matrix = random.standard_normal((_TRAINING_ROWS, features)).astype(np.float32)
    risk = matrix @ (random.standard_normal(features) / np.sqrt(features)) + random.standard_normal(_TRAINING_ROWS)
    matrix[random.random(matrix.shape) < 0.1] = np.nan
    target = (risk > np.quantile(risk, 0.92)).astype(int)
    classifier = lgb.LGBMClassifier(n_estimators=trees, num_leaves=31, n_jobs=threads, random_state=0, verbosity=-1)
    classifier.fit(matrix, target)
    booster = export.with_float32_thresholds(classifier.booster_)
    folder.mkdir(parents=True)
    booster.save_model(folder / BOOSTER)
    onnx.save(export.to_onnx(booster), folder / ONNX)
    dictionary = FeatureDictionary(features=tuple(feature(f"FEATURE_{number}") for number in range(features)))
    (folder / DICTIONARY).write_text(dictionary.model_dump_json(), encoding="utf-8")
    (folder / MANIFEST).write_text(_manifest(folder, dictionary).model_dump_json(), encoding="utf-8")
    return BenchmarkModel(folder, classifier, booster, matrix)


def feature(name: str) -> Feature:
    """A number that one in ten clients lacks."""
    return Feature(
        name=name,
        label_fr=name,
        label_en=name,
        kind=Kind.NUMBER,
        role=Role.APPLICATION,
        unit=Unit.NONE,
        source_table="application",
        missing_rate=0.1,
        editable=False,
        protected=False,
    )


def _manifest(folder: Path, dictionary: FeatureDictionary) -> Manifest:
    limits = (0.0, 0.25, 0.40, 0.52, 0.62, 0.74, 0.86, 1.0)
    return Manifest(
        version="benchmark",
        created_at=datetime.now(UTC).isoformat(),
        inputs=model_inputs(dictionary),
        dropped_inputs=(),
        feature_contract=dictionary.contract,
        calibrator=IDENTITY,
        threshold=0.52,
        bands=tuple(
            BandRange(band=band, lower=lower, upper=upper)
            for band, lower, upper in zip(Band, limits, limits[1:], strict=False)
        ),
        training_data=TrainingData(
            sha256="", rows=_TRAINING_ROWS, default_rate=0.08, origin=Origin(synthetic=True, tables=())
        ),
        metrics={},
        libraries={name: version(name) for name in ("lightgbm", "onnxruntime")},
        files={name: sha256(folder / name) for name in MODEL_FILES},
    )
