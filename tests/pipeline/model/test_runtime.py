import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import lightgbm as lgb
import numpy as np
import onnx
import pytest
from onnx import helper

from pipeline.features.store import sha256
from pipeline.model.manifest import BOOSTER, MANIFEST, ONNX
from pipeline.model.runtime import ScoringModel
from services.common.errors import Misconfigured


@pytest.fixture
def folder(tiny_model, tmp_path):
    return shutil.copytree(tiny_model, tmp_path / "model")


def _replace_onnx(folder, content):
    """Puts another file in and makes the manifest agree, so that only the runtime can notice."""
    (folder / ONNX).write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][ONNX] = sha256(folder / ONNX)
    (folder / MANIFEST).write_text(json.dumps(manifest))


def _identity(width, *, name="input", element=onnx.TensorProto.FLOAT, output="probabilities"):
    """A valid ONNX file that gives its input back."""
    graph = helper.make_graph(
        [helper.make_node("Identity", [name], [output])],
        "foreign",
        [helper.make_tensor_value_info(name, element, [None, width])],
        [helper.make_tensor_value_info(output, element, [None, width])],
    )
    opset = [helper.make_opsetid("", 15)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def test_scores_are_those_of_the_booster_beside_it(tiny_model):
    model = ScoringModel.load(tiny_model)
    rows = np.random.default_rng(1).normal(0, 1000, (50, len(model.manifest.inputs))).astype(np.float32)
    rows[rows > 500] = np.nan
    raw = model.raw(rows)
    assert raw.dtype == np.float64
    assert len(np.unique(raw)) > 1
    np.testing.assert_allclose(raw, lgb.Booster(model_file=tiny_model / BOOSTER).predict(rows), atol=1e-6, rtol=0)


def test_scores_follow_from_the_calibrated_default_rate(tiny_model):
    model = ScoringModel.load(tiny_model)
    rows = np.random.default_rng(1).normal(0, 1000, (50, len(model.manifest.inputs))).astype(np.float32)
    default, rate = model.probabilities(rows)
    np.testing.assert_array_equal(rate, model.manifest.calibrator.apply(model.raw(rows)))
    np.testing.assert_array_equal(model.expected_default_rate(rows), rate)
    np.testing.assert_array_equal(model.probability_of_default(rows), default)
    prior = model.manifest.training_data.default_rate
    np.testing.assert_allclose(default / (1 - default), rate / (1 - rate) * (1 - prior) / prior)


def test_a_row_scores_alike_alone_and_in_a_block(tiny_model):
    model = ScoringModel.load(tiny_model, threads=2)
    rows = np.random.default_rng(2).normal(size=(300, len(model.manifest.inputs))).astype(np.float32)
    together = model.probability_of_default(rows)
    alone = np.concatenate([model.probability_of_default(row[None]) for row in rows])
    np.testing.assert_allclose(together, alone, atol=1e-6, rtol=0)


def test_no_rows_give_no_scores(tiny_model):
    model = ScoringModel.load(tiny_model)
    assert model.probability_of_default(np.empty((0, len(model.manifest.inputs)), np.float32)).shape == (0,)


def test_concurrent_calls_give_the_same_scores(tiny_model):
    model = ScoringModel.load(tiny_model)
    rows = np.random.default_rng(3).normal(size=(20, len(model.manifest.inputs))).astype(np.float32)
    expected = model.probability_of_default(rows)
    with ThreadPoolExecutor(8) as pool:
        for scores in pool.map(model.probability_of_default, [rows] * 64):
            np.testing.assert_array_equal(scores, expected)


_WITHOUT_TRAINING_LIBRARIES = """
import importlib.abc
import sys
from pathlib import Path

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in ("lightgbm", "onnx", "onnxmltools", "pandas", "sklearn", "skl2onnx"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
import pyarrow.parquet as pq
from pipeline.model.runtime import ScoringModel
model = ScoringModel.load(Path(sys.argv[1]))
table = pq.read_table(sys.argv[2]).slice(0, 3)
record = {name: table[name][0].as_py() for name in model.dictionary.by_name}
model.records.validate({feature.name: record[feature.name] for feature in model.dictionary.base})
matrix = model.encoder.table(table)
model.vectors.validate(matrix)
assert model.probability_of_default(model.encoder.record(record)) == model.probability_of_default(matrix[:1])
"""


def test_scoring_needs_none_of_the_training_libraries(tiny_model):
    """The scoring service's image holds none of them."""
    arguments = [str(tiny_model), str(tiny_model.parent / "features.parquet")]
    run = subprocess.run(
        [sys.executable, "-c", _WITHOUT_TRAINING_LIBRARIES, *arguments], capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr.decode()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda width: b"not an ONNX file", "not a model that onnxruntime can load"),
        (lambda width: b"", "not a model that onnxruntime can load"),
        (lambda width: _identity(width + 1), "must have one float input 'input' of width"),
        (lambda width: _identity(width, name="x"), "must have one float input"),
        (lambda width: _identity(width, element=onnx.TensorProto.DOUBLE), "must have one float input"),
        (lambda width: _identity(width, output="y"), "has no output 'probabilities'"),
        (_identity, "does not give a probability"),
    ],
)
def test_an_onnx_file_that_is_not_the_model_is_named(folder, tiny_model, make, why):
    width = len(ScoringModel.load(tiny_model).manifest.inputs)
    _replace_onnx(folder, make(width))
    with pytest.raises(Misconfigured, match=why) as refused:
        ScoringModel.load(folder)
    assert str(folder / ONNX) in refused.value.message
