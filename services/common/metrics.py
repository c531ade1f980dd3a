"""What every process of ours tells Prometheus in the same way, and where it is read."""

from wsgiref.simple_server import WSGIServer

from prometheus_client import start_http_server

from services.common.errors import Misconfigured

# A score takes a millisecond, an analysis seconds.
CALL_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# gRPC services that are asked again and again: their calls fill neither metrics nor logs nor traces.
UNOBSERVED = ("grpc.health.", "grpc.reflection.")
# Added to a port where no other one is chosen.
_BESIDE = 1000


def start_metrics(host: str, port: int, wanted: int | None, variable: str) -> WSGIServer | None:
    """Serves ``/metrics`` in a thread of its own; to be ended by ``stop_metrics``.

    Args:
        host: address to listen on.
        port: where the process itself listens; 0: at any free port.
        wanted: the port of the metrics; 0: none; None: ``port`` + 1000, or any free one.
        variable: the environment's name of ``wanted``, for the error.

    Raises:
        Misconfigured: the port cannot be listened on.
    """
    if wanted == 0:
        return None
    if wanted is None:
        wanted = port + _BESIDE if port else 0
    try:
        server, _ = start_http_server(wanted, addr=host)
    except (OSError, OverflowError) as error:
        fault = error.strerror if isinstance(error, OSError) else "there is no such port"
        raise Misconfigured(
            f"metrics port {wanted}: {fault}; choose another with {variable} (0: no metrics)"
        ) from error
    return server


def stop_metrics(server: WSGIServer | None) -> None:
    """Ends what ``start_metrics`` began."""
    if server is not None:
        server.shutdown()
        server.server_close()
