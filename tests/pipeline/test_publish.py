import asyncio
import fcntl
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.models import train_tiny_model, write_tiny_features

from pipeline import batch
from pipeline.features import store
from pipeline.features.dictionary import FeatureDictionary
from pipeline.model import manifest
from pipeline.publish import publish
from services.common.errors import FailedPrecondition, InvalidInput, Misconfigured, Unavailable
from services.portfolio.database import Database
from services.portfolio.portfolio import Portfolio
from services.portfolio.search import Query


@dataclass(frozen=True)
class _Place:
    model: Path
    features: Path
    database_url: str
    folder: Path

    def publish(self, **changes):
        return publish(
            changes.pop("model", self.model),
            changes.pop("features", self.features),
            self.database_url,
            self.folder,
            **changes,
        )

    def read(self):
        """What a reader finds: the model's version, every client's id and score, and the first client's features."""

        async def read():
            portfolio = Portfolio(Database(self.database_url), self.folder)
            try:
                publication = await portfolio.publication()
                clients = [*(await portfolio.search(Query(), 1000)).clients]
                first = await portfolio.client(clients[0].sk_id_curr)
                scores = {c.sk_id_curr: c.score.probability_of_default for c in clients}
                return publication, scores, {**first.record, **first.derived}
            finally:
                await portfolio.close()

        return asyncio.run(read())

    def files(self):
        return sorted(file.name for file in self.folder.iterdir() if not file.name.startswith("."))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return train_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def features(model):
    return model.parent / "features.parquet"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, model, features, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'portfolio.db'}"
    else:
        url = request.getfixturevalue("postgres").create_database("publish")
    return _Place(model, features, url, tmp_path / "portfolio")


@pytest.fixture
def sqlite(model, features, tmp_path):
    return _Place(model, features, f"sqlite:///{tmp_path / 'portfolio.db'}", tmp_path / "portfolio")


def test_publishes_what_the_batch_scores(place, tmp_path):
    publication = place.publish()
    batch.score(place.model, place.features, tmp_path / "scores.parquet")
    expected = pq.read_table(tmp_path / "scores.parquet")
    found, scores, first = place.read()
    assert found == publication
    assert scores == dict(
        zip(expected[store.ID].to_pylist(), expected["probability_of_default"].to_pylist(), strict=True)
    )
    row = pq.read_table(place.features).slice(0, 1).to_pylist()[0]
    assert first == {name: value for name, value in row.items() if name not in (store.ID, store.TARGET)}


def test_tells_what_was_published(sqlite):
    publication = sqlite.publish()
    loaded, dictionary = manifest.load(sqlite.model)
    assert publication.model_version == loaded.version
    assert publication.clients == 400
    assert (publication.lowest_id, publication.highest_id) == (100_001, 100_400)
    assert publication.synthetic
    assert publication.dictionary == dictionary
    assert publication.features_sha256 == store.sha256(sqlite.features)
    assert sqlite.files() == [publication.features_file]


def test_a_second_publish_takes_over_and_removes_the_first(place, tmp_path):
    place.publish()
    other = write_tiny_features(tmp_path / "other.parquet", clients=50, seed=7)
    second = place.publish(features=other)
    found, scores, _ = place.read()
    assert found == second
    assert len(scores) == 50
    assert place.files() == [second.features_file]


def test_progress_is_told_and_ends_complete(sqlite):
    told = []
    sqlite.publish(progress=lambda step, done: told.append((step, done)))
    assert list(dict.fromkeys(step for step, _ in told)) == ["Checking", "Scoring", "Filling the database"]
    assert told[-1] == ("Filling the database", 1)
    assert all(0 <= done <= 1 for _, done in told)


@pytest.mark.parametrize(("step", "at"), [("Checking", 0), ("Scoring", 0), ("Scoring", 1), ("Filling the database", 0)])
def test_an_interruption_leaves_the_old_publication(place, tmp_path, step, at):
    place.publish()
    before = place.read()
    other = write_tiny_features(tmp_path / "other.parquet", clients=50, seed=7)

    def interrupt(now, done):
        if (now, done) == (step, at):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.publish(features=other, progress=interrupt)
    assert place.read() == before
    assert place.files() == [before[0].features_file]


