"""Refuses input that cannot be scored, naming every faulty field; free of any transport."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.features.dictionary import FeatureDictionary, Kind, Role
from pipeline.model.limits import FLOAT32_MAX, REQUIRED, accepted_range
from pipeline.model.manifest import ModelInput
from services.common.errors import InvalidInput, Violation

Value = float | str | None

_SHOWN = 60


class RecordValidator:
    """Checks a client's base features (application and history, no derived ones) against a feature dictionary."""

    def __init__(self, dictionary: FeatureDictionary) -> None:
        self._derived = frozenset(f.name for f in dictionary.features if f.role is Role.DERIVED)
        self._categories = {
            f.name: frozenset(c.value for c in f.categories) for f in dictionary.base if f.kind is Kind.CATEGORY
        }
        self._ranges = {f.name: accepted_range(f) for f in dictionary.base if f.kind is Kind.NUMBER}
        self._bounds = {name: _finite(*limits) for name, limits in self._ranges.items()}
        self._names = [f.name for f in dictionary.base]

    def validate(self, record: Mapping[str, Value]) -> None:
        """Accepts a record that holds exactly the base features; None means that a value is not known.

        Raises:
            InvalidInput: a field is missing, unknown, of the wrong type, not finite, out of its accepted range,
                not one of its feature's categories, or None where the model requires a value.
        """
        violations = list(self._faults(record))
        if violations:
            raise InvalidInput(violations)

    def fault(self, name: str, value: Value) -> str | None:
        """What is wrong with the value of one base feature; None: nothing."""
        if name in self._bounds:
            lower, upper = self._bounds[name]
            if isinstance(value, float | int) and lower <= value <= upper:
                return None
            return None if value is None and name not in REQUIRED else self._number_fault(name, value)
        known = self._categories[name]
        if value is None or value in known:
            return None
        if not isinstance(value, str):
            return "must be a category (text), not a number"
        return f"unknown category {_shown(value)}; known are: {', '.join(sorted(known))}"

    def _faults(self, record: Mapping[str, Value]) -> Iterator[Violation]:
        for name, (lower, upper) in self._bounds.items():
            value = record.get(name)
            # The usual case first: it decides how long a valid record takes.
            if isinstance(value, float | int) and lower <= value <= upper:
                continue
            if name in record and (value is not None or name in REQUIRED):
                yield Violation(name, self._number_fault(name, value))
        for name in self._categories:
            if (fault := self.fault(name, record.get(name))) is not None:
                yield Violation(name, fault)
        for name in self._names:
            if name not in record:
                yield Violation(name, "is missing from the record; send it without a value if it is not known")
        for name in record:
            if name in self._derived:
                yield Violation(name, "is a derived feature: it is always computed, leave it out")
            elif name not in self._bounds and name not in self._categories:
                yield Violation(_shown(name)[1:-1], "is not a feature of this model")

    def _number_fault(self, name: str, value: Value) -> str:
        if value is None:
            return "is required: the model does not score without it"
        if isinstance(value, str):
            return "must be a number, not text"
        if math.isnan(value):
            return "must not be NaN; send the field without a value if it is not known"
        return _range_fault(value, *self._ranges[name])


class VectorValidator:
    """Checks input vectors against a model's inputs. Bounds are computed once, so a valid row costs microseconds."""

    def __init__(self, inputs: Sequence[ModelInput]) -> None:
        self._inputs = tuple(inputs)
        bounds = [_finite(i.minimum, i.maximum) for i in self._inputs]
        self._lower = np.array([b[0] for b in bounds], dtype=np.float32)
        self._upper = np.array([b[1] for b in bounds], dtype=np.float32)
        self._required = np.flatnonzero([i.required for i in self._inputs])

    def validate(self, matrix: npt.NDArray[np.float32], *, row_name: Callable[[int], str] | None = None) -> None:
        """Accepts rows of the model's input, shape (n, inputs); NaN means missing, where the input allows it.

        Args:
            matrix: the rows.
            row_name: how a faulty row is named, by its number; by default ``rows[3]``, and not at all if it is alone.

        Raises:
            InvalidInput: another width, or values that are infinite, out of the accepted range, or NaN where the model
                requires a value; fields are ``rows[3].AMT_CREDIT`` or, of a row alone, ``AMT_CREDIT``.
        """
        width = len(self._inputs)
        if matrix.ndim != 2 or matrix.shape[1] != width:
            got = matrix.shape[-1] if matrix.ndim else 0
            raise InvalidInput(
                [Violation("values", f"must hold {width} values a row, in model input order, not {got}")]
            )
        # NaN compares false, so it passes here; infinities lie beyond the finite bounds.
        outside = (matrix < self._lower) | (matrix > self._upper)
        if not outside.any() and not np.isnan(matrix[:, self._required]).any():
            return
        outside[:, self._required] |= np.isnan(matrix[:, self._required])
        if row_name is None and len(matrix) > 1:
            row_name = "rows[{}]".format
        violations = []
        for row, column in np.argwhere(outside):
            model_input = self._inputs[column]
            field = model_input.name if row_name is None else f"{row_name(int(row))}.{model_input.name}"
            violations.append(Violation(field, _vector_fault(float(matrix[row, column]), model_input)))
        raise InvalidInput(violations)


def _vector_fault(value: float, model_input: ModelInput) -> str:
    if math.isnan(value):
        return "is required: NaN is not accepted"
    return _range_fault(value, model_input.minimum, model_input.maximum)


def _range_fault(value: float, minimum: float | None, maximum: float | None) -> str:
    if math.isinf(value):
        return "must be finite"
    if minimum is not None and maximum is not None:
        return f"{value:g} is out of range: {minimum:g} to {maximum:g} is accepted"
    if minimum is not None and value < minimum:
        return f"{value:g} is out of range: it must be at least {minimum:g}"
    if maximum is not None and value > maximum:
        return f"{value:g} is out of range: it must be at most {maximum:g}"
    return f"{value:g} is out of range: its magnitude must be at most {FLOAT32_MAX:.3g} (float32)"


def _finite(minimum: float | None, maximum: float | None) -> tuple[float, float]:
    return -FLOAT32_MAX if minimum is None else minimum, FLOAT32_MAX if maximum is None else maximum


def _shown(text: str) -> str:
    """The caller's own text, quoted, and short enough to be part of a message."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
