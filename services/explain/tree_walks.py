"""The compiled loops over trees; what they compute, and why it is right, say the modules that call them.

Numba keeps what it compiled on disk and takes it from there until this file changes. It does not see changes of a
function in another file, so whatever the loops call must stand here too.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from pipeline.model.encoding import Matrix
from services.explain.ensemble import Floats, Ints

Kernel: TypeAlias = Callable[..., None]

# What the conditions on an edge's feature can be: not met (before the edge already, or by it, where it is the first),
# met, or met up to this edge only.
NOT_MET, MET, NO_LONGER_MET = 0, 1, 2
STATES = 3
# The roles of an input in an interaction of two features; 0: none.
FIRST, SECOND = 1, 2
# LightGBM's kZeroThreshold.
_ZERO = float(np.float32(1e-35))


@numba.njit(nogil=True, inline="always")
def goes_left(value: float, threshold: float, missing: int, missing_left: bool) -> bool:
    """Whether a row with that value of a node's feature goes left there; ``missing`` as in ``Ensemble``."""
    if np.isnan(value):
        if missing != 0:
            return missing_left
        value = 0.0
    elif missing == 1 and abs(value) <= _ZERO:
        return missing_left
    return value <= threshold


@numba.njit(nogil=True, cache=True)
def sum_leaves(
    matrix: Matrix,
    node_start: Ints,
    leaf_start: Ints,
    feature: Ints,
    threshold: Floats,
    missing: npt.NDArray[np.uint8],
    missing_left: npt.NDArray[np.bool_],
    child: Ints,
    leaf_value: Floats,
    margins: Floats,
) -> None:
    """Adds to ``margins``, shape (n,), the value of every leaf that each row of ``matrix``, (n, inputs), reaches."""
    for tree in range(len(node_start) - 1):
        for row in range(len(matrix)):
            place = 0
            while place >= 0:
                node = node_start[tree] + place
                value = np.float64(matrix[row, feature[node]])
                left = goes_left(value, threshold[node], missing[node], missing_left[node])
                place = child[2 * node + (0 if left else 1)]
            margins[row] += leaf_value[leaf_start[tree] + ~place]


@numba.njit(nogil=True, cache=True)
def restrict(
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


@numba.njit(nogil=True, cache=True, error_model="numpy")
def add_interactions(
    matrix: Matrix,
    threshold: Floats,
    missing: npt.NDArray[np.uint8],
    missing_left: npt.NDArray[np.bool_],
    leaves: Ints,
    leaf_value: Floats,
    condition_start: Ints,
    step_start: Ints,
    condition_input: Ints,
    share: Floats,
    step_node: Ints,
    step_side: npt.NDArray[np.uint8],
    role: npt.NDArray[np.uint8],
    known: Floats,
    weights: Floats,
    values: Floats,
) -> None:
    """Adds to ``values``, shape (n,), the interaction of two features in ``leaves``; see ``interaction.values``.

    ``role`` says of each input whether it belongs to the first feature, the second, or neither (0).
    """
    points = len(known)
    product, first, second = np.empty(points), np.empty(points), np.empty(points)
    for leaf in leaves:
        for row in range(len(matrix)):
            product[:] = leaf_value[leaf] * weights
            first[:] = 0.0
            second[:] = 0.0
            for condition in range(condition_start[leaf], condition_start[leaf + 1]):
                value = np.float64(matrix[row, condition_input[condition]])
                met = True
                for step in range(step_start[condition], step_start[condition + 1]):
                    node = step_node[step]
                    left = goes_left(value, threshold[node], missing[node], missing_left[node])
                    met = met and left == (step_side[step] == 0)
                z = share[condition]
                o = 1.0 if met else 0.0
                of = role[condition_input[condition]]
                for k in range(points):
                    factor = o * known[k] + z * (1.0 - known[k])
                    product[k] *= factor
                    if of == FIRST:
                        first[k] += (o - z) / factor
                    elif of == SECOND:
                        second[k] += (o - z) / factor
            for k in range(points):
                values[row] += product[k] * first[k] * second[k]


@lru_cache
def contributions_walk(points: int) -> Kernel:
    """The walk for that many quadrature points: known when it is compiled, they become vector instructions."""
    # Unsigned: a signed index would be tested for being negative again and again.
    u = np.uint64
    width = u(points)

    # One function on purpose: split into a way down and a way up it takes twice as long.
    @numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
    def walk(  # noqa: PLR0912
        matrix: Matrix,
        node_start: Ints,
        leaf_start: Ints,
        feature: Ints,
        threshold: Floats,
        missing: npt.NDArray[np.uint8],
        missing_left: npt.NDArray[np.bool_],
        child: Ints,
        leaf_value: Floats,
        previous: Ints,
        factors: Floats,
        contributions: Floats,
    ) -> None:
        most = 0
        for tree in range(len(node_start) - 1):
            most = max(most, node_start[tree + 1] - node_start[tree])
        # By node of the tree: the path's product and its leaves' sum; by edge: its state.
        product, total = np.empty(most * points), np.empty(most * points)
        state = np.empty(2 * most, np.uint8)
        for tree in range(len(node_start) - 1):
            start, leaves = u(node_start[tree]), u(leaf_start[tree])
            nodes = u(node_start[tree + 1]) - start
            for row in range(len(matrix)):
                for k in range(points):
                    product[k] = 1.0
                # Down: products and states.
                for place in range(nodes):
                    own = u(place)
                    node = start + own
                    value = np.float64(matrix[row, feature[node]])
                    left = goes_left(value, threshold[node], missing[node], missing_left[node])
                    for side in range(2):
                        met = left if side == 0 else not left
                        edge = u(2) * node + u(side)
                        now = np.uint8(MET) if met else np.uint8(NOT_MET)
                        above = previous[edge]
                        if above >= 0:
                            if state[above] != MET:
                                now = np.uint8(NOT_MET)
                            elif not met:
                                now = np.uint8(NO_LONGER_MET)
                        state[u(2) * own + u(side)] = now
                        below = child[edge]
                        if below >= 0:
                            table = (edge * u(STATES) + u(now)) * u(2) * width
                            for k in range(points):
                                product[u(below) * width + u(k)] = product[own * width + u(k)] * factors[table + u(k)]
                # Up: sums of the leaves' products, and the features' shares of them.
                for back in range(nodes):
                    own = nodes - u(1) - u(back)
                    node = start + own
                    share = 0.0
                    for side in range(2):
                        edge = u(2) * node + u(side)
                        table = (edge * u(STATES) + u(state[u(2) * own + u(side)])) * u(2) * width
                        below = child[edge]
                        if below < 0:
                            value = leaf_value[leaves + u(~below)]
                            for k in range(points):
                                part = value * product[own * width + u(k)] * factors[table + u(k)]
                                share += part * factors[table + width + u(k)]
                                total[own * width + u(k)] = part + (total[own * width + u(k)] if side == 1 else 0.0)
                        else:
                            for k in range(points):
                                part = total[u(below) * width + u(k)]
                                share += part * factors[table + width + u(k)]
                                total[own * width + u(k)] = part + (total[own * width + u(k)] if side == 1 else 0.0)
                    contributions[row, feature[node]] += share

    kernel: Kernel = walk
    return kernel
