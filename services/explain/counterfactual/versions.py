"""Many versions of one client at once: encoded, checked for consistency, and scored by the trees."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.features.derived import DERIVED
from pipeline.features.dictionary import Kind
from pipeline.model.applicants import Applicant, Column
from pipeline.model.encoding import Matrix
from pipeline.model.validation import Value
from services.explain.counterfactual.candidates import Candidates, Ranks
from services.explain.counterfactual.restricted import RestrictedTrees
from services.explain.ensemble import Floats
from services.explain.explainer import TOLERANCE, Explainer

# Of n versions, the number of each feature's candidate, shape (n, features); UNCHANGED: the client's own value.
Plan = npt.NDArray[np.intp]
UNCHANGED = -1


class Versions:
    """Versions of a client that take candidate values for some features."""

    def __init__(self, explainer: Explainer, applicant: Applicant, moves: Sequence[Candidates], ranks: Ranks) -> None:
        self._explainer = explainer
        self._applicant = applicant
        self._moves = moves
        # UNCHANGED picks the last entry.
        self._costs = [np.array([*m.costs, 0.0]) for m in moves]
        self._values = [np.array([*m.values, m.own], object if isinstance(m.own, str) else np.float64) for m in moves]
        names = {m.feature.name for m in moves}
        derived = {d.name for d in DERIVED if not names.isdisjoint(d.inputs)}
        inputs = explainer.model.manifest.inputs
        self._columns = np.array([k for k, i in enumerate(inputs) if i.feature in names | derived], np.intp)
        self._trees = RestrictedTrees(explainer.ensemble, applicant.vector, self._columns)
        # Places of the moves that some condition of a tree can notice, by themselves or with others.
        noticed = {inputs[k].feature for k in self._columns[self._trees.read]}
        noticed |= {name for d in DERIVED if d.name in noticed for name in d.inputs}
        self.effective = tuple(k for k, m in enumerate(moves) if m.feature.name in noticed)
        self._derived = np.array([k for k, i in enumerate(inputs) if i.feature in derived], np.intp)
        self._lowest, self._highest = self._seen([inputs[k].feature for k in self._derived], ranks)
        self._ordered = _ordered_aggregates(explainer, names)

    def costs(self, plan: Plan) -> Floats:
        """Shapes (n, features) -> (n,)."""
        return np.asarray(sum(costs[plan[:, k]] for k, costs in enumerate(self._costs)))

    def changes(self, row: npt.NDArray[np.intp]) -> dict[str, Value]:
        """The changed features of one version of a plan with their new values, the dearest first."""
        changed = [(move, choice) for move, choice in zip(self._moves, row, strict=True) if choice != UNCHANGED]
        changed.sort(key=lambda change: -change[0].costs[change[1]])
        return {move.feature.name: move.values[choice] for move, choice in changed}

    def margins(self, plan: Plan) -> Floats:
        """Log-odds of default, shape (n,); infinite where a version contradicts itself.

        A version is consistent when each derived feature lies in the range seen in the portfolio, or is no further from
        it than the client is, and when the lowest, mean and highest of the same history values are in this order.
        """
        changes: dict[str, Column] = {
            move.feature.name: values[plan[:, k]].tolist() if values.dtype == object else values[plan[:, k]]
            for k, (move, values) in enumerate(zip(self._moves, self._values, strict=True))
            if (plan[:, k] != UNCHANGED).any()
        }
        matrix = self._explainer.applicants.versions(self._applicant, changes)
        margins = self._trees.margins(np.ascontiguousarray(matrix[:, self._columns]))
        return np.where(self._consistent(matrix, changes), margins, np.inf)

    def accepted(self, margins: Floats) -> npt.NDArray[np.bool_]:
        """Whether margins are over the threshold, by no less than the served model's rounding."""
        repayment = self._explainer.repayment(margins)
        return np.asarray(repayment >= self._explainer.model.manifest.threshold + TOLERANCE)

    def _seen(self, derived: Sequence[str], ranks: Ranks) -> tuple[Floats, Floats]:
        own = self._applicant.vector[0, self._derived].astype(np.float64)
        ranges = [ranks.range(name) or (-np.inf, np.inf) for name in derived]
        # The model's inputs are float32.
        lowest = np.array([low for low, _ in ranges], np.float32)
        highest = np.array([high for _, high in ranges], np.float32)
        return np.fmin(lowest, own), np.fmax(highest, own)

    def _consistent(self, matrix: Matrix, changes: Mapping[str, Column]) -> npt.NDArray[np.bool_]:
        values = matrix[:, self._derived]
        unknown = np.isnan(values)
        # What the client had must not be lost.
        lost = unknown & ~np.isnan(self._applicant.vector[0, self._derived])
        outside = ((values < self._lowest) | (values > self._highest)) & ~unknown
        consistent = ~(lost | outside).any(axis=1)
        for low, high in self._ordered:
            if low in changes or high in changes:
                consistent &= ~(self._column(low, changes) > self._column(high, changes))
        return np.asarray(consistent)

    def _column(self, name: str, changes: Mapping[str, Column]) -> Floats:
        value = changes.get(name, self._applicant.base[name])
        return np.asarray(np.nan if value is None else value, np.float64)


def _ordered_aggregates(explainer: Explainer, names: set[str]) -> list[tuple[str, str]]:
    """Pairs of history features, of which one may change, whose first is never above the second."""
    by_name = explainer.model.dictionary.by_name
    stems = {name.removesuffix(f"_{f.aggregation}") for name in names if (f := by_name[name]).aggregation}
    rising = [[f"{stem}_{end}" for end in ("MIN", "MEAN", "MAX")] for stem in sorted(stems)]
    known = [[n for n in group if n in by_name and by_name[n].kind is Kind.NUMBER] for group in rising]
    return [pair for group in known for pair in pairwise(group)]
