"""A feature of the model by its name, and the portfolio's columns as arrays of numbers."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.features.dictionary import Feature, Kind
from pipeline.features.store import TARGET
from services.common.errors import NotFound
from services.explain.ensemble import Floats
from services.explain.explainer import Explainer

_SHOWN = 60


def feature_of(explainer: Explainer, name: str) -> Feature:
    """The feature of that name.

    Raises:
        NotFound: the model uses none; ``feature`` in its details.
    """
    place = explainer.place.get(name)
    if place is None:
        shown = name[:_SHOWN]
        raise NotFound(f"The model has no feature {shown!r}.", feature=shown)
    return explainer.features[place]


def values_of(table: pa.Table, feature: Feature) -> Floats:
    """A feature's column, shape (n,); NaN means missing. A category is its position in the dictionary."""
    column = table[feature.name]
    if feature.kind is Kind.CATEGORY:
        column = pc.index_in(column, value_set=pa.array([c.value for c in feature.categories], pa.string()))
    return np.asarray(column.cast(pa.float64()).to_numpy())


def outcomes_of(table: pa.Table) -> Floats:
    """What became of the clients, shape (n,): 1 for a default, 0 for a repaid loan, NaN where unknown."""
    return np.asarray(table[TARGET].cast(pa.float64()).to_numpy())
