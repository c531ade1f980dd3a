import csv
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
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
