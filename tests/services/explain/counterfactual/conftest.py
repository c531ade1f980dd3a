"""A model of clients whose risk follows from what they can change, and what the search reads of a portfolio."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.models import FOR_FEW, write_tiny_features

from pipeline.features import store
from pipeline.features.dictionary import Kind
from pipeline.training.train import train
from services.explain.explainer import Explainer


class TableRanks:
    """Exact ranks, by the sorted values themselves."""

    def __init__(self, table, dictionary):
        columns = {f.name: table[f.name].drop_null() for f in dictionary.features}
        kinds = {f.name: f.kind for f in dictionary.features}
        self._ordered = {n: np.sort(c.to_numpy()) for n, c in columns.items() if kinds[n] is Kind.NUMBER}
        self._categories = {n: c.to_pylist() for n, c in columns.items() if kinds[n] is Kind.CATEGORY}

    def percentile(self, feature, value):
        ordered = self._ordered[feature]
        ends = np.searchsorted(ordered, value), np.searchsorted(ordered, value, side="right")
        return float(sum(ends) / 2 / len(ordered)) if len(ordered) else None

    def range(self, feature):
        ordered = self._ordered[feature]
        return (float(ordered[0]), float(ordered[-1])) if len(ordered) else None

    def categories(self, feature):
        values = self._categories[feature]
        return {value: values.count(value) / len(values) for value in set(values)}


class NearestNeighbours:
    """Exact nearest neighbours by brute force."""

    def __init__(self, contributions):
        self._contributions = contributions
        self._own = [np.sort(np.linalg.norm(contributions - c, axis=1))[1] for c in contributions]

    def plausibility(self, contributions):
        nearest = np.linalg.norm(self._contributions - contributions, axis=1).min()
        return float(np.mean(np.array(self._own) > nearest))


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    """Large credits and debts, small incomes and short employments default."""
    folder = tmp_path_factory.mktemp("actionable")
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


@pytest.fixture(scope="session")
def explainer(model_folder):
    return Explainer.load(model_folder)


@pytest.fixture(scope="session")
def clients(model_folder):
    return pq.read_table(model_folder.parent / "features.parquet")


@pytest.fixture(scope="session")
def matrix(explainer, clients):
    return np.asarray(explainer.model.encoder.table(clients))


@pytest.fixture(scope="session")
def records(explainer, clients):
    return clients.select([feature.name for feature in explainer.model.dictionary.base]).to_pylist()


@pytest.fixture(scope="session")
def ranks(explainer, clients):
    return TableRanks(clients, explainer.model.dictionary)


@pytest.fixture(scope="session")
def neighbours(explainer, matrix):
    return NearestNeighbours(explainer.contributions(matrix[:100]))


@pytest.fixture(scope="session")
def refused(explainer, matrix, records):
    """The refused clients."""
    repayment = 1 - explainer.model.probability_of_default(matrix)
    rows = np.flatnonzero(repayment < explainer.model.manifest.threshold)
    return [explainer.applicants.record(records[row], {}) for row in rows[:40]]
