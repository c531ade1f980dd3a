"""Every command explains itself, and a known error is one clear message with exit code 1."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = (
    "generate",
    "features",
    "train",
    "publish",
    "rollback",
    "score",
    "serve",
    "dashboard",
    "prepare",
    "up",
    "export-embedding",
)


def clairscore(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments], capture_output=True, text=True, cwd=cwd, timeout=60, check=False
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_help_gives_an_example(command: str) -> None:
    result = clairscore(command, "--help")
    assert result.returncode == 0
    assert f"Example: clairscore {command}" in " ".join(result.stdout.split())


def test_the_list_of_commands_is_complete() -> None:
    result = clairscore("--help")
    assert all(command in result.stdout for command in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("features", "nowhere", "--out", "f.parquet"), "nowhere"),
        (("train", "nowhere.parquet", "--out", "m"), "nowhere.parquet"),
        (("score", "nowhere", "f.parquet", "--out", "s.csv"), "nowhere"),
        (("publish", "nowhere", "f.parquet"), "nowhere"),
        (("serve", "scoring", "--port", "0"), "var/models"),
        (("rollback",), "no former publication"),
    ],
)
def test_what_is_not_there_is_named(arguments: tuple[str, ...], named: str, tmp_path: Path) -> None:
    result = clairscore(*arguments, cwd=tmp_path)
    assert result.returncode == 1
    assert named in result.stderr
    assert "Traceback" not in result.stderr
