"""A model of clients whose risk follows from what they can change, and what the search reads of a portfolio."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from support.models import train_actionable_model

from pipeline.features.dictionary import Kind
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

    def plausibility(self, contributions, exclude=0):
        nearest = np.linalg.norm(self._contributions - contributions, axis=1).min()
        return float(np.mean(np.array(self._own) > nearest))


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    return train_actionable_model(tmp_path_factory.mktemp("actionable"))


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
