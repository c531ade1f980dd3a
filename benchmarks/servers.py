"""Servers under measurement, as processes of their own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).parents[1]


@contextmanager
def serving(service: str, env: dict[str, str]) -> Iterator[int]:
    """One of our services as an operator starts it; gives its port, where it answers once it has started."""
    port = free_port()
    command = [sys.executable, "-m", "cli.main", "serve", service, "--port", str(port)]
    with process(command, {"CLAIRSCORE_METRICS_PORT": str(free_port()), **env}):
        yield port


@contextmanager
def process(command: list[str], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a command in the project's folder, and ends it."""
    running = subprocess.Popen(
        command, cwd=_ROOT, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