def test_an_interruption_after_the_switch_keeps_the_new_publication(place, tmp_path):
    place.publish()
    other = write_tiny_features(tmp_path / "other.parquet", clients=50, seed=7)

    def interrupt(step, done):
        if (step, done) == ("Filling the database", 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.publish(features=other, progress=interrupt)
    found, scores, _ = place.read()
    assert len(scores) == found.clients == 50
    assert place.files() == [found.features_file]


def test_a_killed_publish_leaves_the_old_one_and_does_not_block_the_next(sqlite):
    sqlite.publish()
    before = sqlite.read()
    program = (
        "import os, signal, sys; from pathlib import Path; from pipeline.publish import publish\n"
        "def kill(step, done):\n"
        "    if step == 'Filling the database': os.kill(os.getpid(), signal.SIGKILL)\n"
        "publish(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]), kill)"
    )
    arguments = [sqlite.model, sqlite.features, sqlite.database_url, sqlite.folder]
    killed = subprocess.run([sys.executable, "-c", program, *map(str, arguments)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(sqlite.files()) == 2
    assert sqlite.read() == before
    third = sqlite.publish()
    assert sqlite.files() == [third.features_file]


def test_only_one_publish_at_a_time(sqlite):
    sqlite.publish()
    before = sqlite.read()
    with (sqlite.folder / ".publish.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(FailedPrecondition, match="running"):
            sqlite.publish()
    assert sqlite.read() == before


def _rewritten(source, to, change=lambda table: table, dictionary=None):
    known, origin = store.read_header(source)
    table = change(pq.read_table(source))
    pq.write_table(table.cast(store.attach(table.schema, dictionary or known, origin)), to)
    return to


def test_another_feature_contract_is_refused(sqlite, tmp_path):
    sqlite.publish()
    before = sqlite.read()
    known, _ = store.read_header(sqlite.features)
    fewer = FeatureDictionary(features=known.features[1:])
    other = _rewritten(sqlite.features, tmp_path / "other.parquet", dictionary=fewer)
    with pytest.raises(InvalidInput, match="feature contract"):
        sqlite.publish(features=other)
    assert sqlite.read() == before


@pytest.mark.parametrize("name", ["model.onnx", "dictionary.json", "manifest.json"])
def test_a_model_that_does_not_load_is_refused(sqlite, tmp_path, name):
    damaged = shutil.copytree(sqlite.model, tmp_path / "damaged")
    (damaged / name).write_bytes((damaged / name).read_bytes()[:-20])
    with pytest.raises(Misconfigured, match=name):
        sqlite.publish(model=damaged)
    assert not sqlite.folder.exists()


def _set(name, values):
    def change(table):
        return table.set_column(table.column_names.index(name), name, values(table[name]))

    return change


def _with_first(value):
    return lambda column: pa.array([value, *column.to_pylist()[1:]], column.type)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_set("AMT_ANNUITY", _with_first(np.nan)), "AMT_ANNUITY"),
        (_set("AMT_ANNUITY", _with_first(np.inf)), "AMT_ANNUITY"),
        (_set("AMT_INCOME_TOTAL", _with_first(-1.0)), "AMT_INCOME_TOTAL"),
        (_set("CODE_GENDER", _with_first("unheard of")), "CODE_GENDER"),
        (_set(store.ID, _with_first(0)), store.ID),
        (_set(store.ID, _with_first(100_002)), store.ID),
        (_set(store.ID, _with_first(999_999)), store.ID),
        (_set(store.ID, _with_first(None)), store.ID),
        (_set("AMT_ANNUITY", lambda column: column.cast(pa.string())), "AMT_ANNUITY"),
        (lambda table: table.drop_columns(["AMT_ANNUITY"]), "AMT_ANNUITY"),
        (lambda table: table.slice(0, 0), "features.parquet"),
    ],
)
def test_faulty_features_are_refused_and_named(sqlite, tmp_path, change, field):
    faulty = _rewritten(sqlite.features, tmp_path / "features.parquet", change)
    with pytest.raises(InvalidInput) as caught:
        sqlite.publish(features=faulty)
    assert any(field in violation.field for violation in caught.value.violations)
    assert sqlite.files() == []


def test_a_file_that_is_no_features_file(sqlite, tmp_path):
    (tmp_path / "notes.parquet").write_text("hello")
    with pytest.raises(InvalidInput, match=r"notes\.parquet"):
        sqlite.publish(features=tmp_path / "notes.parquet")


def test_no_database_is_unavailable_before_the_long_work(model, features, tmp_path):
    steps = set()
    place = _Place(model, features, f"postgresql://nobody@/nothing?host={tmp_path}", tmp_path / "portfolio")
    with pytest.raises(Unavailable):
        place.publish(progress=lambda step, done: steps.add(step))
    assert steps == {"Checking"}


def test_a_wrong_database_url(model, features, tmp_path):
    with pytest.raises(Misconfigured, match="DATABASE_URL"):
        _Place(model, features, "mysql://db/clients", tmp_path / "portfolio").publish()
