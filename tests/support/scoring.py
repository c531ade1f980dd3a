"""Requests for the scoring service, and what a failed call tells."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from urllib.request import urlopen

import grpc
from clairscore.common.v1 import record_pb2
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from pipeline.features.serving import Value

# Of the service under test: small enough to be exceeded by a test, large enough for every other one.
MAX_BATCH_ROWS = 3000
MAX_MESSAGE_BYTES = 8 * 1024 * 1024


def field_value(value: Value) -> record_pb2.FieldValue:
    if value is None:
        return record_pb2.FieldValue()
    return record_pb2.FieldValue(text=value) if isinstance(value, str) else record_pb2.FieldValue(number=value)


def field_values(values: Mapping[str, Value]) -> dict[str, record_pb2.FieldValue]:
    return {name: field_value(value) for name, value in values.items()}


@dataclass(frozen=True)
class Failure:
    """The status of a failed call, with its google.rpc details taken out."""

    code: grpc.StatusCode
    message: str
    violations: Mapping[str, str]
    reason: str
    metadata: Mapping[str, str]
    trailing: Mapping[str, str | bytes]


async def failure(call: Awaitable[object]) -> Failure:
    """Awaits a call that must fail."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        violations: dict[str, str] = {}
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        status = rpc_status.from_call(error)
        for detail in status.details if status is not None else ():
            if not detail.Unpack(info) and detail.Unpack(bad):
                violations = {v.field: v.description for v in bad.field_violations}
        message = error.details() or ""
        return Failure(
            error.code(), message, violations, info.reason, dict(info.metadata), dict(error.trailing_metadata())
        )
    raise AssertionError(f"the call succeeded: {answer}")


def scrape(address: str) -> dict[str, float]:
    """The metrics that a service shows: values by name and labels."""
    with urlopen(f"http://{address}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}
