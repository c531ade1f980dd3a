"""The trees as far as a client's changes can reach: all other conditions are decided by the client's own values."""

from typing import TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from pipeline.model.encoding import Matrix
from services.explain.ensemble import Ensemble, Floats, Ints
from services.explain.tree_walks import goes_left, sum_leaves

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
        kept, self._constant = _restrict(
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


@numba.njit(nogil=True)
def _restrict(
    client: npt.NDArray[np.float32],
    place: Ints,
    node_start: Ints,
    leaf_start: Ints,
    feature: Ints,
    threshold: Floats,
    missing: npt.NDArray[np.uint8],
    missing_left: npt.NDArray[np.bool_],
    child: Ints,
    leaf_value: Floats,
    new_node_start: Ints,
    new_leaf_start: Ints,
    new_node: Ints,
    new_leaf: Ints,
    new_child: Ints,
) -> tuple[int, float]:
    """Fills the arrays called new; returns how many trees still have a condition, and what the others add."""
    kept, nodes, leaves, constant = 0, 0, 0, 0.0
    # Below which new edge (-1: a tree's root), and which place of the tree comes there.
    edges, places = np.empty(len(feature) + 2, np.int64), np.empty(len(feature) + 2, np.int64)
    for tree in range(len(node_start) - 1):
        waiting = 1
        edges[0], places[0] = -1, 0
        while waiting > 0:
            waiting -= 1
            edge, own = edges[waiting], places[waiting]
            while own >= 0 and place[feature[node_start[tree] + own]] < 0:
                node = node_start[tree] + own
                value = np.float64(client[feature[node]])
                left = goes_left(value, threshold[node], missing[node], missing_left[node])
                own = child[2 * node + (0 if left else 1)]
            if own >= 0:
                node = node_start[tree] + own
                if edge >= 0:
                    new_child[edge] = nodes - new_node_start[kept]
                new_node[nodes] = node
                for side in range(2):
                    edges[waiting], places[waiting] = 2 * nodes + side, child[2 * node + side]
                    waiting += 1
                nodes += 1
            elif edge < 0:
                constant += leaf_value[leaf_start[tree] + ~own]
            else:
                new_child[edge] = ~(leaves - new_leaf_start[kept])
                new_leaf[leaves] = leaf_start[tree] + ~own
                leaves += 1
        if nodes > new_node_start[kept]:
            kept += 1
            new_node_start[kept], new_leaf_start[kept] = nodes, leaves
    return kept, constant
