"""Exact SHAP interaction values of one pair of features, by Gauss-Legendre quadrature.

The game is that of ``treeshap``: a leaf of value v is worth ``v · Π_k (o_k if k is known else z_k)`` over the inputs k
on its path. The Shapley interaction index of the inputs i and j (Grabisch, Roubens 1999, "An axiomatic approach to the
concept of interaction among players in cooperative games") is the mean of what the two add together beyond what each
adds alone. By the multilinear extension it is an integral as well,

    I_ij = v (o_i - z_i)(o_j - z_j) ∫₀¹ Π_{k≠i,j} (o_k t + z_k (1 - t)) dt,

of a polynomial in t of degree (inputs - 2), which K = ⌈(inputs - 1) / 2⌉ points integrate exactly. The matrix of
Lundberg et al. (2018), arXiv 1802.03888, which ``shap`` computes, holds half of it at [i, j] and half at [j, i].

Only leaves with both features on their path matter, so one pair needs few of them, where the whole matrix would need
all pairs of all leaves. Of features with several inputs (the indicators of a category) the pairs are added up: with
f_k = o_k t + z_k (1 - t), the sum over the pairs is ``Π_k f_k · Σ_i (o_i - z_i) / f_i · Σ_j (o_j - z_j) / f_j`` at
each point. No f_k is 0 there: every branch was taken by some training row.
"""

from collections.abc import Sequence

import numpy as np

from pipeline.model.encoding import Matrix
from services.explain.ensemble import Ensemble, Floats
from services.explain.interaction.paths import LeafPaths
from services.explain.tree_walks import FIRST, SECOND, add_interactions


class InteractionValues:
    """Interactions in one model's trees. Safe to call from several threads at once."""

    def __init__(self, ensemble: Ensemble, inputs: int) -> None:
        """Follows the trees' paths and compiles the loop over them; takes some seconds."""
        self._trees = ensemble
        self._inputs = inputs
        self._paths = LeafPaths.of(ensemble)
        points = max(1, self._paths.longest // 2)
        nodes, weights = np.polynomial.legendre.leggauss(points)
        # From [-1, 1] to [0, 1].
        self._known, self._weights = (nodes + 1) / 2, weights / 2
        self.of_pair(np.zeros((1, inputs), np.float32), [0], [0])

    def of_pair(self, matrix: Matrix, first: Sequence[int], second: Sequence[int]) -> Floats:
        """What two features add to the margin together, log-odds, shape (n,): both halves of the interaction values.

        Args:
            matrix: rows of the model's input, shape (n, inputs); NaN means missing.
            first: the inputs of one feature.
            second: those of the other; none of them among ``first``.
        """
        role = np.zeros(self._inputs, np.uint8)
        role[list(first)] = FIRST
        role[list(second)] = SECOND
        values = np.zeros(len(matrix))
        trees, paths = self._trees, self._paths
        add_interactions(
            matrix,
            trees.threshold,
            trees.missing,
            trees.missing_left,
            paths.with_both(role),
            paths.value,
            paths.condition_start,
            paths.step_start,
            paths.input,
            paths.share,
            paths.node,
            paths.side,
            role,
            self._known,
            self._weights,
            values,
        )
        return values
