"""Asks an Open Inference Protocol server as any user of `tritonclient` would, and prints what it answers as JSON.

A program of its own: tritonclient registers the same protobuf package as our contracts, and a process holds one.

    python triton_client.py ADDRESS VECTORS.npy
"""

import json
import sys
from typing import Any

import numpy as np
import tritonclient.grpc as triton
from tritonclient.grpc import service_pb2
from tritonclient.utils import InferenceServerException

_MODEL = "credit"


def main(address: str, file: str) -> dict[str, Any]:
    vectors = np.load(file)
    client = triton.InferenceServerClient(address)
    metadata = client.get_model_metadata(_MODEL, as_json=True)
    version = metadata["versions"][0]
    one_output = [triton.InferRequestedOutput("probability_of_repayment")]
    wide = _tensor(vectors, shape=[len(vectors) * vectors.shape[1], 1])
    return {
        "server": client.get_server_metadata(as_json=True),
        "model": metadata,
        "ready": [
            client.is_server_live(),
            client.is_server_ready(),
            client.is_model_ready(_MODEL),
            client.is_model_ready(_MODEL, version),
        ],
        "unknown_ready": [client.is_model_ready("other"), client.is_model_ready(_MODEL, "0")],
        "raw_FP32": _infer(client, _tensor(vectors)),
        "raw_FP64": _infer(client, _tensor(vectors.astype(np.float64))),
        "typed_FP32": _typed(client, vectors, "FP32", "fp32_contents"),
        "typed_FP64": _typed(client, vectors, "FP64", "fp64_contents"),
        "one_output": _infer(client, _tensor(vectors), outputs=one_output),
        "failures": {
            "model": _failure(client, _tensor(vectors), model="other"),
            "version": _failure(client, _tensor(vectors), model_version="0"),
            "input": _failure(client, _tensor(vectors, name="inputs")),
            "datatype": _failure(client, _tensor(vectors.astype(np.int32))),
            "shape": _failure(client, wide),
            "output": _failure(client, _tensor(vectors), outputs=[triton.InferRequestedOutput("logit")]),
            "infinite": _failure(client, _tensor(np.full_like(vectors, np.inf))),
            "overflowing": _failure(client, _tensor(np.full(vectors.shape, 1e300))),
            "both_contents": _typed_failure(client, vectors, raw=True, typed=True),
            "no_contents": _typed_failure(client, vectors, raw=False, typed=False),
            "foreign_contents": _typed_failure(client, vectors, raw=False, typed=True, field="fp64_contents"),
        },
    }


def _tensor(vectors: Any, *, name: str = "input", shape: list[int] | None = None) -> triton.InferInput:
    datatype = {"f4": "FP32", "f8": "FP64", "i4": "INT32"}[vectors.dtype.str[1:]]
    shaped = vectors.reshape(shape or vectors.shape)
    tensor = triton.InferInput(name, list(shaped.shape), datatype)
    tensor.set_data_from_numpy(shaped)
    return tensor


def _infer(client: Any, tensor: triton.InferInput, **options: Any) -> dict[str, Any]:
    result = client.infer(_MODEL, [tensor], request_id="a-request", **options)
    answer = {output.name: _plain(result.as_numpy(output.name)) for output in result.get_response().outputs}
    return {"id": result.get_response().id, "outputs": answer}


def _plain(values: Any) -> list[Any]:
    return [value.decode() if isinstance(value, bytes) else value for value in values.tolist()]


def _failure(client: Any, tensor: triton.InferInput, *, model: str = _MODEL, **options: Any) -> str:
    try:
        client.infer(model, [tensor], **options)
    except InferenceServerException as error:
        return str(error.status()).removeprefix("StatusCode.")
    return "OK"


def _request(vectors: Any, datatype: str, field: str | None) -> Any:
    request = service_pb2.ModelInferRequest(model_name=_MODEL, id="a-request")
    tensor = request.inputs.add(name="input", datatype=datatype, shape=vectors.shape)
    if field is not None:
        getattr(tensor.contents, field).extend(vectors.ravel().tolist())
    return request


def _typed(client: Any, vectors: Any, datatype: str, field: str) -> dict[str, Any]:
    # tritonclient itself sends raw contents only; its stub and its messages send what they are told.
    response = client._client_stub.ModelInfer(_request(vectors, datatype, field))
    outputs = {
        output.name: list(output.contents.fp64_contents) or [v.decode() for v in output.contents.bytes_contents]
        for output in response.outputs
    }
    return {"id": response.id, "outputs": outputs, "raw": len(response.raw_output_contents)}


def _typed_failure(client: Any, vectors: Any, *, raw: bool, typed: bool, field: str = "fp32_contents") -> str:
    request = _request(vectors, "FP32", field if typed else None)
    if raw:
        request.raw_input_contents.append(vectors.tobytes())
    try:
        client._client_stub.ModelInfer(request)
    except Exception as error:
        return str(error.code().name)  # type: ignore[attr-defined]
    return "OK"


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2])))  # noqa: T201
