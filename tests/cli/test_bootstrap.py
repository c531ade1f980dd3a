"""The bootstrap refuses a machine that cannot work, in one sentence."""

import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

import bootstrap

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def arguments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", str(tmp_path / "venv"), "all"])


def refusal() -> str:
    with pytest.raises(SystemExit) as stopped:
        bootstrap.main()
    assert isinstance(stopped.value.code, str), "a string makes Python print it and exit with code 1"
    return stopped.value.code


def test_a_too_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert "needs Python 3.11 or newer" in refusal()


def test_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1 << 40, 1 << 40, 1 << 20))
    assert "3 GiB of free disk" in refusal()


def test_a_current_environment_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / ".clairscore-all").write_text(bootstrap.fingerprint())
    monkeypatch.setattr(subprocess, "call", lambda *_, **__: pytest.fail("nothing was to be installed"))
    bootstrap.main()
