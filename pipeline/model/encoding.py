"""From features to the model's input: one encoding for a table of clients and for one record.

A number is one input (missing: NaN). A category is one 0/1 input per category (missing: all 0).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.features.dictionary import FeatureDictionary, Kind
from pipeline.features.names import slug
from pipeline.model.limits import REQUIRED, accepted_range
from pipeline.model.manifest import ModelInput
from pipeline.model.validation import Value
from services.common.errors import InvalidInput, Violation

Matrix = npt.NDArray[np.float32]

_NO_INPUT = -1


def model_inputs(dictionary: FeatureDictionary) -> tuple[ModelInput, ...]:
    """All inputs that a dictionary's features can give, in its order."""
    inputs: list[ModelInput] = []
    for feature in dictionary.features:
        if feature.kind is Kind.NUMBER:
            minimum, maximum = accepted_range(feature)
            inputs.append(
                ModelInput(
                    name=feature.name,
                    feature=feature.name,
                    required=feature.name in REQUIRED,
                    minimum=minimum,
                    maximum=maximum,
                )
            )
        inputs.extend(
            ModelInput(
                name=f"{feature.name}_{slug(category.value)}",
                feature=feature.name,
                category=category.value,
                required=True,
                minimum=0.0,
                maximum=1.0,
            )
            for category in feature.categories
        )
    return tuple(inputs)


class Encoder:
    """Encodes features in the order of a model's inputs. Features that the model does not use are ignored."""

    def __init__(self, inputs: Sequence[ModelInput], dictionary: FeatureDictionary) -> None:
        self.width = len(inputs)
        self._names = [i.name for i in inputs]
        self._numbers = [i.feature for i in inputs if i.category is None]
        self._number_inputs = np.array([k for k, i in enumerate(inputs) if i.category is None], dtype=np.intp)
        # Feature -> category -> its input; a category that training dropped has none.
        self._indicators: dict[str, dict[str, int]] = {}
        for k, model_input in enumerate(inputs):
            if model_input.category is not None:
                known = dictionary.by_name[model_input.feature].categories
                of_feature = self._indicators.setdefault(model_input.feature, {c.value: _NO_INPUT for c in known})
                of_feature[model_input.category] = k

    @property
    def features(self) -> list[str]:
        """The features that are read, each once."""
        return [*self._numbers, *self._indicators]

    def table(self, table: pa.Table) -> Matrix:
        """Encodes clients, one a row, as the features file holds them; returns shape (n, inputs).

        Raises:
            InvalidInput: a column is missing or of the wrong type, a category is not in the dictionary, or a number is
                too large for float32.
        """
        known = set(table.column_names)
        missing = [name for name in self.features if name not in known]
        if missing:
            raise InvalidInput([Violation(name, "is missing from the table") for name in missing])
        matrix = np.zeros((table.num_rows, self.width), dtype=np.float32)
        with np.errstate(over="ignore"):
            for k, name in zip(self._number_inputs, self._numbers, strict=True):
                matrix[:, k] = _cast(table, name, pa.float64()).to_numpy()
        hot = np.empty((table.num_rows, len(self._indicators)), dtype=np.intp)
        for k, (name, categories) in enumerate(self._indicators.items()):
            column = _cast(table, name, pa.string())
            codes = pc.index_in(column, value_set=pa.array(categories, pa.string()))
            if codes.null_count > column.null_count:
                unknown = pc.unique(column.filter(pc.and_(pc.is_null(codes), pc.is_valid(column)))).to_pylist()
                raise InvalidInput([_unknown_category(name, value) for value in unknown])
            targets = np.array([*categories.values(), _NO_INPUT], dtype=np.intp)
            hot[:, k] = targets[codes.fill_null(len(categories)).to_numpy()]
        return self._completed(matrix, hot)

    def record(self, record: Mapping[str, Value]) -> Matrix:
        """Encodes one client's base and derived features (None: missing); returns shape (1, inputs).

        Raises:
            InvalidInput: a feature is missing, a category is not in the dictionary, or a number is too large for
                float32.
        """
        missing = [name for name in self.features if name not in record]
        if missing:
            raise InvalidInput([Violation(name, "is missing from the record") for name in missing])
        matrix = np.zeros((1, self.width), dtype=np.float32)
        with np.errstate(over="ignore"):
            matrix[0, self._number_inputs] = np.array([record[name] for name in self._numbers], dtype=np.float64)
        hot = np.full((1, len(self._indicators)), _NO_INPUT, dtype=np.intp)
        for k, (name, categories) in enumerate(self._indicators.items()):
            value = record[name]
            if value is None:
                continue
            if value not in categories:
                raise InvalidInput([_unknown_category(name, value)])
            hot[0, k] = categories[str(value)]
        return self._completed(matrix, hot)

    def _completed(self, matrix: Matrix, hot: npt.NDArray[np.intp]) -> Matrix:
        """Sets inputs to 1, given in shape (n, category features), in a matrix that has its numbers, and checks it."""
        rows, features = np.nonzero(hot != _NO_INPUT)
        matrix[rows, hot[rows, features]] = 1
        overflown = np.isinf(matrix)
        if overflown.any():
            names = [self._names[k] for k in np.flatnonzero(overflown.any(axis=0))]
            raise InvalidInput([Violation(name, "is infinite or too large for the model (float32)") for name in names])
        return matrix


def _cast(table: pa.Table, name: str, to: pa.DataType) -> pa.ChunkedArray:
    column = table[name]
    if column.type == to:
        return column
    if pa.types.is_null(column.type) or (pa.types.is_dictionary(column.type) and pa.types.is_string(to)):
        return column.cast(to)
    if pa.types.is_floating(to) and (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return column.cast(to)
    raise InvalidInput([Violation(name, f"must be of type {to}, not {column.type}")])


def _unknown_category(name: str, value: Value) -> Violation:
    return Violation(name, f"{value!r} is not one of its categories")
