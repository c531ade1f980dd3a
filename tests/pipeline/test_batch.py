import csv
import shutil
import threading
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.models import train_tiny_model, write_tiny_features

from pipeline import batch
from pipeline.features import store
from pipeline.features.dictionary import FeatureDictionary
from pipeline.model.manifest import MANIFEST
from pipeline.model.runtime import ScoringModel
from services.common.errors import InvalidInput, Misconfigured


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    return train_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    """Other clients than those that the model was trained on, in several row groups."""
    return write_tiny_features(tmp_path_factory.mktemp("features") / "f.parquet", clients=100, seed=9)


@pytest.fixture(scope="module")
def expected(model_dir, features):
    """Every client's row of scores, from the runtime."""
    model = ScoringModel.load(model_dir)
    table = pq.read_table(features)
    default = model.probability_of_default(model.encoder.table(table))
    return [
        {
            "SK_ID_CURR": client,
            "probability_of_default": p,
            "probability_of_repayment": 1 - p,
            "band": str(model.manifest.band(1 - p)),
            "decision": str(model.manifest.decision(1 - p)),
            "model_version": model.manifest.version,
        }
        for client, p in zip(table[store.ID].to_pylist(), default.tolist(), strict=True)
    ]


def _rewritten(features, path, change):
    table = pq.read_table(features)
    pq.write_table(change(table), path)
    return path


def test_parquet_holds_what_the_runtime_gives(model_dir, features, expected, tmp_path):
    assert batch.score(model_dir, features, tmp_path / "scores.parquet") == len(expected)
    assert pq.read_schema(tmp_path / "scores.parquet").equals(batch.SCHEMA)
    rows = pq.read_table(tmp_path / "scores.parquet").to_pylist()
    assert rows == [row | {k: pytest.approx(row[k], abs=1e-6) for k in row if k.startswith("prob")} for row in expected]
    assert len({row["decision"] for row in rows}) == 2


def test_csv_holds_what_parquet_holds(model_dir, features, tmp_path):
    batch.score(model_dir, features, tmp_path / "scores.parquet")
    assert batch.score(model_dir, features, tmp_path / "scores.CSV") == 100
    with (tmp_path / "scores.CSV").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["SK_ID_CURR"] = int(row["SK_ID_CURR"])
        for name in ("probability_of_default", "probability_of_repayment"):
            row[name] = float(row[name])
    assert rows == pq.read_table(tmp_path / "scores.parquet").to_pylist()


def test_clients_are_scored_in_blocks_of_bounded_size(model_dir, features, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "_ROWS", 16)
    sizes = []
    real = ScoringModel.raw
    monkeypatch.setattr(ScoringModel, "raw", lambda self, m: sizes.append(len(m)) or real(self, m))
    heard = []
    batch.score(model_dir, features, tmp_path / "s.parquet", lambda step, done: heard.append(done))
    assert sum(sizes[1:]) == 100  # the first row warmed the model up
    assert max(sizes) <= 16
    assert heard == sorted(heard)
    assert heard[-1] == 1
    ids = pq.read_table(tmp_path / "s.parquet")["SK_ID_CURR"].to_pylist()
    assert ids == [row["SK_ID_CURR"] for row in expected]


@pytest.mark.parametrize("threads", [1, 3])
def test_blocks_stay_in_order_on_any_number_of_threads(model_dir, features, expected, tmp_path, monkeypatch, threads):
    """The first block is done last of the first ones, so that order is no accident."""
    monkeypatch.setattr(batch, "_ROWS", 7)
    others = threading.Semaphore(0)
    real = batch.score_table

    def score(model, clients):
        first = clients[store.ID][0].as_py() == expected[0]["SK_ID_CURR"]
        if first:
            assert all(others.acquire(timeout=30) for _ in range(threads - 1))
        scores = real(model, clients)
        others.release()
        return scores

    monkeypatch.setattr(batch, "score_table", score)
    assert batch.score(model_dir, features, tmp_path / "s.parquet", threads=threads) == len(expected)
    rows = pq.read_table(tmp_path / "s.parquet").to_pylist()
    assert [(row["SK_ID_CURR"], row["band"]) for row in rows] == [(r["SK_ID_CURR"], r["band"]) for r in expected]


