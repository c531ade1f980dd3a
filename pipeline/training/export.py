"""LightGBM trees as ONNX that routes every float32 row as LightGBM does."""

import re
from collections.abc import Iterator
from typing import Any

import lightgbm as lgb
import numpy as np
import onnx
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

from pipeline.model.limits import FLOAT32_MAX
from pipeline.model.runtime import INPUT, OUTPUT

_OPSET = 15
# LightGBM's kZeroThreshold.
_ZERO = float(np.float32(1e-35))


def with_float32_thresholds(booster: lgb.Booster) -> lgb.Booster:
    """Rounds every threshold down to a float32, which changes no float32 row's path.

    LightGBM's thresholds are float64, ONNX's float32. For a float32 value x and the largest float32 t' <= t,
    ``x <= t`` holds exactly when ``x <= t'`` does; rounding to the nearest could lift t' above t, onto x.
    """
    text = re.sub(
        r"^threshold=(.*)$",
        lambda line: "threshold=" + " ".join(repr(_served(float(t))) for t in line[1].split()),
        booster.model_to_string(),
        flags=re.MULTILINE,
    )
    # The trees' lengths in the text; without them LightGBM looks for where each begins.
    return lgb.Booster(model_str=re.sub(r"^tree_sizes=.*\n", "", text, flags=re.MULTILINE))


def _served(threshold: float) -> float:
    # LightGBM predicts with 0 in place of every |x| <= 1e-35, so its -1e-35 is not <= -1e-35.
    return round_down(np.nextafter(threshold, -np.inf) if threshold == -_ZERO else threshold)


def round_down(threshold: float) -> float:
    """The largest finite float32 that is not above a float64; LightGBM has no threshold below all of them."""
    # A split between missing and known has an infinite threshold.
    nearest = np.float32(min(threshold, FLOAT32_MAX))
    # Compared as float64: numpy would round a Python float to float32 first.
    return float(nearest if float(nearest) <= threshold else np.nextafter(nearest, np.float32(-np.inf)))


def to_onnx(booster: lgb.Booster) -> onnx.ModelProto:
    """Exports a booster of float32 thresholds: input ``input`` (n, features), output ``probabilities`` (n, 2)."""
    model: onnx.ModelProto = convert_lightgbm(
        booster,
        name="clairscore",
        initial_types=[(INPUT, FloatTensorType([None, booster.num_feature()]))],
        target_opset=_OPSET,
        zipmap=False,
    )
    if OUTPUT not in [output.name for output in model.graph.output]:
        raise RuntimeError("onnxmltools named the outputs differently")
    _route_missing(model, booster)
    onnx.checker.check_model(model)
    return model


def _route_missing(model: onnx.ModelProto, booster: lgb.Booster) -> None:
    """Sends NaN where LightGBM sends it, for features that were never missing in training.

    LightGBM reads NaN as 0 there, whatever the node's default direction.
    """
    never_missing = {
        int(split["split_feature"])
        for tree in booster.dump_model()["tree_info"]
        for split in _splits(tree["tree_structure"])
        if split["missing_type"] == "None"
    }
    (trees,) = (node for node in model.graph.node if node.op_type == "TreeEnsembleClassifier")
    attributes = {attribute.name: attribute for attribute in trees.attribute}
    to_left = attributes["nodes_missing_value_tracks_true"].ints
    for k, (feature, threshold) in enumerate(
        zip(attributes["nodes_featureids"].ints, attributes["nodes_values"].floats, strict=True)
    ):
        if feature in never_missing:
            to_left[k] = int(threshold >= 0)


def _splits(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    pending = [node]
    while pending:
        current = pending.pop()
        if "split_feature" in current:
            yield current
            pending += [current["left_child"], current["right_child"]]
