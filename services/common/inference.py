"""What every service that speaks the Open Inference Protocol, version 2, does the same way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from importlib.metadata import version
from typing import Any, TypeAlias

import grpc
import numpy as np
import numpy.typing as npt
from inference import open_inference_pb2 as oip
from inference import open_inference_pb2_grpc as oip_grpc

from services.common.errors import InvalidInput, Violation

NAME = "inference.GRPCInferenceService"

# Generic for the type checker alone.
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Tensor: TypeAlias = oip.ModelInferRequest.InferInputTensor

# Datatype -> element type of the raw bytes (little-endian), field of the typed contents.
ELEMENTS: dict[str, tuple[np.dtype[Any], str]] = {
    "FP32": (np.dtype("<f4"), "fp32_contents"),
    "FP64": (np.dtype("<f8"), "fp64_contents"),
    "BOOL": (np.dtype("?"), "bool_contents"),
}
_BYTES_FIELD = "bytes_contents"
_LENGTH_BYTES = 4


class InferenceBase(oip_grpc.GRPCInferenceServiceServicer):
    """The calls about the server itself."""

    async def ServerLive(self, request: oip.ServerLiveRequest, context: Context) -> oip.ServerLiveResponse:
        """Answers that it answers."""
        return oip.ServerLiveResponse(live=True)

    async def ServerReady(self, request: oip.ServerReadyRequest, context: Context) -> oip.ServerReadyResponse:
        """True: a service starts with its model loaded, or not at all."""
        return oip.ServerReadyResponse(ready=True)

    async def ServerMetadata(self, request: oip.ServerMetadataRequest, context: Context) -> oip.ServerMetadataResponse:
        """Names the server; it has no extensions."""
        return oip.ServerMetadataResponse(name="clairscore", version=version("clairscore"))


def only_input(request: oip.ModelInferRequest, name: str, datatypes: Collection[str]) -> Tensor:
    """The request's one input tensor.

    Raises:
        InvalidInput: there is another one, or it has another datatype than one of ``datatypes``.
    """
    if len(request.inputs) != 1 or request.inputs[0].name != name:
        given = ", ".join(repr(tensor.name) for tensor in request.inputs) or "none"
        raise InvalidInput([Violation("inputs", f"must be one tensor named {name!r}; given: {given}")])
    tensor = request.inputs[0]
    if tensor.datatype not in datatypes:
        fault = f"{tensor.datatype!r} is not accepted; send {' or '.join(datatypes)}"
        raise InvalidInput([Violation("inputs[0].datatype", fault)])
    return tensor


def numbers(request: oip.ModelInferRequest, tensor: Tensor, expected: int) -> npt.NDArray[np.floating]:
    """A numeric tensor's values, from the one place where they are.

    Raises:
        InvalidInput: they are in no place, in several, in another type's, or not ``expected`` ones.
    """
    element, field = ELEMENTS[tensor.datatype]
    _refuse_other_places(request, tensor, field)
    if request.raw_input_contents:
        raw = request.raw_input_contents
        if len(raw) != 1 or len(raw[0]) != expected * element.itemsize:
            fault = f"must be one buffer of {expected} {tensor.datatype} values, {expected * element.itemsize} bytes"
            raise InvalidInput(
                [Violation("raw_input_contents", f"{fault}, not {[len(buffer) for buffer in raw]} bytes")]
            )
        return np.frombuffer(raw[0], dtype=element)
    values: npt.NDArray[np.floating] = np.array(getattr(tensor.contents, field), dtype=element)
    if len(values) != expected:
        raise InvalidInput(
            [Violation(f"inputs[0].contents.{field}", f"must hold {expected} values, not {len(values)}")]
        )
    return values


def strings(request: oip.ModelInferRequest, tensor: Tensor, expected: int) -> list[bytes]:
    """A BYTES tensor's elements, from the one place where they are.

    Raises:
        InvalidInput: they are in no place, in several, in another type's, cut off, or not ``expected`` ones.
    """
    _refuse_other_places(request, tensor, _BYTES_FIELD)
    if request.raw_input_contents:
        where = "raw_input_contents"
        found = _split(b"".join(request.raw_input_contents))
    else:
        where = f"inputs[0].contents.{_BYTES_FIELD}"
        found = list(tensor.contents.bytes_contents)
    if len(found) != expected:
        raise InvalidInput([Violation(where, f"must hold {expected} elements, not {len(found)}")])
    return found


def requested(request: oip.ModelInferRequest, outputs: Collection[str]) -> Sequence[str]:
    """Names of the outputs that are asked for; all of them when none is named.

    Raises:
        InvalidInput: a name is not one of ``outputs``.
    """
    names = [output.name for output in request.outputs]
    unknown = [
        Violation(f"outputs[{position}].name", f"there is no output {name!r}; outputs are: {', '.join(outputs)}")
        for position, name in enumerate(names)
        if name not in outputs
    ]
    if unknown:
        raise InvalidInput(unknown)
    return names or list(outputs)


def add_output(
    request: oip.ModelInferRequest,
    response: oip.ModelInferResponse,
    name: str,
    datatype: str,
    values: npt.NDArray[Any],
) -> None:
    """Adds an output in the form in which the request came: raw or typed. BYTES are an array of ``bytes`` objects."""
    output = response.outputs.add(name=name, datatype=datatype, shape=list(values.shape))
    if request.raw_input_contents:
        response.raw_output_contents.append(_raw(datatype, values))
    else:
        field = _BYTES_FIELD if datatype == "BYTES" else ELEMENTS[datatype][1]
        getattr(output.contents, field).extend(values.ravel().tolist())


def _refuse_other_places(request: oip.ModelInferRequest, tensor: Tensor, field: str) -> None:
    filled = [descriptor.name for descriptor, _ in tensor.contents.ListFields()]
    if request.raw_input_contents and filled:
        raise InvalidInput([Violation("inputs[0].contents", "must be empty when raw_input_contents is used")])
    if filled not in ([field], []):
        fault = f"{tensor.datatype} values belong into {field} alone; given: {', '.join(filled)}"
        raise InvalidInput([Violation("inputs[0].contents", fault)])


def _split(raw: bytes) -> list[bytes]:
    """Elements of a raw BYTES tensor: each has its length before it, four bytes, little-endian."""
    found, start = [], 0
    while start < len(raw):
        end = start + _LENGTH_BYTES + int.from_bytes(raw[start : start + _LENGTH_BYTES], "little")
        if start + _LENGTH_BYTES > len(raw) or end > len(raw):
            raise InvalidInput([Violation("raw_input_contents", "ends in the middle of an element")])
        found.append(raw[start + _LENGTH_BYTES : end])
        start = end
    return found


def _raw(datatype: str, values: npt.NDArray[Any]) -> bytes:
    if datatype == "BYTES":
        elements: list[bytes] = values.ravel().tolist()
        return b"".join(len(element).to_bytes(_LENGTH_BYTES, "little") + element for element in elements)
    return values.astype(ELEMENTS[datatype][0], copy=False).tobytes()
