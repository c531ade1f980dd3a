"""The stack as processes: started together, watched, stopped together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import typer

from services.common.errors import Misconfigured
from services.common.probe import serves

_LOGS = Path("var/logs")
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0


@dataclass(frozen=True)
class Part:
    """One process of the stack."""

    name: str
    arguments: tuple[str, ...]
    port: int

    def ready(self) -> bool:
        """True once it serves: gRPC health for a service, an answered page for the dashboard."""
        if self.name == "dashboard":
            return serves(f"http://localhost:{self.port}/liveness")
        return serves(f"localhost:{self.port}")


@dataclass(frozen=True)
class _Running:
    part: Part
    process: subprocess.Popen[bytes]
    log: Path


def parts(*, embedding: bool = False) -> tuple[Part, ...]:
    """The parts in the order in which they are started; the embedding service needs an exported model."""
    products = (Part("embedding", ("serve", "embedding", "--port", "50053"), 50053),) if embedding else ()
    return (
        Part("scoring", ("serve", "scoring", "--port", "50051"), 50051),
        Part("portfolio", ("serve", "portfolio", "--port", "50054"), 50054),
        Part("explain", ("serve", "explain", "--port", "50052"), 50052),
        *products,
        Part("dashboard", ("dashboard", "--port", "5006"), 5006),
    )


def refuse_taken_ports(stack: Sequence[Part]) -> None:
    """Raises Misconfigured when another program listens on a port of the stack."""
    for part in stack:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", part.port))
            except OSError as error:
                raise Misconfigured(
                    f"Port {part.port} ({part.name}) is taken by another program: stop it, then run this again."
                ) from error


def run(stack: Sequence[Part]) -> None:
    """Starts the parts, says where the dashboard is, and stops all of them on Ctrl-C, SIGTERM or when one ends."""
    _LOGS.mkdir(parents=True, exist_ok=True)
    running: list[_Running] = []
    with _asked_to_stop() as asked:
        try:
            running.extend(_start(part) for part in stack)
            if not _wait_ready(running, asked):
                return
            typer.secho(f"\nClairscore is ready: http://localhost:{stack[-1].port}", fg=typer.colors.GREEN, bold=True)
            typer.echo(f"Ctrl-C stops it. Logs: {_LOGS}/")
            while not asked():
                _refuse_ended(running)
                time.sleep(0.2)
        finally:
            _stop(running)
    typer.echo("Stopped.")


@contextmanager
def _asked_to_stop() -> Iterator["_Asked"]:
    """While open, a signal to stop is noted instead of ending the program half-way."""
    asked = _Asked()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, asked.note) for number in signals}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Asked:
    def __init__(self) -> None:
        self._noted = False

    def note(self, _number: int, _frame: FrameType | None) -> None:
        self._noted = True

    def __call__(self) -> bool:
        return self._noted


def _start(part: Part) -> _Running:
    log = _LOGS / f"{part.name}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", *part.arguments],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            # A session of its own: Ctrl-C reaches us alone, and we stop the parts in order.
            start_new_session=True,
        )
    return _Running(part, process, log)


def _wait_ready(running: Sequence[_Running], asked: _Asked) -> bool:
    """Waits until every part serves; False when asked to stop before."""
    deadline = time.monotonic() + _START_SECONDS
    for one in running:
        while not one.part.ready():
            if asked():
                return False
            _refuse_ended(running)
            if time.monotonic() > deadline:
                raise Misconfigured(f"{one.part.name} did not become ready in {_START_SECONDS:.0f} s; see {one.log}.")
            time.sleep(0.1)
    return True


def _refuse_ended(running: Sequence[_Running]) -> None:
    for one in running:
        if one.process.poll() is not None:
            lines = one.log.read_text(errors="replace").strip().splitlines()
            raise Misconfigured(f"{one.part.name} ended (see {one.log}): {lines[-1] if lines else 'no message'}")


def _stop(running: Sequence[_Running]) -> None:
    """The last started first, so that nobody loses a service that it still uses."""
    for one in reversed(running):
        one.process.terminate()
        try:
            one.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait()
