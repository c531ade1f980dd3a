"""Runs the real `clairscore serve …` command, as an operator does, and waits until it is ready or has failed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

_ROOT = Path(__file__).parents[2]
# Generous: a busy machine imports slowly, and a test that waits for readiness waits no longer than it has to.
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0


@dataclass
class RunningService:
    """A service process that has been ready; as a context manager it is gone at the end."""

    address: str
    metrics_address: str
    process: subprocess.Popen[bytes]
    _folder: tempfile.TemporaryDirectory[str]

    @property
    def log(self) -> str:
        """Everything that the process has written so far, to standard output and standard error."""
        return _read(self._folder)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The structured log, one entry a line; lines that are not JSON are left out."""
        return _events(self.log)

    def wait_for_event(self, event: str, **values: Any) -> dict[str, Any]:
        """Returns the first log entry of that event with those values, once it is there.

        Raises:
            AssertionError: the process ended, or half a minute went by, without it.
        """
        deadline = time.monotonic() + _STOP_SECONDS
        wanted = {"event": event, **values}.items()
        ended = False
        while not ended and time.monotonic() < deadline:
            # What is written before the end is read after it.
            ended = self.process.poll() is not None
            for entry in self.events:
                if wanted <= entry.items():
                    return entry
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.02)
        raise AssertionError(f"no log entry {dict(wanted)}:\n{self.log}")

    def terminate(self) -> int:
        """Sends SIGTERM, waits for the end and returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_STOP_SECONDS)

    def kill(self) -> None:
        """Ends the process at once, as a crash would."""
        self.process.kill()
        self.process.wait(_STOP_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._folder.cleanup()


def start_service(name: str, env: Mapping[str, str], *, port: int = 0) -> RunningService:
    """Starts `clairscore serve NAME` and gives it once its health is SERVING.

    Args:
        name: "scoring", "portfolio", …
        env: settings, beside the environment of the tests.
        port: to listen on; 0 lets the system choose. Give the former port to start a service again.
    """
    folder = tempfile.TemporaryDirectory()
    with Path(folder.name, "log").open("wb") as stream:
        process = subprocess.Popen(
            _command(name, port), cwd=_ROOT, env=_environment(env), stdout=stream, stderr=subprocess.STDOUT
        )
    try:
        started = _started(process, folder)
        host = started["host"]
        address = f"{host}:{started['port']}"
        wait_until_serving(address)
    except BaseException:
        process.kill()
        process.wait(_STOP_SECONDS)
        folder.cleanup()
        raise
    return RunningService(address, f"{host}:{started['metrics_port']}", process, folder)


def fail_to_start(name: str, env: Mapping[str, str], *, port: int = 0) -> subprocess.CompletedProcess[str]:
    """Runs a service that cannot start, to its end."""
    return subprocess.run(
        _command(name, port),
        cwd=_ROOT,
        env=_environment(env),
        capture_output=True,
        text=True,
        timeout=_START_SECONDS,
        check=False,
    )


def wait_until_serving(address: str, service: str = "") -> None:
    """Returns once the health of the service is SERVING.

    Raises:
        TimeoutError: it was not within a minute.
    """
    with grpc.insecure_channel(address) as channel:
        request = health_pb2.HealthCheckRequest(service=service)
        watch = health_pb2_grpc.HealthStub(channel).Watch(request, timeout=_START_SECONDS, wait_for_ready=True)
        try:
            for answer in watch:
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return
        except grpc.RpcError as error:
            raise TimeoutError(f"{address} is not serving: {error.code()}") from error
        finally:
            watch.cancel()


def _command(name: str, port: int) -> list[str]:
    return [sys.executable, "-m", "cli.main", "serve", name, "--port", str(port)]


def _environment(env: Mapping[str, str]) -> dict[str, str]:
    # Settings of the person who runs the tests must not reach the service.
    mine = {key: value for key, value in os.environ.items() if not key.startswith(("CLAIRSCORE_", "DATABASE_URL"))}
    return {**mine, "PYTHONUNBUFFERED": "1", **env}


def _started(process: subprocess.Popen[bytes], folder: tempfile.TemporaryDirectory[str]) -> dict[str, Any]:
    """The log entry that tells the ports."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        for event in _events(_read(folder)):
            if event.get("event") == "serving":
                return event
        try:
            # Returns when the process ends; otherwise the log is read again.
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        raise RuntimeError(f"the service ended with exit code {process.returncode}:\n{_read(folder)}")
    raise TimeoutError(f"the service did not start:\n{_read(folder)}")


def _read(folder: tempfile.TemporaryDirectory[str]) -> str:
    return Path(folder.name, "log").read_text(errors="replace")


def _events(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines() if line.startswith("{") and line.endswith("}")]
