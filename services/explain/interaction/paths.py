"""The trees as paths from root to leaf, each with the conditions of every input on it."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from services.explain.ensemble import Ensemble, Floats, Ints

# Nodes and the sides taken there.
_Steps: TypeAlias = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class LeafPaths:
    """Leaves L, conditions C (a leaf and an input on its path), and steps S (a node on it and the side it takes).

    A row meets a condition if it takes all of its steps.
    """

    # Shape (L,).
    value: Floats
    # Shapes (L + 1,) and (C + 1,): where each leaf's conditions and each condition's steps begin.
    condition_start: Ints
    step_start: Ints
    # Shapes (C,): the input, and the product of the shares of training rows that take each of its steps.
    input: Ints
    share: Floats
    # Shapes (S,).
    node: Ints
    side: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, trees: Ensemble) -> "LeafPaths":
        """Follows every path; half a second for 800 trees of 31 leaves."""
        value: list[float] = []
        condition_start, step_start = [0], [0]
        inputs: list[int] = []
        shares: list[float] = []
        steps: list[tuple[int, int]] = []
        for tree, (start, end) in enumerate(pairwise(trees.node_start)):
            leaves = trees.leaf_start[tree]
            # A node's place in the tree, and by input the steps above it and the share of rows that take them.
            pending: list[tuple[int, dict[int, tuple[_Steps, float]]]] = [(0, {})] if end > start else []
            while pending:
                place, above = pending.pop()
                node = start + place
                used = int(trees.feature[node])
                taken, share = above.get(used, ((), 1.0))
                for side in (0, 1):
                    path = {**above, used: ((*taken, (node, side)), share * float(trees.share[node, side]))}
                    child = int(trees.child[node, side])
                    if child >= 0:
                        pending.append((child, path))
                        continue
                    value.append(float(trees.leaf_value[leaves + ~child]))
                    inputs += path
                    for followed, reached in path.values():
                        shares.append(reached)
                        steps += followed
                        step_start.append(len(steps))
                    condition_start.append(len(inputs))
        nodes, sides = zip(*steps, strict=True) if steps else ((), ())
        return cls(
            value=np.array(value, np.float64),
            condition_start=np.array(condition_start, np.int32),
            step_start=np.array(step_start, np.int32),
            input=np.array(inputs, np.int32),
            share=np.array(shares, np.float64),
            node=np.array(nodes, np.int32),
            side=np.array(sides, np.uint8),
        )

    @property
    def longest(self) -> int:
        """The most inputs on a path."""
        return int(np.diff(self.condition_start).max(initial=0))

    def with_both(self, role: npt.NDArray[np.uint8]) -> Ints:
        """The leaves with inputs of both roles, 1 and 2, on their paths; ``role`` is by input."""
        counts = [np.concatenate([[0], np.cumsum(role[self.input] == number)]) for number in (1, 2)]
        both = [np.diff(count[self.condition_start]) > 0 for count in counts]
        return np.flatnonzero(both[0] & both[1]).astype(np.int32)
