"""What is live after a switch, a return, and every way in which either can be interrupted."""

import asyncio
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.models import train_tiny_model, write_tiny_features

from pipeline.features import store
from pipeline.features.dictionary import FeatureDictionary
from pipeline.live import live_publication, put_in_order
from pipeline.model import manifest
from pipeline.publish import publish
from pipeline.registry.registry import POINTER, Registry
from pipeline.registry.storage import Storage
from pipeline.rollback import rollback
from services.common.errors import FailedPrecondition, InvalidInput, Misconfigured, Unavailable
from services.portfolio.database import Database
from services.portfolio.portfolio import Portfolio


@dataclass(frozen=True)
class _Place:
    database_url: str
    folder: Path
    location: str
    cache: Path

    @property
    def registry(self):
        return Registry(self.location, self.cache)

    def publish(self, model, features=None, keep=3, **changes):
        features = features or model.parent / "features.parquet"
        return publish(model, features, self.database_url, self.folder, registry=self.registry, keep=keep, **changes)

    def rollback(self, keep=3):
        return rollback(self.database_url, self.folder, self.registry, keep=keep)

    def live(self):
        """The model version that scoring is to serve, and the publication that the portfolio shows, read through it."""

        async def read():
            portfolio = Portfolio(Database(self.database_url), self.folder)
            try:
                publication = await portfolio.publication()
                client = await portfolio.client(publication.lowest_id)
                assert client.score.model_version == publication.model_version
                return publication
            finally:
                await portfolio.close()

        pointer = self.registry.live()
        # Whatever is pointed to can be served.
        loaded, _ = manifest.load(self.registry.folder(pointer.version))
        assert loaded.feature_contract == pointer.feature_contract
        return pointer.version, asyncio.run(read())

    def agree(self):
        """The live publication, once the pointer is known to name its model."""
        version, publication = self.live()
        assert version == publication.model_version
        return publication

    def files(self):
        return {file.name for file in self.folder.glob("*.duckdb")}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return [train_tiny_model(tmp_path_factory.mktemp(str(seed)), seed) for seed in (0, 5)]


@pytest.fixture(params=["disk", "memory"])
def place(request, tmp_path):
    location = str(tmp_path / "models") if request.param == "disk" else f"memory://{tmp_path.name}/models"
    return _Place(f"sqlite:///{tmp_path / 'portfolio.db'}", tmp_path / "portfolio", location, tmp_path / "cache")


@pytest.fixture
def on_disk(tmp_path):
    url = f"sqlite:///{tmp_path / 'portfolio.db'}"
    return _Place(url, tmp_path / "portfolio", str(tmp_path / "models"), tmp_path / "cache")


def test_rollback_returns_to_model_and_clients(place, models, tmp_path):
    first = place.publish(models[0])
    second = place.publish(models[1], write_tiny_features(tmp_path / "few.parquet", clients=50, seed=7))
    assert place.agree() == second
    assert place.rollback() == first
    assert place.agree() == first
    pointer = place.registry.live()
    assert (pointer.version, pointer.previous) == (first.model_version, second.model_version)
    # What was returned from is gone from the portfolio, and can be published again.
    assert place.files() == {first.features_file}
    assert place.publish(models[1]).model_version == second.model_version


def test_publishing_the_same_again_keeps_the_version(place, models):
    first, again = place.publish(models[0]), place.publish(models[0])
    assert first.model_version == again.model_version
    assert place.agree() == again


def test_as_many_are_kept_as_are_asked_for(on_disk, models):
    published = [on_disk.publish(models[number % 2], keep=3) for number in range(5)]
    assert on_disk.files() == {publication.features_file for publication in published[2:]}
    assert on_disk.rollback() == published[3]
    assert on_disk.rollback() == published[2]
    with pytest.raises(FailedPrecondition, match="no former publication"):
        on_disk.rollback()
    assert on_disk.agree() == published[2]


def test_one_publication_can_be_published_after_a_rollback_and_returned_from(on_disk, models):
    first, _ = on_disk.publish(models[0]), on_disk.publish(models[1])
    on_disk.rollback()
    third = on_disk.publish(models[1])
    assert on_disk.agree() == third
    # Not to the one that was returned from before.
    assert on_disk.rollback() == first


def test_features_that_are_gone_are_not_returned_to(on_disk, models):
    first, second = on_disk.publish(models[0]), on_disk.publish(models[1])
    (on_disk.folder / first.features_file).unlink()
    with pytest.raises(FailedPrecondition, match="publish it again"):
        on_disk.rollback()
    assert on_disk.agree() == second


