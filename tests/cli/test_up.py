"""``clairscore up`` as a new user runs it: from an empty folder to a served page, and a clean stop."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from cli.stack import parts
from pipeline.synthetic.generate import generate


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", "up", "--clients", "1000"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    assert process.stdout
    seen = ""
    for line in process.stdout:
        seen += line
        if re.search(pattern, line):
            return seen
    pytest.fail(f"ended without {pattern!r}:\n{seen}")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("up")
    yield folder
    for process in psutil.process_iter(["cwd"]):
        assert process.info["cwd"] != str(folder), f"left behind: {process}"


@pytest.mark.slow
def test_from_nothing_to_a_page_and_a_clean_stop(home: Path) -> None:
    """Slow: makes data and model and starts every process, because that is the first thing that a new user does."""
    process = start(home)
    seen = read_until(process, r"ready: http://localhost:5006")
    assert "make embeddings" in seen, "what is not started is said"
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= len(parts())
    with urlopen("http://localhost:5006/", timeout=10) as page:
        assert page.status == 200
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert not any(child.is_running() for child in children)


@pytest.mark.slow
def test_a_second_start_makes_nothing_anew_and_a_dead_service_stops_all(home: Path) -> None:
    """Slow: starts every process, on what the test before made."""
    live = (home / "var/models/live.json").read_bytes()
    process = start(home)
    seen = read_until(process, r"ready: http://localhost:5006")
    assert "Training" not in seen
    assert "Scoring" not in seen
    assert (home / "var/models/live.json").read_bytes() == live
    next(c for c in psutil.Process(process.pid).children() if "scoring" in c.cmdline()).kill()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "scoring ended" in output


def prepare(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "cli.main", "prepare", *arguments]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=300)
    return result.stdout


@pytest.mark.slow
def test_own_tables_are_prepared_once(tmp_path: Path) -> None:
    """Slow: trains a model, because what is published must be of the tables that were named."""
    generate(tmp_path / "tables", 1000, 7)
    assert "published 1,000 clients" in prepare(tmp_path, "--tables", "tables")
    assert not (tmp_path / "var/data").exists(), "no demonstration data beside own tables"
    live = (tmp_path / "var/models/live.json").read_bytes()
    (tmp_path / "var/features.parquet").unlink()
    assert "nothing to prepare" in prepare(tmp_path, "--tables", "tables")
    assert (tmp_path / "var/models/live.json").read_bytes() == live
    assert not (tmp_path / "var/features.parquet").exists()


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 50054))
        taken.listen()
        output, _ = (process := start(tmp_path)).communicate(timeout=60)
    assert process.returncode == 1
    assert "Port 50054 (portfolio) is taken" in output
    assert not (tmp_path / "var").exists()
