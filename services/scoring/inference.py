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

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from inference import open_inference_pb2 as oip

from pipeline.model.encoding import Matrix
from pipeline.model.manifest import Band, Decision, Manifest
from services.common.errors import InvalidInput, NotFound, Violation
from services.common.inference import Context, InferenceBase, add_output, numbers, only_input, requested
from services.common.live import LiveModel
from services.scoring.engine import ScoringEngine
from services.scoring.scorer import Scores

MODEL = "credit"
INPUT = "input"

_DATATYPES = ("FP32", "FP64")
_BANDS = np.array([band.value.encode() for band in Band], dtype=object)
_DECISIONS = np.array([Decision.REFUSE.value.encode(), Decision.ACCEPT.value.encode()], dtype=object)

_OUTPUTS: dict[str, tuple[str, Callable[[Scores], npt.NDArray[np.generic]]]] = {
    "probability_of_default": ("FP64", lambda scores: scores.probability_of_default),
    "probability_of_repayment": ("FP64", lambda scores: scores.probability_of_repayment),
    "band": ("BYTES", lambda scores: _BANDS[scores.band]),
    "decision": ("BYTES", lambda scores: _DECISIONS[scores.accepted.astype(np.intp)]),
    "expected_default_rate": ("FP64", lambda scores: scores.expected_default_rate),
}


class InferenceServicer(InferenceBase):
    """``inference.GRPCInferenceService`` over the live model."""

    def __init__(self, live: LiveModel[ScoringEngine]) -> None:
        self._live = live

    async def ModelReady(self, request: oip.ModelReadyRequest, context: Context) -> oip.ModelReadyResponse:
        """Whether the model, in this version if one is given, is the live one."""
        version = self._live.engine.manifest.version
        return oip.ModelReadyResponse(ready=request.name == MODEL and request.version in ("", version))

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
        names = requested(request, _OUTPUTS)
        scores = await engine.block(_matrix(request, engine))
        response = oip.ModelInferResponse(model_name=MODEL, model_version=engine.manifest.version, id=request.id)
        for name in names:
            datatype, values = _OUTPUTS[name]
            add_output(request, response, name, datatype, values(scores))
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
    tensor = only_input(request, INPUT, _DATATYPES)
    shape, width = list(tensor.shape), len(engine.manifest.inputs)
    if len(shape) != 2 or shape[0] < 1 or shape[1] != width:
        fault = f"must be [clients, {width}] with at least one client, not {shape}"
        raise InvalidInput([Violation("inputs[0].shape", fault)])
    engine.refuse_too_many(shape[0])
    values = numbers(request, tensor, shape[0] * shape[1])
    with np.errstate(over="ignore"):
        # What overflows becomes infinite, and infinity is refused with the name of its input.
        return values.reshape(shape).astype(np.float32, copy=False)
