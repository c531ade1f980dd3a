"""The trees as far as a client's changes can reach: all other conditions are decided by the client's own values."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.model.encoding import Matrix
from services.explain.ensemble import Ensemble, Floats
from services.explain.tree_walks import restrict, sum_leaves

Columns: TypeAlias = npt.NDArray[np.intp]


class RestrictedTrees:
    """Margins of versions of one client that differ from it in some inputs only.

    The same as of the whole trees but for rounding, many times faster: most conditions fall away, and most trees with
    them.
    """

    def __init__(self, ensemble: Ensemble, client: Matrix, columns: Columns) -> None:
        """Takes the client's own input, shape (1, inputs), and the inputs that may change."""
        place = np.full(client.shape[1], -1, np.int32)
        place[columns] = np.arange(len(columns), dtype=np.int32)
        # By new node: the tree's own node. By new leaf: the tree's own leaf.
        trees, nodes, leaves = len(ensemble.node_start), len(ensemble.feature), len(ensemble.leaf_value)
        self._node_start, self._leaf_start = np.zeros(trees, np.int32), np.zeros(trees, np.int32)
        node, leaf, child = np.empty(nodes, np.int32), np.empty(leaves, np.int32), np.empty(2 * nodes, np.int32)
        kept, self._constant = restrict(
            client[0],
            place,
            ensemble.node_start,
            ensemble.leaf_start,
            ensemble.feature,
            ensemble.threshold,
            ensemble.missing,
            ensemble.missing_left,
            ensemble.child.ravel(),
            ensemble.leaf_value,
            self._node_start,
            self._leaf_start,
            node,
            leaf,
            child,
        )
        self._constant += ensemble.constant
        self._node_start, self._leaf_start = self._node_start[: kept + 1], self._leaf_start[: kept + 1]
        node, leaf = node[: self._node_start[-1]], leaf[: self._leaf_start[-1]]
        self._feature = place[ensemble.feature[node]]
        self._threshold, self._missing = ensemble.threshold[node], ensemble.missing[node]
        self._missing_left, self._child = ensemble.missing_left[node], child[: 2 * len(node)]
        self._leaf_value = ensemble.leaf_value[leaf]
        # Which of the columns some condition still reads.
        self.read = np.unique(self._feature)

    def margins(self, matrix: Matrix) -> Floats:
        """Log-odds of default, shape (n,), of rows of the inputs that may change, shape (n, columns)."""
        values = np.full(len(matrix), self._constant)
        sum_leaves(
            matrix,
            self._node_start,
            self._leaf_start,
            self._feature,
            self._threshold,
            self._missing,
            self._missing_left,
            self._child,
            self._leaf_value,
            values,
        )
        return values
