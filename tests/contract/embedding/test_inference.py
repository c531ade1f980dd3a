"""The Open Inference Protocol with BYTES in: raw and typed, every model, refusals by code.

tritonclient sends BYTES as the raw elements that ``serialize_byte_tensor`` makes; the scoring service's test drives it.
"""

import struct

import grpc
import numpy as np
import pytest
from inference import open_inference_pb2 as oip
from inference import open_inference_pb2_grpc
from support.scoring import failure

from pipeline.embedding.manifest import ONNX

MINILM = "all-MiniLM-L6-v2/fp32"
TEXTS = ["Cotton bath towel", "Crème – 50 ml", "watch " * 400]


@pytest.fixture
def inference(channel):
    return open_inference_pb2_grpc.GRPCInferenceServiceStub(channel)


def request(texts, *, model=MINILM, raw=True, shape=None, name="text", datatype="BYTES", outputs=(), version=""):
    made = oip.ModelInferRequest(model_name=model, model_version=version, id="a-request")
    tensor = made.inputs.add(name=name, datatype=datatype, shape=[len(texts)] if shape is None else shape)
    elements = [text if isinstance(text, bytes) else text.encode() for text in texts]
    if raw:
        made.raw_input_contents.append(b"".join(struct.pack("<I", len(one)) + one for one in elements))
    else:
        tensor.contents.bytes_contents.extend(elements)
    for output in outputs:
        made.outputs.add(name=output)
    return made


async def test_raw_texts_give_raw_vectors(inference, encoder):
    answer = await inference.ModelInfer(request(TEXTS))
    assert [(output.name, output.datatype, list(output.shape)) for output in answer.outputs] == [
        ("embedding", "FP32", [3, 384]),
        ("truncated", "BOOL", [3]),
    ]
    got = np.frombuffer(answer.raw_output_contents[0], dtype="<f4").reshape(3, 384)
    np.testing.assert_allclose(got, encoder.encode(TEXTS).vectors, atol=1e-5)
    assert answer.raw_output_contents[1] == b"\x00\x00\x01"
    assert (answer.id, answer.model_version) == ("a-request", encoder.manifest.files[ONNX][:12])


async def test_typed_texts_give_typed_classes(inference, encoder, classifier):
    answer = await inference.ModelInfer(request(TEXTS, model="products", raw=False))
    label, probability, confident = answer.outputs
    expected = classifier.classify(TEXTS, encoder.encode(TEXTS).vectors, 0)
    assert [one.decode() for one in label.contents.bytes_contents] == [one.label for one in expected]
    np.testing.assert_allclose(probability.contents.fp64_contents, [one.probability for one in expected], atol=1e-4)
    assert list(confident.contents.bool_contents) == [one.confident for one in expected]
    assert answer.model_version == classifier.manifest.version


async def test_raw_classes_carry_their_lengths(inference, encoder, classifier):
    answer = await inference.ModelInfer(request(TEXTS[:1], model="products", outputs=["label"]))
    (expected,) = classifier.classify(TEXTS[:1], encoder.encode(TEXTS[:1]).vectors, 0)
    assert list(answer.raw_output_contents) == [struct.pack("<I", len(expected.label)) + expected.label.encode()]


async def test_metadata_and_readiness(inference, classifier):
    assert (await inference.ServerReady(oip.ServerReadyRequest())).ready
    described = await inference.ModelMetadata(oip.ModelMetadataRequest(name=MINILM))
    (tensor,) = described.inputs
    assert (tensor.name, tensor.datatype, list(tensor.shape)) == ("text", "BYTES", [-1])
    assert list(described.outputs[0].shape) == [-1, 384]
    described = await inference.ModelMetadata(oip.ModelMetadataRequest(name="products"))
    assert list(described.versions) == [classifier.manifest.version]
    asked = [(MINILM, ""), ("products", classifier.manifest.version), ("products", "0"), ("other", ""), ("", "")]
    ready = [(await inference.ModelReady(oip.ModelReadyRequest(name=n, version=v))).ready for n, v in asked]
    assert ready == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("faulty", "code"),
    [
        (request(["a"], model="other"), "NOT_FOUND"),
        (request(["a"], version="0"), "NOT_FOUND"),
        (request(["a"], name="input"), "INVALID_ARGUMENT"),
        (request(["a"], datatype="FP32"), "INVALID_ARGUMENT"),
        (request(["a"], shape=[2]), "INVALID_ARGUMENT"),
        (request(["a"], shape=[1, 1]), "INVALID_ARGUMENT"),
        (request(["a"], outputs=["label"]), "INVALID_ARGUMENT"),
        (request(["a", ""]), "INVALID_ARGUMENT"),
        (request([b"\xff"]), "INVALID_ARGUMENT"),
        (request(["a"], raw=False, shape=[2]), "INVALID_ARGUMENT"),
        (oip.ModelInferRequest(model_name=MINILM), "INVALID_ARGUMENT"),
    ],
)
async def test_faulty_requests_are_refused(inference, faulty, code):
    assert (await failure(inference.ModelInfer(faulty))).code is grpc.StatusCode[code]


async def test_contents_that_end_too_early_are_refused(inference):
    cut = request(["a text"])
    cut.raw_input_contents[0] = cut.raw_input_contents[0][:-1]
    failed = await failure(inference.ModelInfer(cut))
    assert set(failed.violations) == {"raw_input_contents"}
