"""The Open Inference Protocol, version 2: the model for any client that speaks it (Triton's, KServe's, MLServer's).

Model ``credit``; its version is the manifest's. One input, ``input``, FP32 or FP64, shape [clients, model inputs], in
model input order, NaN meaning missing. Outputs, each of shape [clients]:

    probability_of_default    FP64   in [0, 1]
    probability_of_repayment  FP64   in [0, 1]
    band                      BYTES  "very_high" risk to "very_low"
    decision                  BYTES  "accept" or "refuse"
    expected_default_rate     FP64   in [0, 1]: the share of such clients that defaults; the others are on the score's
                                     scale, where one client in two would default

An answer comes as the request came: in raw contents or in typed ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, TypeAlias

import grpc
import numpy as np
import numpy.typing as npt
from inference import open_inference_pb2 as oip
from inference import open_inference_pb2_grpc as oip_grpc

from pipeline.model.encoding import Matrix
from pipeline.model.manifest import Band, Decision, Manifest
from services.common.errors import InvalidInput, NotFound, Violation
from services.common.live import LiveModel
from services.scoring.engine import ScoringEngine
from services.scoring.scorer import Scores

NAME = "inference.GRPCInferenceService"
MODEL = "credit"
INPUT = "input"

# Generic for the type checker alone.
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

# Datatype -> element type on the wire (little-endian), field of the typed contents.
_DATATYPES: dict[str, tuple[np.dtype[np.float32 | np.float64], str]] = {
    "FP32": (np.dtype("<f4"), "fp32_contents"),
    "FP64": (np.dtype("<f8"), "fp64_contents"),
}
_BANDS = np.array([band.value.encode() for band in Band], dtype=object)
_DECISIONS = np.array([Decision.REFUSE.value.encode(), Decision.ACCEPT.value.encode()], dtype=object)

_OUTPUTS: dict[str, tuple[str, Callable[[Scores], npt.NDArray[np.generic]]]] = {
    "probability_of_default": ("FP64", lambda scores: scores.probability_of_default),
    "probability_of_repayment": ("FP64", lambda scores: scores.probability_of_repayment),
    "band": ("BYTES", lambda scores: _BANDS[scores.band]),
    "decision": ("BYTES", lambda scores: _DECISIONS[scores.accepted.astype(np.intp)]),
    "expected_default_rate": ("FP64", lambda scores: scores.expected_default_rate),
}


class InferenceServicer(oip_grpc.GRPCInferenceServiceServicer):
    """``inference.GRPCInferenceService`` over the live model."""

    def __init__(self, live: LiveModel[ScoringEngine]) -> None:
        self._live = live

    async def ServerLive(self, request: oip.ServerLiveRequest, context: Context) -> oip.ServerLiveResponse:
        """Answers that it answers."""
        return oip.ServerLiveResponse(live=True)

    async def ServerReady(self, request: oip.ServerReadyRequest, context: Context) -> oip.ServerReadyResponse:
        """True: the service starts with its model loaded, or not at all."""
        return oip.ServerReadyResponse(ready=True)

    async def ModelReady(self, request: oip.ModelReadyRequest, context: Context) -> oip.ModelReadyResponse:
        """Whether the model, in this version if one is given, is the live one."""
        version = self._live.engine.manifest.version
        return oip.ModelReadyResponse(ready=request.name == MODEL and request.version in ("", version))

    async def ServerMetadata(self, request: oip.ServerMetadataRequest, context: Context) -> oip.ServerMetadataResponse:
        """Names the server; it has no extensions."""
        return oip.ServerMetadataResponse(name="clairscore", version=version("clairscore"))

    async def ModelMetadata(self, request: oip.ModelMetadataRequest, context: Context) -> oip.ModelMetadataResponse:
        """Describes input and outputs; -1 stands for the number of clients."""
        manifest = self._live.engine.manifest
        _require_model(manifest, request.name, request.version)
        tensor = oip.ModelMetadataResponse.TensorMetadata
        return oip.ModelMetadataResponse(
            name=MODEL,
            versions=[manifest.version],
            platform="onnxruntime_onnx",
            inputs=[tensor(name=INPUT, datatype="FP32", shape=[-1, len(manifest.inputs)])],
            outputs=[tensor(name=name, datatype=datatype, shape=[-1]) for name, (datatype, _) in _OUTPUTS.items()],
        )

    async def ModelInfer(self, request: oip.ModelInferRequest, context: Context) -> oip.ModelInferResponse:
        """Scores the clients of the input tensor."""
        engine = self._live.engine
        _require_model(engine.manifest, request.model_name, request.model_version)
        names = _requested(request)
        matrix = _matrix(request, engine)
        scores = await engine.block(matrix)
        response = oip.ModelInferResponse(model_name=MODEL, model_version=engine.manifest.version, id=request.id)
        for name in names:
            datatype, values = _OUTPUTS[name]
            output = response.outputs.add(name=name, datatype=datatype, shape=[len(matrix)])
            if request.raw_input_contents:
                response.raw_output_contents.append(_raw(datatype, values(scores)))
            elif datatype == "FP64":
                output.contents.fp64_contents.extend(values(scores).tolist())
            else:
                output.contents.bytes_contents.extend(values(scores).tolist())
        return response


def _require_model(manifest: Manifest, name: str, model_version: str) -> None:
    if name != MODEL:
        raise NotFound(f"there is no model {name!r}; the model is {MODEL!r}", model=MODEL)
    if model_version not in ("", manifest.version):
        raise NotFound(
            f"model {MODEL!r} has no version {model_version!r}; {manifest.version!r} is live",
            live_version=manifest.version,
        )


def _matrix(request: oip.ModelInferRequest, engine: ScoringEngine) -> Matrix:
    """The input tensor's rows, shape (clients, inputs)."""
    if len(request.inputs) != 1 or request.inputs[0].name != INPUT:
        given = ", ".join(repr(tensor.name) for tensor in request.inputs) or "none"
        raise InvalidInput([Violation("inputs", f"must be one tensor named {INPUT!r}; given: {given}")])
    tensor = request.inputs[0]
    if tensor.datatype not in _DATATYPES:
        fault = f"{tensor.datatype!r} is not accepted; send {' or '.join(_DATATYPES)}"
        raise InvalidInput([Violation("inputs[0].datatype", fault)])
    shape, width = list(tensor.shape), len(engine.manifest.inputs)
    if len(shape) != 2 or shape[0] < 1 or shape[1] != width:
        fault = f"must be [clients, {width}] with at least one client, not {shape}"
        raise InvalidInput([Violation("inputs[0].shape", fault)])
    engine.refuse_too_many(shape[0])
    values = _contents(request, tensor, shape[0] * shape[1])
    with np.errstate(over="ignore"):
        # What overflows becomes infinite, and infinity is refused with the name of its input.
        return values.reshape(shape).astype(np.float32, copy=False)


