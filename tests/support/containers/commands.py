"""Programs that the tests of containers run, and what they say when they fail."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def run(
    command: Sequence[str | Path],
    *,
    seconds: float = 120,
    env: Mapping[str, str] | None = None,
    text: str | None = None,
    cwd: Path | None = None,
) -> str:
    """Runs a program to its end and gives its standard output.

    Raises:
        AssertionError: it failed, or took longer than ``seconds``; with the end of what it said.
    """
    result = attempt(command, seconds=seconds, env=env, text=text, cwd=cwd)
    if result.returncode != 0:
        said = (result.stdout + result.stderr)[-4000:]
        raise AssertionError(f"{' '.join(map(str, command))} ended with {result.returncode}:\n{said}")
    return result.stdout


def attempt(
    command: Sequence[str | Path],
    *,
    seconds: float = 120,
    env: Mapping[str, str] | None = None,
    text: str | None = None,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs a program that may fail.

    Raises:
        AssertionError: it took longer than ``seconds``.
    """
    try:
        return subprocess.run(
            list(map(str, command)),
            capture_output=True,
            text=True,
            timeout=seconds,
            env=env,
            input=text,
            cwd=cwd,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        said = error.stderr or b""
        raise AssertionError(
            f"{' '.join(map(str, command))} took longer than {seconds:.0f} s:\n{said[-4000:].decode(errors='replace')}"
        ) from None
