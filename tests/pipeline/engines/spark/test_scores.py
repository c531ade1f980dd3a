"""Scores by Spark against scores by one process. Slow: each worker loads the model's libraries, some ten seconds."""

import pyarrow.parquet as pq
import pytest
from support.models import train_tiny_model, write_tiny_features

from pipeline import batch
from pipeline.engines.spark import scores
from pipeline.features import store
from services.common.errors import InvalidInput

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    return train_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    """A folder in two parts, as Spark writes it, of other clients than those that the model was trained on."""
    folder = tmp_path_factory.mktemp("features")
    file = write_tiny_features(folder / "all.parquet", clients=100, seed=9)
    table = pq.read_table(file)
    parts = folder / "parts"
    parts.mkdir()
    pq.write_metadata(table.schema, parts / store.COMMON_METADATA)
    pq.write_table(table[:60], parts / "part-00000.parquet")
    pq.write_table(table[60:], parts / "part-00001.parquet")
    return parts


def test_the_scores_are_those_of_one_process(spark, model_dir, features, tmp_path):
    assert batch.score(model_dir, features, tmp_path / "scores.parquet") == 100
    assert scores.score(model_dir, features, tmp_path / "scores") == 100
    found = pq.read_table(tmp_path / "scores").sort_by(store.ID)
    expected = pq.read_table(tmp_path / "scores.parquet").sort_by(store.ID)
    assert found.schema.equals(batch.SCHEMA)
    for row, other in zip(found.to_pylist(), expected.to_pylist(), strict=True):
        assert row == {k: pytest.approx(v, abs=1e-6) if isinstance(v, float) else v for k, v in other.items()}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scores", "scores.parquet"]


def test_clients_who_cannot_be_scored_are_named_and_nothing_is_written(spark, model_dir, features, tmp_path):
    faulty = tmp_path / "features"
    faulty.mkdir()
    (faulty / store.COMMON_METADATA).write_bytes((features / store.COMMON_METADATA).read_bytes())
    ids = []
    for part in store.parts(features):
        table = pq.read_table(part)
        incomes = table["AMT_INCOME_TOTAL"].to_pylist()
        incomes[3] = -1.0
        ids.append(table[store.ID][3].as_py())
        index = table.column_names.index("AMT_INCOME_TOTAL")
        pq.write_table(table.set_column(index, "AMT_INCOME_TOTAL", [incomes]), faulty / part.name)
    with pytest.raises(InvalidInput) as refused:
        scores.score(model_dir, faulty, tmp_path / "scores")
    fields = sorted(v.field for v in refused.value.violations)
    assert fields == [f"SK_ID_CURR {client}.AMT_INCOME_TOTAL" for client in sorted(ids)]
    assert [path.name for path in tmp_path.iterdir()] == ["features"]


def test_what_spark_cannot_write_is_refused(model_dir, features, tmp_path):
    with pytest.raises(InvalidInput, match="Spark writes a folder of Parquet files"):
        scores.score(model_dir, features, tmp_path / "scores.csv")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("keep")
    with pytest.raises(InvalidInput, match="something else"):
        scores.score(model_dir, features, tmp_path / "notes")
    assert (tmp_path / "notes" / "mine.txt").read_text() == "keep"
