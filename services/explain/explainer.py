"""Contributions of features to one model's margin, checked, and on the officer's scale."""

from pathlib import Path

import numpy as np
from prometheus_client import Counter

from pipeline.features.derived import DERIVED
from pipeline.features.dictionary import Feature
from pipeline.model.applicants import Applicants
from pipeline.model.encoding import Matrix
from pipeline.model.manifest import BOOSTER, Manifest
from pipeline.model.runtime import ScoringModel
from services.common import tracing
from services.common.errors import ClairscoreError
from services.explain.ensemble import Ensemble, Floats
from services.explain.portfolio.drift import Reference
from services.explain.treeshap import TreeShap

# Of base value plus contributions to the margin, and of its probability to the served model's.
TOLERANCE = 1e-5
# A margin nearer to the base value than this moves the probability as a straight line does.
_NO_DISTANCE = 1e-6

_not_additive = Counter(
    "clairscore_explain_not_additive", "Explanations that were refused because they did not add up."
)


class NotAdditive(ClairscoreError):
    """Contributions do not add up to the margin, or the margin is not the served model's: nothing is answered."""

    reason = "NOT_ADDITIVE"


class Explainer:
    """Explains one model. Safe to call from several threads at once.

    Everything is by feature, in the order of ``features``: the indicators of a category are added up.
    """

    def __init__(self, model: ScoringModel, ensemble: Ensemble, reference: Reference | None = None) -> None:
        """``reference``: the training clients, to tell by how much a portfolio has drifted from them."""
        self.model = model
        self.reference = reference
        self.ensemble = ensemble
        self.applicants = Applicants(model)
        inputs = model.manifest.inputs
        names = list(dict.fromkeys(i.feature for i in inputs))
        self.features: tuple[Feature, ...] = tuple(model.dictionary.by_name[name] for name in names)
        self.place = {name: k for k, name in enumerate(names)}
        self._order = np.argsort([self.place[i.feature] for i in inputs], kind="stable")
        counts = np.bincount([self.place[i.feature] for i in inputs])
        self._first = np.cumsum(counts) - counts
        self._shap = TreeShap(ensemble, len(inputs))
        self.base_value = self._shap.base_value
        self.base_probability = float(self.repayment(np.array([self.base_value]))[0])

    @classmethod
    def load(cls, folder: Path, *, threads: int = 1) -> "Explainer":
        """Verifies a model folder and prepares to explain its model; takes some seconds.

        Raises:
            Misconfigured: a file is missing, changed or foreign; names it.
        """
        model = ScoringModel.load(folder, threads=threads)
        return cls(model, Ensemble.load(folder / BOOSTER), Reference.load(folder))

    @property
    def manifest(self) -> Manifest:
        """The manifest of the model that is explained."""
        return self.model.manifest

    def depends_on(self, base: str) -> bool:
        """Whether the model uses a base feature or a derived one that follows from it."""
        return base in self.place or any(d.name in self.place and base in d.inputs for d in DERIVED)

    def contributions(self, matrix: Matrix, *, threads: int = 1) -> Floats:
        """Exact contributions to the margin (log-odds of default), shape (n, features), of rows of the model's input.

        Raises:
            NotAdditive: those of some row do not add up.
        """
        with tracing.span("TreeSHAP", rows=len(matrix)):
            by_input = self._shap.contributions(matrix, threads=threads)
        values = np.add.reduceat(by_input[:, self._order], self._first, axis=1)
        error = np.abs(self.base_value + values.sum(axis=1) - self._shap.margins(matrix)).max(initial=0.0)
        if not error < TOLERANCE:
            _not_additive.inc()
            raise NotAdditive(f"The contributions miss the margin by {error:g}.")
        return values

    def margins(self, matrix: Matrix) -> Floats:
        """Log-odds of default, shape (n,), by the trees alone and in double precision.

        Raises:
            NotAdditive: the served model gives some row another probability.
        """
        margins = self._shap.margins(matrix)
        error = np.abs(_logistic(margins) - self.model.raw(matrix)).max(initial=0.0)
        if not error < TOLERANCE:
            _not_additive.inc()
            raise NotAdditive(f"The trees' probability is {error:g} off the served one.")
        return margins

    def repayment(self, margins: Floats) -> Floats:
        """Probabilities of repayment (0..1, on the score's scale) of margins; any shape."""
        return 1 - self.model.manifest.probabilities(_logistic(margins))[0]

    def points(self, contributions: Floats, margins: Floats) -> Floats:
        """Contributions to the probability of repayment, shape (n, features): the margin's, times one factor a row.

        They add up to ``repayment(margins) - base_probability``. The factor is the probability's mean slope between
        base value and margin: these are the Aumann-Shapley values of the probability as a function of the contributions
        (Aumann, Shapley 1974; the path method of Sundararajan et al. 2017, arXiv 1703.01365, along the straight line).
        """
        return contributions * self.slope(np.full(len(margins), self.base_value), margins)[:, None]

    def slope(self, start: Floats, end: Floats) -> Floats:
        """Mean change of the probability of repayment per unit of margin between two margins, shapes (n,)."""
        near = np.abs(end - start) < _NO_DISTANCE
        # A finite step stands for the derivative where there is no distance.
        end = np.where(near, start + _NO_DISTANCE, end)
        return np.asarray((self.repayment(end) - self.repayment(start)) / (end - start))


def _logistic(margins: Floats) -> Floats:
    # By tanh it never overflows.
    return np.asarray(0.5 * (1 + np.tanh(margins / 2)))
