"""The dashboard and its services as processes of their own, and what they take of the machine."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.error import URLError
from urllib.request import urlopen

import grpc
import psutil
from clairscore.explain.v1.explain_pb2 import GetProgressRequest, GetProgressResponse
from clairscore.explain.v1.explain_pb2_grpc import ExplainServiceStub

from benchmarks.servers import free_port, process

_START = 90.0
_EXPLAIN = 900.0
_SERVICES = ("scoring", "portfolio", "explain")


@dataclass(frozen=True)
class Stack:
    """A running stack; ``dashboard`` and ``services`` are its processes."""

    host: str
    dashboard: psutil.Process
    services: tuple[psutil.Process, ...]
    started_in: float

    @property
    def url(self) -> str:
        """The address of the first page."""
        return f"http://{self.host}/"

    @property
    def megabytes(self) -> float:
        """Resident memory of the dashboard."""
        return float(self.dashboard.memory_info().rss) / 2**20

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU that dashboard and services have taken so far."""
        return {"dashboard": _cpu(self.dashboard), "services": sum(_cpu(one) for one in self.services)}


@contextmanager
def running(env: dict[str, str]) -> Iterator[Stack]:
    """Starts everything, waits until it serves and every client is explained, and ends it."""
    ports = {name: free_port() for name in _SERVICES}
    addresses = {f"CLAIRSCORE_{name.upper()}_ADDRESS": f"localhost:{port}" for name, port in ports.items()}
    settings = {**env, **addresses, "CLAIRSCORE_METRICS_PORT": "0", "CLAIRSCORE_DASHBOARD_METRICS_PORT": "0"}
    with ExitStack() as stack:
        services = tuple(
            _known(stack.enter_context(process(_command("serve", name, "--port", str(port)), settings)))
            for name, port in ports.items()
        )
        _await_explanations(ports["explain"])
        port = free_port()
        began = time.monotonic()
        dashboard = stack.enter_context(process(_command("dashboard", "--port", str(port)), settings))
        _await_dashboard(port)
        yield Stack(f"localhost:{port}", _known(dashboard), services, time.monotonic() - began)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cli.main", *arguments]


def _known(running: subprocess.Popen[bytes]) -> psutil.Process:
    return psutil.Process(running.pid)


def _cpu(measured: psutil.Process) -> float:
    times = measured.cpu_times()
    return float(times.user + times.system)


def _await_dashboard(port: int) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        try:
            with urlopen(f"http://localhost:{port}/liveness", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise TimeoutError("the dashboard did not start")


def _await_explanations(port: int) -> None:
    """Until then every page would take turns with the computation."""
    deadline = time.monotonic() + _EXPLAIN
    with grpc.insecure_channel(f"localhost:{port}") as channel:
        stub = ExplainServiceStub(channel)
        while time.monotonic() < deadline:
            try:
                if stub.GetProgress(GetProgressRequest(), timeout=5).state == GetProgressResponse.STATE_READY:
                    return
            except grpc.RpcError:
                pass
            time.sleep(0.5)
    raise TimeoutError("the portfolio was not explained in time")
