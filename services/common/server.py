"""Starts a service, keeps its health status true, and drains it on SIGTERM."""

import asyncio
import errno
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import grpc
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection

from services.common.errors import Misconfigured
from services.common.interceptors import CallInterceptor
from services.common.metrics import start_metrics, stop_metrics
from services.common.settings import ServiceSettings, describe

_log = structlog.get_logger("server")

# The health of the process itself, SERVING also while the service is not ready: what an orchestrator restarts it by.
LIVE = "live"

# Callers have left when no call has begun for so long; they are waited for during this part of the time to drain.
_QUIET_SECONDS = 0.3
_LEAVING = 0.25


class Service(Protocol):
    """What the shared server starts: one or more gRPC services over the same resources."""

    @property
    def names(self) -> Sequence[str]:
        """Full names of the gRPC services ("clairscore.scoring.v1.ScoringService"), for health and reflection."""

    def add_to(self, server: grpc.aio.Server) -> None:
        """Registers the servicers."""

    async def ready(self) -> bool:
        """Whether calls can be answered now (model loaded, database answers). Asked again and again: keep it cheap."""

    async def close(self) -> None:
        """Gives the resources back, after the last call has ended."""


async def run(service: Service, settings: ServiceSettings) -> None:
    """Serves until SIGTERM or SIGINT, then drains, within ``drain_seconds``, and returns.

    To drain is to say NOT_SERVING, which makes our clients send their calls elsewhere; then to refuse new calls and
    connections (GOAWAY); then to let the calls in flight end.

    Raises:
        Misconfigured: the address cannot be listened on.
    """
    calls = CallInterceptor()
    server = grpc.aio.server(interceptors=[calls], options=_options(settings))
    service.add_to(server)
    health = HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    reflection.enable_server_reflection((*service.names, "grpc.health.v1.Health", reflection.SERVICE_NAME), server)

    await _report(service, health, False)
    await health.set(LIVE, health_pb2.HealthCheckResponse.SERVING)
    port = _listen(server, settings)
    beside = port if settings.port else 0
    metrics = start_metrics(settings.host, beside, settings.metrics_port, "CLAIRSCORE_METRICS_PORT")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    readiness = None
    try:
        await server.start()
        readiness = asyncio.create_task(_keep_health(service, health, settings.ready_check_seconds))
        _log.info(
            "serving",
            services=list(service.names),
            host=settings.host,
            port=port,
            metrics_port=metrics.server_port if metrics else 0,
            settings=describe(settings),
        )
        await stop.wait()
        _log.info("draining", seconds=settings.drain_seconds)
    finally:
        await health.enter_graceful_shutdown()
        if readiness is not None:
            readiness.cancel()
            with suppress(asyncio.CancelledError):
                await readiness
        leaving = loop.time()
        await _callers_leave(calls, settings.drain_seconds * _LEAVING)
        await server.stop(max(0.0, settings.drain_seconds - (loop.time() - leaving)))
        await service.close()
        stop_metrics(metrics)
        _log.info("stopped")


def _options(settings: ServiceSettings) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        # Without this a second server takes the same port in silence, and gets half of the calls.
        ("grpc.so_reuseport", 0),
        # What services.common.client sends; more often is abuse.
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
        # Callers look the name up again, and share their calls among all replicas of now. Calls in flight go on.
        ("grpc.max_connection_age_ms", int(settings.connection_age_seconds * 1000)),
    ]


def _listen(server: grpc.aio.Server, settings: ServiceSettings) -> int:
    # Tried with a plain socket first: it says why it fails, where gRPC prints lines of its own.
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
        host = f"[{settings.host}]" if family == socket.AF_INET6 else settings.host
        return server.add_insecure_port(f"{host}:{settings.port}")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Misconfigured(f"port {settings.port} is taken; choose another with --port") from error
        raise Misconfigured(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from error
    except RuntimeError as error:
        raise Misconfigured(f"cannot listen on {settings.host}:{settings.port}") from error


async def _callers_leave(calls: CallInterceptor, within: float) -> None:
    """Waits until no more calls begin: gRPC cancels those that it has received, but not begun, when a server stops."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            begun = None
            while begun != calls.begun:
                begun = calls.begun
                await asyncio.sleep(_QUIET_SECONDS)


async def _keep_health(service: Service, health: HealthServicer, every: float) -> None:
    known: bool | None = None
    while True:
        try:
            async with asyncio.timeout(max(every, 5.0)):
                ready = await service.ready()
        except Exception:
            # Not being able to tell is not being ready; the next round may be.
            _log.exception("readiness check failed")
            ready = False
        if ready != known:
            _log.info("ready" if ready else "not ready")
            await _report(service, health, ready)
            known = ready
        await asyncio.sleep(every)


async def _report(service: Service, health: HealthServicer, ready: bool) -> None:
    status = health_pb2.HealthCheckResponse.SERVING if ready else health_pb2.HealthCheckResponse.NOT_SERVING
    for name in ("", *service.names):
        await health.set(name, status)
