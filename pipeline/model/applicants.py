"""From a client as callers give one to the model's input: validated, with the derived features that follow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.features.derived import DERIVED, INPUTS
from pipeline.features.serving import OnlineFeatures, Row
from pipeline.model.encoding import Matrix
from pipeline.model.runtime import ScoringModel
from pipeline.model.validation import Value
from services.common.errors import InvalidInput, Violation

Record = Mapping[str, Value]
# Of n versions of a client: float64 with NaN for missing, or text with None for missing.
Column = npt.NDArray[np.float64] | Sequence[str | None]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Applicant:
    """One client: base features, the derived ones that follow from them, and the model's input, shape (1, inputs)."""

    base: Record
    derived: Record
    vector: Matrix

    @property
    def features(self) -> dict[str, Value]:
        """Every feature of the dictionary by name; None means missing."""
        return {**self.base, **self.derived}


@dataclass(frozen=True, slots=True)
class Clients:
    """n clients: the base features that derived ones follow from, shapes (n,), and the model's input, (n, inputs)."""

    base: Mapping[str, _Floats]
    matrix: Matrix


class Applicants:
    """Makes applicants for one model. Safe to call from several threads at once."""

    def __init__(self, model: ScoringModel) -> None:
        self._model = model
        self._features = OnlineFeatures()
        inputs = model.manifest.inputs
        self._number_input = {i.feature: k for k, i in enumerate(inputs) if i.category is None}
        self._category_inputs: dict[str, dict[str, int]] = {}
        for k, i in enumerate(inputs):
            if i.category is not None:
                self._category_inputs.setdefault(i.feature, {})[i.category] = k

    def record(self, record: Record, overrides: Record) -> Applicant:
        """Takes exactly the base features; None means that a value is not known.

        Args:
            record: base features by name.
            overrides: base features that replace the record's own; derived features follow.

        Raises:
            InvalidInput: names every faulty feature, those of the overrides as ``overrides[NAME]``.
        """
        base = {**record, **overrides}
        try:
            self._model.records.validate(base)
        except InvalidInput as error:
            raise _of_overrides(error, overrides) from error
        derived = self._features.derive(base)
        return Applicant(base, derived, self._model.encoder.record({**base, **derived}))

    def application(self, application: Row, histories: Mapping[str, Sequence[Row]], overrides: Record) -> Applicant:
        """Takes raw rows: aggregates and derived features are computed as in training.

        Args:
            application: the row of ``application_train`` or ``application_test``, by column.
            histories: the client's rows of each history table; a table that is not given is not known.
            overrides: base features that replace the computed ones.

        Raises:
            InvalidInput: names every faulty table, column or override.
        """
        return self.record(self._features.base_from_raw(application, histories), overrides)

    def versions(self, applicant: Applicant, changes: Mapping[str, Column]) -> Matrix:
        """Encodes n versions of a client, shape (n, inputs): each changed base feature has its n new values.

        The values are taken as they are: a caller who did not choose them validates them first.
        """
        rows = len(next(iter(changes.values())))
        matrix = np.repeat(applicant.vector, rows, axis=0)
        for name, values in changes.items():
            self._set(matrix, name, values)
        derived = self._derived(changes, lambda name: np.full(rows, _number(applicant.base.get(name))))
        for name, values in derived.items():
            self._set(matrix, name, values)
        return matrix

    @property
    def columns(self) -> list[str]:
        """The features that ``clients`` reads: the model's own, and those that derived ones follow from."""
        return list(dict.fromkeys([*self._model.encoder.features, *INPUTS]))

    def clients(self, table: pa.Table) -> Clients:
        """Takes n clients as the features file holds them, one a row: numbers, text, null for missing.

        Raises:
            InvalidInput: as ``Encoder.table``.
        """
        base = {name: table[name].cast(pa.float64()).to_numpy() for name in INPUTS}
        return Clients(base, self._model.encoder.table(table))

    def all_with(self, clients: Clients, name: str, values: Column) -> Iterator[Matrix]:
        """Encodes n clients with one feature set to each value in turn, for all of them; derived features follow.

        A derived feature may be set too, and then it alone. The values are taken as they are.

        Returns:
            For each value a matrix of shape (n, inputs).
        """
        rows = len(clients.matrix)
        # All at once: one query takes longer to start than to derive some thousand clients.
        changes = {name: np.repeat(values, rows)} if isinstance(values, np.ndarray) else {}
        derived = self._derived(changes, lambda other: np.tile(clients.base[other], len(values)))
        for k, value in enumerate(values):
            matrix = clients.matrix.copy()
            self._set(matrix, name, [value] * rows)
            for following, column in derived.items():
                self._set(matrix, following, column[k * rows : (k + 1) * rows])
            yield matrix

    def _set(self, matrix: Matrix, name: str, values: Column) -> None:
        if name in self._number_input:
            matrix[:, self._number_input[name]] = values
        for category, k in self._category_inputs.get(name, {}).items():
            matrix[:, k] = [value == category for value in values]

    def _derived(self, changes: Mapping[str, Column], unchanged: Callable[[str], _Floats]) -> dict[str, _Floats]:
        """The derived features that follow from a changed feature and that the model uses."""
        following = [d for d in DERIVED if d.name in self._number_input and not changes.keys().isdisjoint(d.inputs)]
        if not following:
            return {}
        base = {name: np.asarray(changes[name], np.float64) if name in changes else unchanged(name) for name in INPUTS}
        derived = self._features.derive_columns(base)
        return {d.name: derived[d.name] for d in following}


def _number(value: Value) -> float:
    return np.nan if value is None else float(value)


def _of_overrides(error: InvalidInput, overrides: Record) -> InvalidInput:
    return InvalidInput(
        [Violation(f"overrides[{v.field}]", v.description) if v.field in overrides else v for v in error.violations]
    )
