"""A small but real model: every feature of the recipe, random clients, trained and published by the pipeline."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.features import describe, store
from pipeline.features.derived import derive
from pipeline.features.dictionary import Feature, Kind
from pipeline.model.limits import REQUIRED
from pipeline.tables.layout import Unit
from pipeline.training.train import train

# The stored hyper-parameters are for thousands of clients; of some hundreds they learn nothing.
FOR_FEW = {
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.2,
    "bagging_fraction": 0.8,
    "lambda_l1": 1.0,
    "lambda_l2": 10.0,
}
_FIRST_ID = 100_001
_MISSING = 0.2


def write_tiny_features(path: Path, clients: int = 400, seed: int = 0) -> Path:
    """Writes a features file of random clients: all features of the recipe, every tenth client without a TARGET.

    Values are plausible for their units, not for their names; the risk follows from two external scores and the age.
    """
    random = np.random.default_rng(seed)
    base = {feature.name: _column(feature, clients, random) for feature in describe.unobserved().base}
    backend = ibis.duckdb.connect()
    columns = backend.to_pyarrow(derive(ibis.memtable(pa.table(base))))
    backend.disconnect()
    ids = pa.array(np.arange(_FIRST_ID, _FIRST_ID + clients), pa.int64())
    table = columns.add_column(0, store.TARGET, _target(columns, random)).add_column(0, store.ID, ids)
    dictionary = describe.dictionary({name: _observed(columns[name]) for name in columns.column_names})
    origin = store.Origin(synthetic=True, tables=("application_train", "bureau", "previous_application"))
    with pq.ParquetWriter(path, store.attach(table.schema, dictionary, origin)) as writer:
        writer.write_table(table.replace_schema_metadata(writer.schema.metadata), row_group_size=max(1, clients // 3))
    return path


def train_tiny_model(folder: Path, seed: int = 0) -> Path:
    """Trains on such a file in seconds and returns the model folder; ``features.parquet`` lies beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    features = write_tiny_features(folder / "features.parquet", seed=seed)
    train(features, folder / "model", folds=2, trees=20, threads=1, tolerance=None, hyper_parameters=FOR_FEW)
    return folder / "model"


def train_actionable_model(folder: Path) -> Path:
    """As ``train_tiny_model``, of clients whose risk follows from what they can change.

    Large credits and debts, small incomes and short employments default.
    """
    features = write_tiny_features(folder / "features.parquet", clients=800)
    table = pq.read_table(features)
    names = ("AMT_CREDIT", "AMT_INCOME_TOTAL", "ACTIVE_AMT_CREDIT_SUM_DEBT_SUM", "DAYS_EMPLOYED", "AMT_ANNUITY")
    credit, income, debt, employed, annuity = (
        (column - np.nanmean(column)) / np.nanstd(column) for column in (table[n].to_numpy() for n in names)
    )
    risk = np.nan_to_num(2 * credit - 2 * income + debt) + np.nan_to_num(employed) + np.nan_to_num(annuity)
    default = risk + np.random.default_rng(0).normal(0, 0.5, len(risk)) > np.quantile(risk, 0.7)
    target = pa.array(default.astype(np.int8))
    table = table.set_column(table.column_names.index(store.TARGET), table.schema.field(store.TARGET), target)
    pq.write_table(table, features, row_group_size=200)
    few = {**FOR_FEW, "feature_fraction": 0.5}
    train(features, folder / "model", folds=2, trees=60, threads=1, tolerance=None, hyper_parameters=few)
    return folder / "model"


def _column(feature: Feature, rows: int, random: np.random.Generator) -> pa.Array:
    missing = np.zeros(rows, bool) if feature.name in REQUIRED else random.random(rows) < _MISSING
    if feature.kind is Kind.CATEGORY:
        values = random.choice([category.value for category in feature.categories], rows)
        return pa.array([None if gone else str(v) for v, gone in zip(values, missing, strict=True)], pa.string())
    return pa.array(_numbers(feature, rows, random), pa.float64(), mask=missing)


def _numbers(feature: Feature, rows: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    if feature.name == "DAYS_BIRTH":
        return -random.integers(20 * 365, 70 * 365, rows).astype(float)
    by_unit: dict[Unit, Callable[[], npt.NDArray[Any]]] = {
        Unit.CURRENCY: lambda: random.lognormal(11, 0.5, rows).round(2),
        Unit.DAYS: lambda: -random.integers(1, 3000, rows),
        Unit.MONTHS: lambda: -random.integers(1, 96, rows),
        Unit.YEARS: lambda: random.poisson(8, rows),
        Unit.COUNT: lambda: random.poisson(3, rows),
        Unit.HOUR: lambda: random.integers(8, 18, rows),
        Unit.FLAG: lambda: random.integers(0, 2, rows),
        Unit.VARIANCE: lambda: random.gamma(2, 100, rows),
    }
    return by_unit.get(feature.unit, lambda: random.random(rows))().astype(float)


def _target(columns: pa.Table, random: np.random.Generator) -> pa.Array:
    known = {name: columns[name].fill_null(0.5).to_numpy() for name in ("EXT_SOURCE_2", "EXT_SOURCE_3")}
    age = -columns["DAYS_BIRTH"].to_numpy() / 365
    logit = 2 - 3 * known["EXT_SOURCE_2"] - 2 * known["EXT_SOURCE_3"] - 0.03 * (age - 45)
    default = random.random(len(age)) < 1 / (1 + np.exp(-logit))
    return pa.array(default.astype(np.int8), pa.int8(), mask=np.arange(len(age)) % 10 == 9)


def _observed(column: pa.ChunkedArray) -> describe.Observed:
    missing_rate = column.null_count / len(column)
    if pa.types.is_string(column.type):
        return describe.Observed(missing_rate)
    known = column.drop_null().to_numpy()
    return describe.Observed(missing_rate, known.min(), known.max(), float(np.median(known)))
