import signal
import subprocess
import sys

import pytest

from pipeline.folder import replaced
from pipeline.model.manifest import MANIFEST
from services.common.errors import InvalidInput


def _write(folder, text):
    (folder / MANIFEST).write_text(text)
    (folder / "model.onnx").write_text(text)


def _published(out):
    return {file.name: file.read_text() for file in out.iterdir()}


@pytest.fixture
def old(tmp_path):
    out = tmp_path / "model"
    out.mkdir()
    _write(out, "old")
    (out / "note").write_text("old")
    return out


def test_a_new_folder_appears_with_its_parents(tmp_path):
    out = tmp_path / "a" / "b" / "model"
    with replaced(out) as aside:
        _write(aside, "new")
        assert not out.exists()
    assert _published(out) == {MANIFEST: "new", "model.onnx": "new"}
    assert list(out.parent.iterdir()) == [out]


def test_a_model_is_replaced_as_a_whole(old):
    with replaced(old) as aside:
        _write(aside, "new")
        assert _published(old)["note"] == "old"
    assert _published(old) == {MANIFEST: "new", "model.onnx": "new"}
    assert list(old.parent.iterdir()) == [old]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_interruption_leaves_the_old_model(old, error):
    def interrupted():
        with replaced(old) as aside:
            _write(aside, "half")
            raise error

    with pytest.raises(error):
        interrupted()
    assert _published(old) == {MANIFEST: "old", "model.onnx": "old", "note": "old"}
    assert list(old.parent.iterdir()) == [old]


def test_an_interruption_between_the_renames_brings_the_old_model_back(old, monkeypatch):
    rename = type(old).rename

    def interrupted(self, target):
        if self.name == "new":
            raise KeyboardInterrupt
        return rename(self, target)

    def run():
        with replaced(old) as aside:
            _write(aside, "new")
            monkeypatch.setattr(type(old), "rename", interrupted)

    with pytest.raises(KeyboardInterrupt):
        run()
    assert _published(old) == {MANIFEST: "old", "model.onnx": "old", "note": "old"}


_KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline import folder

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

with folder.replaced(Path(sys.argv[1])) as aside:
    (aside / "manifest.json").write_text("half")
    if sys.argv[2] == "while writing":
        kill()
    rename = Path.rename
    Path.rename = lambda self, target: kill() if self.name == "new" else rename(self, target)
"""


@pytest.mark.parametrize("moment", ["while writing", "between the renames"])
def test_after_a_kill_the_next_run_starts_clean_from_the_old_model(old, moment):
    run = subprocess.run([sys.executable, "-c", _KILLED, str(old), moment], check=False)
    assert run.returncode == -signal.SIGKILL
    assert len(list(old.parent.iterdir())) == (2 if moment == "while writing" else 1)
    with replaced(old) as aside:
        assert _published(old)["note"] == "old"
        assert {path.name for path in old.parent.iterdir()} == {old.name, aside.parent.name}
        _write(aside, "new")
    assert _published(old) == {MANIFEST: "new", "model.onnx": "new"}
    assert list(old.parent.iterdir()) == [old]


def test_another_run_at_work_is_left_alone(tmp_path):
    out = tmp_path / "model"
    with replaced(out) as first:
        with replaced(out) as second:
            assert first.exists()
            _write(second, "second")
        _write(first, "first")
    assert _published(out)[MANIFEST] == "first"


def test_an_empty_folder_is_filled(tmp_path):
    with replaced(tmp_path) as aside:
        _write(aside, "new")
    assert _published(tmp_path) == {MANIFEST: "new", "model.onnx": "new"}


def test_a_folder_of_something_else_and_a_file_are_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(InvalidInput, match="other content than a model"), replaced(tmp_path):
        pass
    with pytest.raises(InvalidInput, match="is a file"), replaced(tmp_path / "thesis.tex"):
        pass
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_others_may_read_the_published_folder_as_the_umask_says(tmp_path):
    beside = tmp_path / "beside"
    beside.mkdir()
    with replaced(tmp_path / "model") as aside:
        _write(aside, "new")
    assert (tmp_path / "model").stat().st_mode == beside.stat().st_mode