def test_a_damaged_model_is_not_returned_to(on_disk, models):
    first, second = on_disk.publish(models[0]), on_disk.publish(models[1])
    (Path(on_disk.location) / first.model_version / manifest.ONNX).write_bytes(b"")
    with pytest.raises(Misconfigured, match=manifest.ONNX):
        on_disk.rollback()
    assert on_disk.agree() == second


def test_another_contract_leaves_the_live_pair(on_disk, models, tmp_path):
    first = on_disk.publish(models[0])
    known, origin = store.read_header(models[1].parent / "features.parquet")
    table = pq.read_table(models[1].parent / "features.parquet")
    fewer = FeatureDictionary(features=known.features[1:])
    pq.write_table(table.cast(store.attach(table.schema, fewer, origin)), tmp_path / "other.parquet")
    with pytest.raises(InvalidInput, match="feature contract"):
        on_disk.publish(models[1], tmp_path / "other.parquet")
    assert on_disk.agree() == first


def test_a_registry_that_fails_at_the_switch_takes_the_portfolio_back(place, models, monkeypatch):
    first = place.publish(models[0])
    write = Storage.write

    def failing(storage, name, content):
        if name == POINTER:
            raise Unavailable("no answer")
        write(storage, name, content)

    with monkeypatch.context() as patched:
        patched.setattr(Storage, "write", failing)
        with pytest.raises(Unavailable):
            place.publish(models[1])
    assert place.agree() == first
    assert place.files() == {first.features_file}


def test_a_database_that_fails_at_the_commit_takes_the_pointer_back(place, models, monkeypatch):
    first = place.publish(models[0])
    go_live = Registry.go_live

    def then_fail(registry, version, contract):
        live = go_live(registry, version, contract)
        if version != first.model_version:
            raise Unavailable("the connection is lost")
        return live

    with monkeypatch.context() as patched:
        patched.setattr(Registry, "go_live", then_fail)
        with pytest.raises(Unavailable):
            place.publish(models[1])
    assert place.agree() == first


# Kills the process before or after the n-th time that something happens.
_KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.publish import publish
from pipeline.registry.registry import Registry
from pipeline.registry.storage import Storage
from pipeline.rollback import rollback
from services.portfolio.database import Database

what, when, url, folder, location, *model = sys.argv[1:]
kind, _, number = what.partition(":")
left = int(number or 1)

def kill_at(owner, name, wanted=lambda *_: True):
    original = getattr(owner, name)
    def replaced(*arguments):
        global left
        hit = wanted(*arguments)
        left -= hit
        if hit and left == 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments)
        if hit and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, replaced)

if kind == "file":
    kill_at(Storage, "write", lambda storage, name, content: name != "live.json")
elif kind == "pointer":
    kill_at(Storage, "write", lambda storage, name, content: name == "live.json")
registry = Registry(location, Path(location, "cache"))

def step(name, done):
    if f"{name} {done:g}" == kind:
        os.kill(os.getpid(), signal.SIGKILL)

if model:
    model = Path(model[0])
    publish(model, model.parent / "features.parquet", url, Path(folder), step, registry=registry, keep=3)
else:
    rollback(url, Path(folder), registry, keep=3)
"""


def _killed(place, what, when, *model):
    arguments = [what, when, place.database_url, place.folder, place.location, *model]
    ended = subprocess.run([sys.executable, "-c", _KILLED, *map(str, arguments)], check=False)
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("what", "when"),
    [
        ("Checking 0", ""),
        ("file:1", "before"),
        ("file:2", "after"),
        ("file:8", "after"),
        ("Scoring 0", ""),
        ("Scoring 1", ""),
        ("Filling the database 0", ""),
        ("pointer", "before"),
        ("pointer", "after"),
        ("Filling the database 1", ""),
    ],
)
def test_a_killed_publish_leaves_a_pair_that_works_and_the_next_command_finds_it_whole(on_disk, models, what, when):
    first = on_disk.publish(models[0])
    _killed(on_disk, what, when, models[1])
    second = manifest.load(models[1])[0].version
    version, publication = on_disk.live()
    if what == "Filling the database 1":
        assert (version, publication.model_version) == (second, second)
    else:
        # The transaction was not committed. A moment before it was, the pointer may have been ahead.
        assert publication == first
        assert version == (second if (what, when) == ("pointer", "after") else first.model_version)
    put_in_order(on_disk.database_url, on_disk.folder, on_disk.registry)
    assert on_disk.agree() == publication
    third = on_disk.publish(models[1])
    assert on_disk.agree() == third


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_rollback_leaves_what_was_live(on_disk, models, when):
    first, second = on_disk.publish(models[0]), on_disk.publish(models[1])
    _killed(on_disk, "pointer", when)
    assert live_publication(on_disk.database_url) == second
    # The command that comes next starts from what the portfolio shows.
    assert on_disk.rollback() == first
    assert on_disk.agree() == first
