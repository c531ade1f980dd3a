from urllib.parse import quote

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import (
    ClairscoreError,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidInput,
    Misconfigured,
    NotFound,
    ResourceExhausted,
    Unavailable,
    Violation,
)
from services.common.status import from_rpc_error, to_status

# What gRPC clients accept by default.
_METADATA_BYTES = 8192

_ERRORS = [
    (
        InvalidInput([Violation("AMT_CREDIT", "must be positive"), Violation("é", "…")]),
        grpc.StatusCode.INVALID_ARGUMENT,
    ),
    (NotFound("no such client", sk_id_curr="7"), grpc.StatusCode.NOT_FOUND),
    (FailedPrecondition("another version", live_version="v2"), grpc.StatusCode.FAILED_PRECONDITION),
    (ResourceExhausted("too many rows", retry_after=2.5, limit="10"), grpc.StatusCode.RESOURCE_EXHAUSTED),
    (ResourceExhausted("too many rows"), grpc.StatusCode.RESOURCE_EXHAUSTED),
    (Unavailable("database is away", retry_after=0.0), grpc.StatusCode.UNAVAILABLE),
    (DeadlineExceeded("too late"), grpc.StatusCode.DEADLINE_EXCEEDED),
    (ClairscoreError("internal error"), grpc.StatusCode.INTERNAL),
]


def received(status):
    metadata = grpc.aio.Metadata(*status.trailing_metadata)
    return grpc.aio.AioRpcError(status.code, grpc.aio.Metadata(), metadata, details=status.details)


@pytest.mark.parametrize(("error", "code"), _ERRORS, ids=lambda value: type(value).__name__)
def test_an_error_survives_the_way_to_the_caller(error, code):
    status = to_status(error)
    assert status.code is code
    arrived = from_rpc_error(received(status))
    assert type(arrived) is type(error)
    assert arrived.message == error.message
    assert arrived.details == error.details
    assert getattr(arrived, "violations", None) == getattr(error, "violations", None)
    assert getattr(arrived, "retry_after", None) == getattr(error, "retry_after", None)


def test_the_details_are_googles():
    status = rpc_status.from_call(received(to_status(NotFound("no such client", sk_id_curr="7"))))
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert (info.reason, info.domain, dict(info.metadata)) == ("NOT_FOUND", "clairscore", {"sk_id_curr": "7"})


def test_an_error_of_the_start_is_internal_to_a_caller():
    assert to_status(Misconfigured("no model")).code is grpc.StatusCode.INTERNAL


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, InvalidInput),
        (grpc.StatusCode.OUT_OF_RANGE, InvalidInput),
        (grpc.StatusCode.NOT_FOUND, NotFound),
        (grpc.StatusCode.UNAVAILABLE, Unavailable),
        (grpc.StatusCode.DEADLINE_EXCEEDED, DeadlineExceeded),
        (grpc.StatusCode.UNIMPLEMENTED, ClairscoreError),
    ],
)
def test_a_status_without_details_becomes_the_nearest_error(code, kind):
    error = from_rpc_error(grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details="why"))
    assert type(error) is kind
    assert "why" in error.message


def test_details_that_contradict_the_status_are_not_used():
    lie = to_status(NotFound("no such client", sk_id_curr="7")).trailing_metadata
    mixed = grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata(*lie), "gone")
    error = from_rpc_error(mixed)
    assert type(error) is Unavailable
    assert not error.details


def test_many_faults_share_a_violation_and_none_is_lost():
    fields = [f"FEATURE_{number}" for number in range(300)]
    arrived = from_rpc_error(received(to_status(InvalidInput([Violation(f, "is missing: send it") for f in fields]))))
    assert [name for v in arrived.violations for name in v.field.split(", ")] == fields


@given(
    st.lists(
        st.builds(Violation, st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=120)),
        min_size=1,
        max_size=400,
    )
)
def test_any_number_of_faults_fits_into_what_clients_accept(violations):
    status = to_status(InvalidInput(violations))
    metadata = [*status.trailing_metadata, ("grpc-message", quote(status.details)), ("x-request-id", "0" * 128)]
    assert sum(len(key) + len(value) + 32 for key, value in metadata) < _METADATA_BYTES
