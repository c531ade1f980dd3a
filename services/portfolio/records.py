"""A client's features as one packed value, so that a whole row is read at once.

Little-endian float64, in the dictionary's order: a number as it is, a category as its index in the dictionary; NaN is
missing. Exact for every number that the features file holds.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.features.dictionary import Feature, FeatureDictionary, Kind
from pipeline.model.validation import Value
from services.common.errors import InvalidInput, Violation

_TYPE = np.dtype("<f8")


def pack(clients: pa.Table, dictionary: FeatureDictionary) -> pa.Array:
    """Packs clients, one a row, as the features file holds them; returns one binary value per client.

    Raises:
        InvalidInput: names the features with a category that the dictionary does not know.
    """
    matrix = np.empty((clients.num_rows, len(dictionary.features)), dtype=_TYPE)
    faults = []
    for k, feature in enumerate(dictionary.features):
        column = clients[feature.name]
        if feature.kind is Kind.CATEGORY:
            known = pa.array([category.value for category in feature.categories], pa.string())
            codes = pc.index_in(column, value_set=known)
            if codes.null_count > column.null_count:
                faults.append(Violation(feature.name, "holds categories that are not in the dictionary"))
            column = codes.cast(pa.float64())
        matrix[:, k] = column.to_numpy()
    if faults:
        raise InvalidInput(faults)
    width = matrix.shape[1] * _TYPE.itemsize
    return pa.Array.from_buffers(pa.binary(width), len(matrix), [None, pa.py_buffer(matrix)])


def unpack(record: bytes, features: Sequence[Feature]) -> dict[str, Value]:
    """Returns every feature of a packed client by name, None where missing."""
    values = np.frombuffer(record, dtype=_TYPE).tolist()
    return {feature.name: _value(value, feature) for feature, value in zip(features, values, strict=True)}


def _value(value: float, feature: Feature) -> Value:
    if value != value:  # noqa: PLR0124 (only NaN differs from itself)
        return None
    return value if feature.kind is Kind.NUMBER else feature.categories[int(value)].value
