"""The stack of ``docker-compose.yml`` on the tests' own engine."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from support.containers.commands import attempt, run
from support.containers.engine import Engine

_ROOT = Path(__file__).parents[3]
FILE = _ROOT / "docker-compose.yml"
COMPOSE = Path(sys.executable).with_name("docker-compose")
_UP_SECONDS = 300


def configuration(
    file: Path = FILE, *, profiles: Sequence[str] = ("*",), env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What ``docker compose config`` makes of a file, as JSON; needs no engine."""
    chosen = [option for profile in profiles for option in ("--profile", profile)]
    return attempt(
        [COMPOSE, "--file", file, "--project-directory", _ROOT, *chosen, "config", "--format", "json"], env=env
    )


class ComposedStack:
    """One project of compose: brought up, looked at, broken, taken down."""

    def __init__(self, engine: Engine, name: str, env: Mapping[str, str], profiles: Sequence[str]) -> None:
        """Starts nothing yet; ``env`` sets the file's variables."""
        self.engine = engine
        self._env = {**engine.env, **env}
        chosen = [option for profile in profiles for option in ("--profile", profile)]
        self._command = [COMPOSE, "--file", FILE, "--project-name", name, *chosen]

    def up(self) -> str:
        """``docker compose up --wait`` with the images that are built; gives what it said.

        Raises:
            AssertionError: not everything became healthy; with the logs.
        """
        wait = ["--wait", "--wait-timeout", str(_UP_SECONDS)]
        result = attempt(
            [*self._command, "up", "--detach", "--no-build", "--quiet-pull", *wait],
            seconds=_UP_SECONDS + 60,
            env=self._env,
        )
        if result.returncode != 0:
            logs = self.compose("logs", "--no-color", "--tail=20")
            raise AssertionError(f"compose up failed:\n{result.stderr[-3000:]}\n{logs[-8000:]}")
        return result.stderr

    def compose(self, *arguments: str, seconds: float = 120) -> str:
        """Runs a command of compose on the stack; gives its standard output."""
        return run([*self._command, *arguments], seconds=seconds, env=self._env)

    def containers(self, service: str) -> list[str]:
        """The identifiers of a service's containers, those that have ended too."""
        return self.compose("ps", "--all", "--quiet", service).split()

    def inspect(self, container: str) -> dict[str, Any]:
        """What the engine says of a container."""
        described: dict[str, Any] = json.loads(self.engine.docker("inspect", container))[0]
        return described

    def all_containers(self) -> dict[str, dict[str, Any]]:
        """What the engine says of every container of the stack, by name."""
        described = [self.inspect(one) for one in self.compose("ps", "--all", "--quiet").split()]
        return {one["Name"].lstrip("/"): one for one in described}

    def healthy(self, container: str) -> bool:
        """Whether the engine's health check has found a container well."""
        return bool(self.inspect(container)["State"]["Health"]["Status"] == "healthy")

    def python(self, container: str, program: str, *arguments: str) -> str:
        """Runs a Python program inside a container; gives what it printed."""
        return self.engine.docker("exec", container, "python", "-c", program, *arguments)

    def down(self) -> None:
        """Removes containers, networks and volumes."""
        self.compose("down", "--volumes", "--timeout=40", seconds=180)
