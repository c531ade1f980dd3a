"""The Open Inference Protocol, asked by tritonclient, a client that we did not write."""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest

from pipeline.model.manifest import BOOSTER

# Not imported: tritonclient and our contracts do not live in one process.
TRITON_CLIENT = Path(__file__).parents[2] / "support" / "triton_client.py"
ROWS = 25
OUTPUTS = ["probability_of_default", "probability_of_repayment", "band", "decision", "expected_default_rate"]


@pytest.fixture(scope="session")
def answers(service, vectors, tmp_path_factory):
    file = tmp_path_factory.mktemp("triton") / "vectors.npy"
    np.save(file, vectors[:ROWS])
    result = subprocess.run(
        [sys.executable, TRITON_CLIENT, service.address, file],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_server_and_model_are_ready(answers):
    assert answers["ready"] == [True] * 4
    assert answers["unknown_ready"] == [False, False]


def test_metadata_describe_server_and_model(answers, model):
    assert answers["server"]["name"] == "clairscore"
    assert answers["server"]["version"] == version("clairscore")
    described = answers["model"]
    assert described["name"] == "credit"
    assert described["versions"] == [model.manifest.version]
    (tensor,) = described["inputs"]
    assert (tensor["name"], tensor["datatype"]) == ("input", "FP32")
    assert [int(size) for size in tensor["shape"]] == [-1, len(model.manifest.inputs)]
    assert [output["name"] for output in described["outputs"]] == OUTPUTS


@pytest.mark.parametrize("form", ["raw_FP32", "raw_FP64", "typed_FP32", "typed_FP64"])
def test_every_form_gives_the_scores_of_native_lightgbm(answers, form, vectors, model_folder, model):
    outputs = answers[form]["outputs"]
    assert list(outputs) == OUTPUTS
    native = lgb.Booster(model_file=model_folder / BOOSTER).predict(vectors[:ROWS])
    expected, rates = model.manifest.probabilities(native)
    np.testing.assert_allclose(outputs["expected_default_rate"], rates, atol=1e-5, rtol=0)
    np.testing.assert_allclose(outputs["probability_of_default"], expected, atol=1e-5, rtol=0)
    repayment = outputs["probability_of_repayment"]
    np.testing.assert_allclose(repayment, 1 - np.array(outputs["probability_of_default"]), atol=1e-12, rtol=0)
    assert outputs["band"] == [model.manifest.band(p).value for p in repayment]
    assert outputs["decision"] == [model.manifest.decision(p).value for p in repayment]
    assert answers[form]["id"] == "a-request"


def test_typed_requests_get_typed_answers(answers):
    assert answers["typed_FP32"]["raw"] == 0


def test_only_the_requested_outputs_come(answers):
    assert list(answers["one_output"]["outputs"]) == ["probability_of_repayment"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("model", "NOT_FOUND"),
        ("version", "NOT_FOUND"),
        ("input", "INVALID_ARGUMENT"),
        ("datatype", "INVALID_ARGUMENT"),
        ("shape", "INVALID_ARGUMENT"),
        ("output", "INVALID_ARGUMENT"),
        ("infinite", "INVALID_ARGUMENT"),
        ("overflowing", "INVALID_ARGUMENT"),
        ("both_contents", "INVALID_ARGUMENT"),
        ("no_contents", "INVALID_ARGUMENT"),
        ("foreign_contents", "INVALID_ARGUMENT"),
    ],
)
def test_faulty_requests_are_refused(answers, fault, code):
    assert answers["failures"][fault] == code
