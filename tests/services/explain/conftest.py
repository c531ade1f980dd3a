"""A small model and its explainer."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from support.models import train_tiny_model

from services.explain.explainer import Explainer


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    """A trained model; the features of its clients lie beside it."""
    return train_tiny_model(tmp_path_factory.mktemp("explained"))


@pytest.fixture(scope="session")
def explainer(model_folder):
    return Explainer.load(model_folder)


@pytest.fixture(scope="session")
def clients(model_folder):
    """The clients' features, one a row, as the features file holds them."""
    return pq.read_table(model_folder.parent / "features.parquet")


@pytest.fixture(scope="session")
def matrix(explainer, clients):
    """Their model inputs, shape (n, inputs)."""
    return np.asarray(explainer.model.encoder.table(clients))


@pytest.fixture(scope="session")
def records(explainer, clients):
    """Their base features."""
    return clients.select([feature.name for feature in explainer.model.dictionary.base]).to_pylist()