def test_a_bounded_number_of_blocks_is_read_ahead(model_dir, features, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "_ROWS", 5)
    read, written = 0, 0
    real = store.Reader.iter_batches

    def counted(self, rows, columns=None):
        nonlocal read
        for block in real(self, rows, columns):
            read += 1
            assert read - written <= 5
            yield block

    def heard(step, done):
        nonlocal written
        written += 1

    monkeypatch.setattr(store.Reader, "iter_batches", counted)
    batch.score(model_dir, features, tmp_path / "s.parquet", heard, threads=2)
    assert read == written >= 20


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), max_size=20))
def test_bands_and_decisions_are_the_manifests(model_dir, features, drawn):
    """At the limits of the bands and one step beside them too."""
    model = ScoringModel.load(model_dir)
    edges = [limit for band in model.manifest.bands for limit in (band.lower, band.upper)]
    repayment = np.array([*drawn, *edges, *np.nextafter(edges, 0), *np.nextafter(edges, 1)]).clip(0, 1)
    rows = pq.read_table(features).take(np.arange(len(repayment)) % 100)
    # 1 - (1 - p) is p again only where floats are coarse enough: compare with the probability that was given.
    with patch.object(ScoringModel, "probabilities", lambda *_: (1 - repayment, repayment)):
        scores = batch.score_table(model, rows)
    given_back = scores["probability_of_repayment"].to_pylist()
    assert scores["band"].to_pylist() == [model.manifest.band(p).value for p in given_back]
    assert scores["decision"].to_pylist() == [model.manifest.decision(p).value for p in given_back]


def test_a_fault_in_a_late_block_leaves_nothing(model_dir, features, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "_ROWS", 10)

    def change(table):
        income = table["AMT_INCOME_TOTAL"].to_numpy().copy()
        income[[55, 95]] = -1
        return table.set_column(table.column_names.index("AMT_INCOME_TOTAL"), "AMT_INCOME_TOTAL", pa.array(income))

    file = _rewritten(features, tmp_path / "f.parquet", change)
    ids = pq.read_table(file)[store.ID].to_pylist()
    threads = threading.active_count()
    with pytest.raises(InvalidInput) as refused:
        batch.score(model_dir, file, tmp_path / "scores.csv")
    assert [v.field for v in refused.value.violations] == [f"SK_ID_CURR {ids[55]}.AMT_INCOME_TOTAL"]
    assert [f.name for f in tmp_path.iterdir()] == ["f.parquet"]
    assert threading.active_count() == threads


@pytest.mark.parametrize("name", ["scores.xlsx", "scores", "scores.parquet.gz"])
def test_another_ending_is_refused(model_dir, features, tmp_path, name):
    with pytest.raises(InvalidInput, match=r"must end in \.parquet or \.csv"):
        batch.score(model_dir, features, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_features_of_another_contract_are_refused(model_dir, features, tmp_path):
    dictionary, origin = store.read_header(features)
    other = FeatureDictionary(features=dictionary.features[1:])
    file = _rewritten(features, tmp_path / "f.parquet", lambda t: t.cast(store.attach(t.schema, other, origin)))
    with pytest.raises(InvalidInput, match="holds other features than model"):
        batch.score(model_dir, file, tmp_path / "scores.csv")
    assert [f.name for f in tmp_path.iterdir()] == ["f.parquet"]


def test_a_client_who_cannot_be_scored_is_named_and_nothing_is_written(model_dir, features, tmp_path):
    def change(table):
        income = table["AMT_INCOME_TOTAL"].to_numpy().copy()
        income[3] = -1
        credit = pa.array(table["AMT_CREDIT"].to_numpy(), mask=np.arange(100) == 5)
        table = table.set_column(table.column_names.index("AMT_CREDIT"), "AMT_CREDIT", credit)
        return table.set_column(table.column_names.index("AMT_INCOME_TOTAL"), "AMT_INCOME_TOTAL", pa.array(income))

    file = _rewritten(features, tmp_path / "f.parquet", change)
    ids = pq.read_table(file)[store.ID].to_pylist()
    with pytest.raises(InvalidInput) as refused:
        batch.score(model_dir, file, tmp_path / "scores.csv")
    fields = [v.field for v in refused.value.violations]
    assert fields == [f"SK_ID_CURR {ids[3]}.AMT_INCOME_TOTAL", f"SK_ID_CURR {ids[5]}.AMT_CREDIT"]
    assert [f.name for f in tmp_path.iterdir()] == ["f.parquet"]


def test_an_interruption_leaves_the_old_scores(model_dir, features, tmp_path):
    out = tmp_path / "scores.csv"
    out.write_text("old")

    def interrupt(step, done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.score(model_dir, features, out, interrupt)
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_a_broken_model_folder_and_foreign_features_are_refused(model_dir, features, tmp_path):
    broken = shutil.copytree(model_dir, tmp_path / "broken")
    (broken / MANIFEST).write_text("{}")
    with pytest.raises(Misconfigured, match=MANIFEST):
        batch.score(broken, features, tmp_path / "scores.csv")
    with pytest.raises(InvalidInput, match="not a readable Parquet file"):
        batch.score(model_dir, broken / MANIFEST, tmp_path / "scores.csv")
    assert not (tmp_path / "scores.csv").exists()
