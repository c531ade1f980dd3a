"""A Docker engine of the tests' own, on a bare Debian machine without an image registry.

It builds in the machine's network, because packages are downloaded, and runs containers inside a network namespace
without a way out: nothing that they do reaches the machine's own network, and no port of the machine is taken.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from support.containers.commands import attempt, run
from support.waiting import until

_NAMESPACE_ADDRESS = "10.200.0.1/24"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0


def missing() -> str | None:
    """Why no engine can be started here; None when nothing is known to be in the way."""
    if os.geteuid() != 0:
        return "a container engine is only started by root"
    wanted = ("dockerd", "debootstrap", "ip", "iptables", "nsenter", "unshare")
    absent = [program for program in wanted if shutil.which(program) is None]
    if absent:
        return f"not installed: {', '.join(absent)} (apt-get install docker.io debootstrap iproute2 iptables)"
    return None


class EngineFailed(Exception):
    """The engine did not start on this machine; the message holds the end of its log."""


class Engine:
    """One engine; ``close`` leaves nothing of it running or mounted. Images and build cache are kept in its folder."""

    def __init__(self, folder: Path, runtime: Path) -> None:
        """Starts nothing yet.

        Args:
            folder: where images, containers and the build cache are kept; may be used again by a later engine.
            runtime: an empty folder for sockets and logs, short enough for the path of a socket.
        """
        self._folder = folder
        self._runtime = runtime
        self._namespace = f"clairscore-{os.getpid()}"
        self._process: subprocess.Popen[bytes] | None = None
        self._socket = runtime / "docker.sock"
        # Debian's own client: it has BuildKit without a plug-in.
        self._docker = "/usr/bin/docker"

    @property
    def env(self) -> dict[str, str]:
        """The environment in which ``docker`` and ``docker-compose`` speak to this engine."""
        return {**os.environ, "DOCKER_HOST": f"unix://{self._socket}", "DOCKER_BUILDKIT": "1"}

    def start_for_building(self) -> None:
        """Starts the engine in the machine's network, without networks for containers.

        Raises:
            EngineFailed: it does not start here.
        """
        self._start([], ["--bridge=none", "--iptables=false"])

    def start_for_running(self) -> None:
        """Starts the engine inside a network namespace of its own.

        Raises:
            EngineFailed: it does not start here.
        """
        self._make_namespace()
        self._start(self.inside(), [])

    def inside(self) -> list[str]:
        """The beginning of a command that is to run in the containers' network."""
        return ["nsenter", f"--net=/run/netns/{self._namespace}", "--"]

    def docker(self, *arguments: str | Path, seconds: float = 120, text: str | None = None) -> str:
        """Runs the ``docker`` command; gives its standard output.

        Raises:
            AssertionError: it failed.
        """
        return run([self._docker, *arguments], seconds=seconds, env=self.env, text=text)

    def attempt(self, *arguments: str | Path, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Runs the ``docker`` command, which may fail."""
        return attempt([self._docker, *arguments], seconds=seconds, env=self.env)

    def stop(self) -> None:
        """Stops the engine and whatever it runs; images stay."""
        if self._process is None:
            return
        if self._process.poll() is None:
            with suppress(AssertionError):
                for container in self.docker("ps", "-aq").split():
                    self.attempt("rm", "-f", container)
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def close(self) -> None:
        """Stops the engine, unmounts what it mounted and deletes the namespace, whatever happened before."""
        self.stop()
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        ours = (f"{self._folder}/", f"{self._runtime}/")
        for mount in sorted((mount for mount in mounts if mount.startswith(ours)), reverse=True):
            attempt(["umount", "--lazy", mount])
        if Path("/run/netns", self._namespace).exists():
            attempt(["ip", "netns", "del", self._namespace])

    def _start(self, before: Sequence[str], options: Sequence[str]) -> None:
        self.stop()
        self._folder.mkdir(parents=True, exist_ok=True)
        log = self._runtime / "dockerd.log"
        with log.open("wb") as stream:
            self._process = subprocess.Popen(
                [
                    *before,
                    "dockerd",
                    f"--data-root={self._folder}",
                    f"--exec-root={self._runtime / 'exec'}",
                    f"--pidfile={self._runtime / 'dockerd.pid'}",
                    f"--host=unix://{self._socket}",
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = self._process
        answers = until(
            lambda: self.attempt("version").returncode == 0 or process.poll() is not None, seconds=_START_SECONDS
        )
        if not answers or process.poll() is not None:
            raise EngineFailed(f"dockerd does not start here:\n{log.read_text(errors='replace')[-3000:]}")

    def _make_namespace(self) -> None:
        if Path("/run/netns", self._namespace).exists():
            return
        run(["ip", "netns", "add", self._namespace])
        # Compose's networks need a default route to be made, not one that leads anywhere.
        for command in (
            "link set lo up",
            "link add node0 type bridge",
            f"addr add {_NAMESPACE_ADDRESS} dev node0",
            "link set node0 up",
            "route add default via 10.200.0.254",
        ):
            run([*self.inside(), "ip", *command.split()])
