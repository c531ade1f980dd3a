import json
import shutil
from pathlib import Path

import fsspec
import pytest

from pipeline.model import manifest
from pipeline.registry.registry import CHECKSUMS, POINTER, Registry, plain_folder
from pipeline.registry.storage import Storage
from services.common.errors import FailedPrecondition, Misconfigured, Unavailable


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name != CHECKSUMS}


def damage(registry, version, name):
    """Changes one byte of a published file."""
    content = registry._storage.read(f"{version}/{name}")
    registry._storage.write(f"{version}/{name}", content[:-1] + bytes([content[-1] ^ 1]))


def test_a_version_comes_back_as_it_was_added(registry, first, second):
    for folder in (first, second):
        version = registry.add(folder)
        assert version == manifest.load(folder)[0].version
        assert contents(registry.folder(version)) == contents(folder)


def test_nothing_is_live_at_first(registry, first):
    assert registry.live() is None
    registry.add(first)
    assert registry.live() is None


def test_the_pointer_says_what_is_live_and_what_was(registry, first, second):
    one, two = registry.add(first), registry.add(second)
    assert registry.go_live(one, "contract").previous is None
    live = registry.go_live(two, "contract")
    assert registry.live() == live
    assert (live.version, live.previous, live.feature_contract) == (two, one, "contract")
    assert live.switched_by
    assert live.switched_at.endswith("Z")


def test_only_a_whole_version_goes_live(registry):
    with pytest.raises(Misconfigured, match="no version 7"):
        registry.go_live("7", "contract")
    assert registry.live() is None


def test_adding_the_same_folder_again_changes_nothing(registry, first, monkeypatch):
    version = registry.add(first)
    monkeypatch.setattr(Storage, "write", lambda *_: pytest.fail("written again"))
    assert registry.add(first) == version


@pytest.mark.parametrize("change", ["changed", "added"])
def test_other_content_under_the_same_version_is_refused(registry, first, tmp_path, change):
    version = registry.add(first)
    other = shutil.copytree(first, tmp_path / "other")
    if change == "changed":
        content = json.loads((other / manifest.MANIFEST).read_text())
        content["metrics"]["roc_auc_cv_mean"] = 0.99
        (other / manifest.MANIFEST).write_text(json.dumps(content))
        named = manifest.MANIFEST
    else:
        (other / "notes.txt").write_text("better")
        named = "notes.txt"
    with pytest.raises(FailedPrecondition, match=named):
        registry.add(other)
    assert contents(registry.folder(version)) == contents(first)


def test_a_damaged_folder_is_not_added(registry, first, tmp_path):
    other = shutil.copytree(first, tmp_path / "other")
    (other / manifest.ONNX).write_bytes(b"")
    with pytest.raises(Misconfigured, match=manifest.ONNX):
        registry.add(other)
    assert not registry.has(manifest.load(first)[0].version)


@pytest.mark.parametrize("name", ["../evil", "", ".hidden"])
def test_a_version_that_is_no_folder_name_is_refused(registry, first, tmp_path, name):
    other = shutil.copytree(first, tmp_path / "other")
    content = json.loads((other / manifest.MANIFEST).read_text())
    (other / manifest.MANIFEST).write_text(json.dumps(content | {"version": name}))
    with pytest.raises(Misconfigured, match="name of a folder"):
        registry.add(other)


def test_an_interrupted_addition_is_no_version_and_is_done_again(registry, first, monkeypatch):
    write = Storage.write
    written = []

    def interrupted(storage, name, content):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(name)
        write(storage, name, content)

    version = manifest.load(first)[0].version
    with monkeypatch.context() as patched:
        patched.setattr(Storage, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            registry.add(first)
    assert not registry.has(version)
    with pytest.raises(Misconfigured, match="no version"):
        registry.folder(version)
    registry.add(first)
    assert contents(registry.folder(version)) == contents(first)


def test_a_changed_file_is_named_and_never_served(registry, first):
    version = registry.add(first)
    damage(registry, version, manifest.ONNX)
    with pytest.raises(Misconfigured, match=manifest.ONNX) as caught:
        registry.folder(version)
    assert registry.location in caught.value.message


def test_a_copy_is_made_once_and_mended_when_it_is_damaged(first, tmp_path, monkeypatch):
    registry = Registry("memory://copies/models", tmp_path / "cache")
    version = registry.add(first)
    copy = registry.folder(version)
    assert copy.is_relative_to(tmp_path / "cache")
    read = []
    original = Storage.read
    monkeypatch.setattr(Storage, "read", lambda storage, name: read.append(name) or original(storage, name))
    assert registry.folder(version) == copy
    assert read == [f"{version}/{CHECKSUMS}"]
    (copy / manifest.ONNX).write_bytes(b"")
    assert contents(registry.folder(version)) == contents(first)


def test_registries_share_a_cache_without_mixing(first, tmp_path):
    one, two = (Registry(f"memory://{name}/models", tmp_path) for name in ("shared-one", "shared-two"))
    version = one.add(first)
    two.add(first)
    assert one.folder(version) != two.folder(version)


def test_a_pointer_that_is_none_is_refused(registry):
    registry._storage.write(POINTER, b"{}")
    with pytest.raises(Misconfigured, match=POINTER):
        registry.live()


def test_a_disk_never_shows_half_a_pointer(first, second, tmp_path, monkeypatch):
    registry = Registry(str(tmp_path / "models"), tmp_path)
    one, two = registry.add(first), registry.add(second)
    before = registry.go_live(one, "contract")

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            registry.go_live(two, "contract")
    assert registry.live() == before


def test_a_storage_that_does_not_answer_is_unavailable(tmp_path, monkeypatch):
    class NoAnswer(Exception):
        """As the clients of the object stores raise them."""

    def fail(*_args, **_keywords):
        raise NoAnswer("no route")

    registry = Registry("memory://silent/models", tmp_path)
    monkeypatch.setattr(type(fsspec.filesystem("memory")), "cat_file", fail)
    with pytest.raises(Unavailable, match="no route"):
        registry.live()


def test_an_unknown_kind_of_url_is_refused(tmp_path):
    with pytest.raises(Misconfigured, match="carrier-pigeon"):
        Registry("carrier-pigeon://loft/models", tmp_path)


def test_a_model_folder_is_not_a_registry(first, tmp_path):
    assert plain_folder(str(first)) == first
    assert plain_folder(str(tmp_path)) is None
    assert plain_folder("memory://models") is None
    with pytest.raises(Misconfigured, match="folder of one model"):
        Registry(str(first), tmp_path)
