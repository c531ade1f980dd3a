"""How our own parts call a service: one channel over all its replicas (ADR 9), deadlines always, errors of our tree,
metrics and a trace of every call.

scoring = Connection("localhost:50051", ScoringServiceStub)
response = await call(scoring.stub.Score, ScoreRequest(…))
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Generic, TypeAlias, TypeVar

import grpc
from clairscore.embedding.v1 import embedding_pb2
from clairscore.explain.v1 import explain_pb2
from clairscore.portfolio.v1 import portfolio_pb2
from clairscore.scoring.v1 import scoring_pb2
from google.protobuf.descriptor_pb2 import MethodOptions
from prometheus_client import Counter, Histogram

from services.common import tracing
from services.common.errors import ClairscoreError
from services.common.metrics import CALL_SECONDS, UNOBSERVED
from services.common.status import from_rpc_error
from services.common.tracing import REQUEST_ID

DEFAULT_DEADLINE = 5.0

_LABELS = ("grpc_service", "grpc_method")
_HANDLED = Counter("grpc_client_handled", "Calls to a service that ended, by status code.", (*_LABELS, "grpc_code"))
_SECONDS = Histogram(
    "grpc_client_handling_seconds", "Time from a call's beginning to its end.", _LABELS, buckets=CALL_SECONDS
)

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")
_Stub = TypeVar("_Stub")

_CONTRACTS = (scoring_pb2, explain_pb2, embedding_pb2, portfolio_pb2)
_REPEATABLE = (MethodOptions.NO_SIDE_EFFECTS, MethodOptions.IDEMPOTENT)


def _service_config() -> str:
    """What gRPC is told of the services: calls go round all replicas, and what may be repeated is tried again.

    A contract says of each call whether it may be repeated (``idempotency_level``); one that says nothing is sent once.
    """
    repeatable = [
        {"service": service.full_name, "method": method.name}
        for contract in _CONTRACTS
        for service in contract.DESCRIPTOR.services_by_name.values()
        for method in service.methods
        if method.GetOptions().idempotency_level in _REPEATABLE
    ]
    config = {
        "loadBalancingConfig": [{"round_robin": {}}],
        # A replica that says NOT_SERVING, because it is about to end or its database is away, gets no calls.
        "healthCheckConfig": {"serviceName": ""},
        "methodConfig": [
            {
                "name": [*repeatable, {"service": "grpc.health.v1.Health", "method": "Check"}],
                "retryPolicy": {
                    "maxAttempts": 4,
                    "initialBackoff": "0.1s",
                    "maxBackoff": "0.5s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ],
    }
    return json.dumps(config)


def open_channel(address: str, *, max_message_bytes: int = 16 * 1024 * 1024) -> grpc.aio.Channel:
    """Opens a channel to every server behind an address; to be called in the running event loop, its own from then on.

    It connects with the first call, sends calls to the servers in turn and around one that is gone, finds a server's
    return within two seconds and a new one with the next look at the name, at the latest when a server asks to connect
    anew (``connection_age_seconds``).

    Args:
        address: ``host:port`` or ``dns:///host:port``, where a name may stand for several addresses; or a list of
            addresses, ``ipv4:10.0.0.1:50051,10.0.0.2:50051``.
        max_message_bytes: largest message, in both directions.
    """
    return grpc.aio.insecure_channel(
        address,
        options=[
            ("grpc.service_config", _service_config()),
            ("grpc.max_receive_message_length", max_message_bytes),
            ("grpc.max_send_message_length", max_message_bytes),
            # A server that vanished without a word is given up after keepalive time and timeout.
            ("grpc.keepalive_time_ms", 15_000),
            ("grpc.keepalive_timeout_ms", 3_000),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.initial_reconnect_backoff_ms", 200),
            ("grpc.min_reconnect_backoff_ms", 200),
            ("grpc.max_reconnect_backoff_ms", 2_000),
            # Each channel keeps its own connections. Shared ones ended a whole process once, when a service came back:
            # a segmentation fault of gRPC 1.85.1 in HealthProducer::HealthChecker, most probably because two channels
            # began to watch the health of one server at the same moment.
            ("grpc.use_local_subchannel_pool", 1),
            # By default a name is not looked up again for half a minute.
            ("grpc.dns_min_time_between_resolutions_ms", 1_000),
        ],
    )


class Connection(Generic[_Stub]):
    """A typed stub over a channel of its own, made on first use in the running event loop."""

    def __init__(self, address: str, stub: Callable[[grpc.aio.Channel], _Stub]) -> None:
        self.address = address
        self._make_stub = stub
        self._channel: grpc.aio.Channel | None = None
        self._stub: _Stub | None = None

    @property
    def stub(self) -> _Stub:
        """The generated stub; its calls raise gRPC's errors, ``call`` turns them into ours."""
        if self._stub is None:
            # gRPC keeps the context in which it is first used, and with it whatever the first caller had in his.
            self._channel = Context().run(open_channel, self.address)
            self._stub = self._make_stub(self._channel)
        return self._stub

    async def close(self) -> None:
        """Ends the connection; the next use opens another."""
        channel, self._channel, self._stub = self._channel, None, None
        if channel is not None:
            await channel.close()


Metadata: TypeAlias = "tuple[tuple[str, str], ...]"


async def call(
    method: grpc.aio.UnaryUnaryMultiCallable[_Request, _Response],
    request: _Request,
    *,
    deadline: float = DEFAULT_DEADLINE,
    request_id: str | None = None,
) -> _Response:
    """Makes a unary call that ends within ``deadline`` seconds.

    Raises:
        ClairscoreError: the error that the server raised; ``Unavailable`` when there is no server,
            ``DeadlineExceeded`` when it took too long.
    """
    mine: Metadata = () if request_id is None else ((REQUEST_ID, request_id),)
    with outgoing(method) as metadata:
        return await method(request, timeout=deadline, metadata=mine + metadata)


@contextmanager
def outgoing(method: object) -> Iterator[Metadata]:
    """Surrounds a call of a stub's method to its end, a stream's to its last message; gives the metadata to send.

    Raises:
        ClairscoreError: what gRPC's error in the block stands for.
    """
    # gRPC's own name of it, "/package.Service/Method"; it tells it in no other way.
    _, service, name = bytes(getattr(method, "_method")).decode().split("/")  # noqa: B009
    if service.startswith(UNOBSERVED):
        with _as_ours():
            yield ()
        return
    span = tracing.outgoing(service, name)
    started = time.perf_counter()
    code, reason = "OK", ""
    try:
        with _as_ours():
            yield () if span is None else span.metadata()
    except ClairscoreError as error:
        code = getattr(error.__cause__, "code", lambda: grpc.StatusCode.UNKNOWN)().name
        reason = error.reason
        raise
    except BaseException:
        # Given up: nobody waits for it any more, or the caller's own time is over.
        code = grpc.StatusCode.CANCELLED.name
        raise
    finally:
        _HANDLED.labels(service, name, code).inc()
        _SECONDS.labels(service, name).observe(time.perf_counter() - started)
        if span is not None:
            span.end(code, reason)


@contextmanager
def _as_ours() -> Iterator[None]:
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error) from error
