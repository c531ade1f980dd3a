"""The Open Inference Protocol, version 2: texts in, for any client that speaks it (Triton's, KServe's, MLServer's).

Each embedding model is a model under its id ("all-MiniLM-L6-v2/int8"), its version the start of its graph's SHA-256;
the live classifier is the model ``products``, its version the classifier's. One input, ``text``: BYTES, shape [texts],
UTF-8. Outputs of an embedding model:

    embedding  FP32  [texts, dimension]
    truncated  BOOL  [texts]  the text's end was not read

of ``products``:

    label        BYTES  [texts]  the most probable category
    probability  FP64   [texts]  of the label, calibrated, in [0, 1]
    confident    BOOL   [texts]  false: "don't know"

An answer comes as the request came: in raw contents or in typed ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from inference import open_inference_pb2 as oip

from pipeline.embedding.manifest import ONNX, EmbeddingManifest
from services.common.errors import ClairscoreError, InvalidInput, NotFound, Violation
from services.common.inference import Context, InferenceBase, add_output, only_input, requested, strings
from services.embedding.engine import EmbeddingEngine

PRODUCTS = "products"
INPUT = "text"

_EMBEDDING_OUTPUTS = {"embedding": "FP32", "truncated": "BOOL"}
_PRODUCT_OUTPUTS = {"label": "BYTES", "probability": "FP64", "confident": "BOOL"}
_VERSION_LENGTH = 12


class InferenceServicer(InferenceBase):
    """``inference.GRPCInferenceService`` over all embedding models and the live classifier."""

    def __init__(self, engine: EmbeddingEngine) -> None:
        self._engine = engine

    async def ModelReady(self, request: oip.ModelReadyRequest, context: Context) -> oip.ModelReadyResponse:
        """Whether there is such a model, in this version if one is given."""
        try:
            version = self._version(request.name)
        except ClairscoreError:
            return oip.ModelReadyResponse(ready=False)
        return oip.ModelReadyResponse(ready=request.version in ("", version))

    async def ModelMetadata(self, request: oip.ModelMetadataRequest, context: Context) -> oip.ModelMetadataResponse:
        """Describes input and outputs; -1 stands for the number of texts."""
        version = self._require(request.name, request.version)
        tensor = oip.ModelMetadataResponse.TensorMetadata
        if request.name == PRODUCTS:
            outputs = [tensor(name=name, datatype=kind, shape=[-1]) for name, kind in _PRODUCT_OUTPUTS.items()]
        else:
            width = self._engine.models.manifest(request.name).dimension
            shapes = {"embedding": [-1, width], "truncated": [-1]}
            outputs = [tensor(name=name, datatype=k, shape=shapes[name]) for name, k in _EMBEDDING_OUTPUTS.items()]
        return oip.ModelMetadataResponse(
            name=request.name,
            versions=[version],
            platform="onnxruntime_onnx",
            inputs=[tensor(name=INPUT, datatype="BYTES", shape=[-1])],
            outputs=outputs,
        )

    async def ModelInfer(self, request: oip.ModelInferRequest, context: Context) -> oip.ModelInferResponse:
        """Embeds or classifies the texts of the input tensor."""
        version = self._require(request.model_name, request.model_version)
        kinds = _PRODUCT_OUTPUTS if request.model_name == PRODUCTS else _EMBEDDING_OUTPUTS
        names = requested(request, kinds)
        texts = _texts(request)
        if request.model_name == PRODUCTS:
            values = await self._classify(texts, version)
        else:
            values = await self._embed(request.model_name, texts)
        response = oip.ModelInferResponse(model_name=request.model_name, model_version=version, id=request.id)
        for name in names:
            add_output(request, response, name, kinds[name], values[name])
        return response

    async def _embed(self, model: str, texts: list[str]) -> Mapping[str, npt.NDArray[Any]]:
        _, embedded = await self._engine.embed(model, texts)
        return {"embedding": embedded.vectors, "truncated": embedded.truncated}

    async def _classify(self, texts: list[str], version: str) -> Mapping[str, npt.NDArray[Any]]:
        classified = (await self._engine.classify(texts, 0, version)).classified
        return {
            "label": np.array([one.label.encode() for one in classified], dtype=object),
            "probability": np.array([one.probability for one in classified]),
            "confident": np.array([one.confident for one in classified]),
        }

    def _version(self, name: str) -> str:
        if name == PRODUCTS:
            return self._engine.live.engine.manifest.version
        if not name:
            raise NotFound("a model must be named", models=", ".join(self._engine.models.found))
        return _version_of(self._engine.models.manifest(name))

    def _require(self, name: str, wanted: str) -> str:
        version = self._version(name)
        if wanted not in ("", version):
            raise NotFound(f"model {name!r} has no version {wanted!r}; {version!r} is live", live_version=version)
        return version


def _version_of(manifest: EmbeddingManifest) -> str:
    return manifest.files[ONNX][:_VERSION_LENGTH]


def _texts(request: oip.ModelInferRequest) -> list[str]:
    tensor = only_input(request, INPUT, ("BYTES",))
    if len(tensor.shape) != 1 or tensor.shape[0] < 1:
        fault = f"must be [texts] with at least one text, not {list(tensor.shape)}"
        raise InvalidInput([Violation("inputs[0].shape", fault)])
    texts = []
    for position, element in enumerate(strings(request, tensor, tensor.shape[0])):
        try:
            texts.append(element.decode())
        except UnicodeDecodeError as error:
            raise InvalidInput([Violation(f"texts[{position}]", "is not UTF-8")]) from error
    return texts
