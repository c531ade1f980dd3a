"""Asks a part whether it serves: ``python -m services.common.probe TARGET``, for the health checks of containers.

A module of its own and not a command of ``clairscore``: it runs every few seconds, and imports only what it needs.
"""

import sys
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

_SECONDS = 2.0


def serves(target: str, *, seconds: float = _SECONDS) -> bool:
    """Whether a part answers and says that it serves.

    Args:
        target: ``http://…`` for a page that answers with 200, else ``HOST:PORT`` of a service whose
            ``grpc.health.v1.Health`` answers SERVING.
        seconds: how long the answer is waited for.
    """
    if target.startswith("http://"):
        try:
            with urlopen(target, timeout=seconds) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False
    with grpc.insecure_channel(target) as channel:
        try:
            # Its type stub leaves the methods out.
            stub: Any = health_pb2_grpc.HealthStub(channel)
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=seconds)
        except grpc.RpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


if __name__ == "__main__":
    sys.exit(0 if serves(sys.argv[1]) else f"{sys.argv[1]} does not serve")