def _contents(
    request: oip.ModelInferRequest, tensor: oip.ModelInferRequest.InferInputTensor, expected: int
) -> npt.NDArray[np.floating]:
    """The tensor's values, from the one place where they are.

    Raises:
        InvalidInput: they are in no place, in several, in another type's, or not as many as the shape says.
    """
    element, field = _DATATYPES[tensor.datatype]
    filled = [descriptor.name for descriptor, _ in tensor.contents.ListFields()]
    if request.raw_input_contents:
        if filled:
            raise InvalidInput([Violation("inputs[0].contents", "must be empty when raw_input_contents is used")])
        raw = request.raw_input_contents
        if len(raw) != 1 or len(raw[0]) != expected * element.itemsize:
            fault = f"must be one buffer of {expected} {tensor.datatype} values, {expected * element.itemsize} bytes"
            raise InvalidInput(
                [Violation("raw_input_contents", f"{fault}, not {[len(buffer) for buffer in raw]} bytes")]
            )
        return np.frombuffer(raw[0], dtype=element)
    if filled not in ([field], []):
        fault = f"{tensor.datatype} values belong into {field} alone; given: {', '.join(filled)}"
        raise InvalidInput([Violation("inputs[0].contents", fault)])
    values: npt.NDArray[np.floating] = np.array(getattr(tensor.contents, field), dtype=element)
    if len(values) != expected:
        raise InvalidInput(
            [Violation(f"inputs[0].contents.{field}", f"must hold {expected} values, not {len(values)}")]
        )
    return values


def _requested(request: oip.ModelInferRequest) -> Sequence[str]:
    names = [output.name for output in request.outputs]
    unknown = [
        Violation(f"outputs[{position}].name", f"there is no output {name!r}; outputs are: {', '.join(_OUTPUTS)}")
        for position, name in enumerate(names)
        if name not in _OUTPUTS
    ]
    if unknown:
        raise InvalidInput(unknown)
    return names or list(_OUTPUTS)


def _raw(datatype: str, values: npt.NDArray[np.generic]) -> bytes:
    """The values as the protocol's raw bytes; BYTES elements carry their length before them."""
    if datatype == "FP64":
        return values.astype("<f8", copy=False).tobytes()
    return b"".join(len(value).to_bytes(4, "little") + value for value in values.tolist())
