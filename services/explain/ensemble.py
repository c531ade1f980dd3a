"""LightGBM's trees as flat arrays, for code that walks them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from services.common.errors import Misconfigured

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

# How a node treats NaN and zero: as the number 0, both as missing, or NaN as missing.
_MISSING = {"None": 0, "Zero": 1, "NaN": 2}


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Trees of N inner nodes and L leaves in all; their leaves' sum is the margin, the log-odds of default.

    The nodes of a tree lie together, a parent before its children; so do its leaves. A child is a node's place in its
    tree, or ``~leaf`` of a leaf's.
    """

    # Shapes (trees + 1,): where each tree's nodes and leaves begin.
    node_start: Ints
    leaf_start: Ints
    # Shapes (N,); a row goes left when its feature is at most the threshold.
    feature: Ints
    threshold: Floats
    missing: npt.NDArray[np.uint8]
    missing_left: npt.NDArray[np.bool_]
    # Shapes (N, 2), left and right: the child, and the share of the node's training rows that go there.
    child: Ints
    share: Floats
    # Shape (L,).
    leaf_value: Floats
    # What trees without a split add.
    constant: float

    @classmethod
    def load(cls, file: Path) -> Self:
        """Reads a LightGBM text file.

        Raises:
            Misconfigured: it cannot be read, or has splits other than numerical ones; names the file.
        """
        try:
            dump = lgb.Booster(model_file=file).dump_model()
        except lgb.basic.LightGBMError as error:
            raise Misconfigured(f"{file} is not a model that LightGBM can load") from error
        try:
            return cls.of(dump)
        except ValueError as error:
            raise Misconfigured(f"{file} cannot be explained: {error}") from error

    @classmethod
    def of(cls, dump: dict[str, Any]) -> Self:
        """Takes what ``Booster.dump_model`` gives.

        Raises:
            ValueError: a split is not numerical, or no training row went one of its ways.
        """
        trees = _Flattened()
        for tree in dump["tree_info"]:
            trees.add(tree["tree_structure"])
        return cls(
            node_start=np.array(trees.node_start, np.int32),
            leaf_start=np.array(trees.leaf_start, np.int32),
            feature=np.array(trees.feature, np.int32),
            threshold=np.array(trees.threshold, np.float64),
            missing=np.array(trees.missing, np.uint8),
            missing_left=np.array(trees.missing_left, np.bool_),
            child=np.array(trees.child, np.int32).reshape(-1, 2),
            share=np.array(trees.share, np.float64).reshape(-1, 2),
            leaf_value=np.array(trees.leaf_value, np.float64),
            constant=trees.constant,
        )


class _Flattened:
    def __init__(self) -> None:
        self.node_start, self.leaf_start = [0], [0]
        self.feature: list[int] = []
        self.threshold: list[float] = []
        self.missing: list[int] = []
        self.missing_left: list[bool] = []
        self.child: list[tuple[int, int]] = []
        self.share: list[tuple[float, float]] = []
        self.leaf_value: list[float] = []
        self.constant = 0.0

    def add(self, root: dict[str, Any]) -> None:
        if "split_feature" not in root:
            self.constant += root["leaf_value"]
            return
        self._subtree(root)
        self.node_start.append(len(self.feature))
        self.leaf_start.append(len(self.leaf_value))

    def _subtree(self, node: dict[str, Any]) -> int:
        """Adds a node before what is below it; returns what its parent calls it."""
        if "split_feature" not in node:
            self.leaf_value.append(node["leaf_value"])
            return ~(len(self.leaf_value) - 1 - self.leaf_start[-1])
        if node["decision_type"] != "<=":
            raise ValueError(f"tree {len(self.node_start) - 1} has a split of kind {node['decision_type']!r}")
        place = len(self.feature)
        self.feature.append(node["split_feature"])
        self.threshold.append(node["threshold"])
        self.missing.append(_MISSING[node["missing_type"]])
        self.missing_left.append(node["default_left"])
        self.child.append((0, 0))
        left, right = node["left_child"], node["right_child"]
        self.share.append((_rows(left) / _rows(node), _rows(right) / _rows(node)))
        if min(self.share[-1]) <= 0:
            raise ValueError(f"tree {len(self.node_start) - 1} has a branch that no training row took")
        self.child[place] = (self._subtree(left), self._subtree(right))
        return place - self.node_start[-1]


def _rows(node: dict[str, Any]) -> int:
    count: int = node["internal_count"] if "split_feature" in node else node["leaf_count"]
    return count
