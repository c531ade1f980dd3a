"""The one mapping between the error tree and gRPC: status codes with ``google.rpc`` details, both ways."""

from collections import defaultdict
from collections.abc import Sequence

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from services.common.errors import (
    ClairscoreError,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidInput,
    NotFound,
    ResourceExhausted,
    Unavailable,
    Violation,
)

DOMAIN = "clairscore"

_CODES: dict[type[ClairscoreError], int] = {
    InvalidInput: code_pb2.INVALID_ARGUMENT,
    NotFound: code_pb2.NOT_FOUND,
    FailedPrecondition: code_pb2.FAILED_PRECONDITION,
    ResourceExhausted: code_pb2.RESOURCE_EXHAUSTED,
    Unavailable: code_pb2.UNAVAILABLE,
    DeadlineExceeded: code_pb2.DEADLINE_EXCEEDED,
}

_PLAIN: dict[grpc.StatusCode, type[ClairscoreError]] = {
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.FAILED_PRECONDITION: FailedPrecondition,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
}

# gRPC clients refuse trailing metadata above 8 KiB by default, and the message travels twice (as grpc-message,
# percent-encoded, and inside the details). Beyond these sizes a caller would get no reason at all.
_MESSAGE_BYTES = 300
_VIOLATIONS_BYTES = 6300


def to_status(error: ClairscoreError) -> grpc.Status:
    """Turns an error into the status that ends a call.

    Faulty fields become ``BadRequest`` violations, one for each. When there are too many to travel, fields with the
    same fault share one violation (``"AMT_CREDIT, AMT_ANNUITY"``).
    """
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=dict(error.details))
    details: list[Message] = [info]
    if isinstance(error, InvalidInput):
        details.append(_bad_request(error.violations))
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromNanoseconds(int(retry_after * 1e9))
        details.append(retry)
    status = status_pb2.Status(code=_code(error), message=_shortened(error.message))
    for detail in details:
        packed = Any()
        packed.Pack(detail)
        status.details.append(packed)
    return rpc_status.to_status(status)


def from_rpc_error(error: grpc.aio.AioRpcError) -> ClairscoreError:
    """Turns a failed call into the error that the server raised, or the nearest one if it was not ours."""
    message = error.details() or error.code().name
    metadata: dict[str, str] = {}
    violations: list[Violation] = []
    retry_after: float | None = None
    for detail in _details(error):
        info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
        if detail.Unpack(info) and info.domain == DOMAIN:
            metadata = dict(info.metadata)
        elif detail.Unpack(bad):
            violations = [Violation(v.field, v.description) for v in bad.field_violations]
        elif detail.Unpack(retry):
            retry_after = retry.retry_delay.ToNanoseconds() / 1e9
    code = error.code()
    if code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.OUT_OF_RANGE):
        return InvalidInput(violations or [Violation("request", message)])
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return ResourceExhausted(message, retry_after=retry_after, **metadata)
    if code is grpc.StatusCode.UNAVAILABLE:
        return Unavailable(message, retry_after=1.0 if retry_after is None else retry_after, **metadata)
    return _PLAIN.get(code, ClairscoreError)(message, **metadata)


def _code(error: ClairscoreError) -> int:
    for kind in type(error).__mro__:
        if kind in _CODES:
            return _CODES[kind]
    return int(code_pb2.INTERNAL)


def _shortened(message: str) -> str:
    encoded = message.encode()
    if len(encoded) <= _MESSAGE_BYTES:
        return message
    return encoded[: _MESSAGE_BYTES - 3].decode(errors="ignore") + "…"


def _bad_request(violations: Sequence[Violation]) -> error_details_pb2.BadRequest:
    bad = _violations(violations)
    return bad if bad.ByteSize() <= _VIOLATIONS_BYTES else _violations(_grouped(violations))


def _grouped(violations: Sequence[Violation]) -> list[Violation]:
    fields: defaultdict[str, list[str]] = defaultdict(list)
    for violation in violations:
        fields[violation.description].append(violation.field)
    grouped: list[Violation] = []
    room, left = _VIOLATIONS_BYTES, 0
    for description, names in fields.items():
        room -= len(description.encode()) + 12
        kept = []
        for name in names:
            room -= len(name.encode()) + 2
            if room > 0:
                kept.append(name)
        left += len(names) - len(kept)
        if kept:
            grouped.append(Violation(", ".join(kept), description))
    return [*grouped, Violation("…", f"and {left} more faulty fields")] if left else grouped


def _violations(violations: Sequence[Violation]) -> error_details_pb2.BadRequest:
    return error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(field=v.field, description=v.description) for v in violations
        ]
    )


def _details(error: grpc.aio.AioRpcError) -> Sequence[Any]:
    try:
        # An AioRpcError answers the three questions that a grpc.Call is asked here.
        status = rpc_status.from_call(error)  # type: ignore[arg-type]
    except ValueError:
        # Details that contradict the status are not to be trusted; the status is.
        return ()
    return () if status is None else status.details
