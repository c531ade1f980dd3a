"""How our own parts call a service: one channel, deadlines always, errors of our tree.

scoring = Connection("localhost:50051", ScoringServiceStub)
response = await call(scoring.stub.Score, ScoreRequest(…))
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextvars import Context
from typing import Generic, TypeVar

import grpc

from services.common.status import from_rpc_error

DEFAULT_DEADLINE = 5.0

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")
_Stub = TypeVar("_Stub")

# Every call of today's contracts only reads, or may be repeated (the contract says so), so that trying again is safe.
# A call that may not be repeated needs its own entry.
_SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 3,
                "initialBackoff": "0.1s",
                "maxBackoff": "0.5s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}


def open_channel(address: str, *, max_message_bytes: int = 16 * 1024 * 1024) -> grpc.aio.Channel:
    """Opens a channel to ``host:port``; to be called in the running event loop, to which it then belongs.

    It connects with the first call, reconnects within two seconds of the server's return, and tries a call again when
    the server is unavailable.
    """
    return grpc.aio.insecure_channel(
        address,
        options=[
            ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
            ("grpc.max_receive_message_length", max_message_bytes),
            ("grpc.max_send_message_length", max_message_bytes),
            ("grpc.keepalive_time_ms", 30_000),
            ("grpc.keepalive_timeout_ms", 5_000),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.initial_reconnect_backoff_ms", 200),
            ("grpc.min_reconnect_backoff_ms", 200),
            ("grpc.max_reconnect_backoff_ms", 2_000),
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
