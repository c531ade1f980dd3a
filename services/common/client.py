"""How our own parts call a service: one channel over all its replicas (ADR 9), deadlines always, errors of our tree.

scoring = Connection("localhost:50051", ScoringServiceStub)
response = await call(scoring.stub.Score, ScoreRequest(…))
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextvars import Context
from typing import Generic, TypeVar

import grpc
from clairscore.embedding.v1 import embedding_pb2
from clairscore.explain.v1 import explain_pb2
from clairscore.portfolio.v1 import portfolio_pb2
from clairscore.scoring.v1 import scoring_pb2
from google.protobuf.descriptor_pb2 import MethodOptions

from services.common.status import from_rpc_error

DEFAULT_DEADLINE = 5.0

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
    metadata = None if request_id is None else (("x-request-id", request_id),)
    try:
        return await method(request, timeout=deadline, metadata=metadata)
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error) from error
