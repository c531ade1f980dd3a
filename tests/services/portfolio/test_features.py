import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.models import write_tiny_features

from pipeline.features import store
from pipeline.features.dictionary import Kind
from services.common.errors import FailedPrecondition, InvalidInput
from services.portfolio.distribution import histogram
from services.portfolio.features import FeaturesWriter, PublishedFeatures


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_tiny_features(tmp_path_factory.mktemp("features") / "features.parquet", clients=500)


@pytest.fixture(scope="module")
def file(source, tmp_path_factory):
    file = tmp_path_factory.mktemp("it's published") / "one.duckdb"
    dictionary, _ = store.read_header(source)
    with FeaturesWriter(file, dictionary) as writer, pq.ParquetFile(source) as parquet:
        for batch in parquet.iter_batches(150):
            table = pa.Table.from_batches([batch])
            writer.append(table, _scores(table))
    return file


def _scores(clients):
    default = np.linspace(0, 1, len(clients))
    return pa.record_batch(
        {
            "probability_of_default": default,
            "probability_of_repayment": 1 - default,
            "band": ["medium"] * len(clients),
            "decision": ["refuse"] * len(clients),
        }
    )


@pytest.fixture(scope="module")
def features(source, file):
    dictionary, _ = store.read_header(source)
    return PublishedFeatures(file, dictionary)


def test_a_row_holds_every_feature_and_nothing_else(source, features):
    dictionary, _ = store.read_header(source)
    for row in pq.read_table(source).slice(140, 20).to_pylist():
        sk_id_curr = row.pop(store.ID)
        del row[store.TARGET]
        assert features.row(sk_id_curr) == row
    assert store.TARGET not in dictionary.by_name


def test_the_outcome_is_kept_beside_the_records_alone(file, source):
    with duckdb.connect(file, read_only=True) as connection:
        columns = connection.execute("SELECT table_name, column_name FROM duckdb_columns()").fetchall()
        assert {name for table, name in columns if table == "records"} == {store.ID, "record"}
        (kept,) = connection.execute("SELECT list(TARGET ORDER BY SK_ID_CURR) FROM features").fetchone()
    assert kept == pq.read_table(source)[store.TARGET].to_pylist()


def test_blocks_give_whole_columns_in_order(source, features, monkeypatch):
    monkeypatch.setattr("services.portfolio.features._BLOCK_VALUES", 1000)
    names = ["EXT_SOURCE_2", store.TARGET, "CODE_GENDER", store.ID, "probability_of_repayment"]
    blocks = list(features.blocks(names))
    assert [block.num_rows for block in blocks] == [200, 200, 100]
    found, expected = pa.Table.from_batches(blocks), pq.read_table(source)
    for name in names[:-1]:
        assert found[name].to_pylist() == expected[name].to_pylist()
    assert found.column_names == names
    after = pa.Table.from_batches(features.blocks(names, expected[store.ID][123].as_py()))
    assert after.equals(found.slice(124))
    assert list(features.blocks(names, expected[store.ID][-1].as_py())) == []


def test_a_file_without_a_column_asks_to_publish_again(tmp_path, source, file):
    copy = tmp_path / "earlier.duckdb"
    copy.write_bytes(file.read_bytes())
    with duckdb.connect(copy) as connection:
        connection.execute("ALTER TABLE features DROP COLUMN TARGET")
    earlier = PublishedFeatures(copy, store.read_header(source)[0])
    with pytest.raises(FailedPrecondition, match="publish again"):
        next(earlier.blocks([store.TARGET]))


def test_a_category_that_the_dictionary_does_not_know_is_refused(tmp_path, source):
    dictionary, _ = store.read_header(source)
    table = pq.read_table(source)
    at = table.column_names.index("CODE_GENDER")
    other = table.set_column(at, "CODE_GENDER", pa.array(["F", "other"] * 250))
    with FeaturesWriter(tmp_path / "one.duckdb", dictionary) as writer:
        with pytest.raises(InvalidInput) as caught:
            writer.append(other, _scores(other))
        writer.append(table, _scores(table))
    assert [v.field for v in caught.value.violations] == ["CODE_GENDER"]


def test_an_unknown_client_has_no_row(features):
    assert features.row(1) is None


def test_distributions_count_every_client(source, features):
    dictionary, _ = store.read_header(source)
    table = pq.read_table(source)
    for feature in dictionary.features[:60]:
        found = features.distribution(feature.name, 13)
        column = table[feature.name]
        assert (found.clients, found.missing) == (500, column.null_count)
        if feature.kind is Kind.NUMBER:
            assert found.shape == histogram(column.drop_null().to_numpy(), 13)
        else:
            values = column.to_pylist()
            assert list(found.shape.items()) == [(c.value, values.count(c.value)) for c in feature.categories]


def test_a_column_without_values(tmp_path, source):
    dictionary, _ = store.read_header(source)
    table = pq.read_table(source)
    at = table.column_names.index("AMT_CREDIT")
    empty = table.set_column(at, "AMT_CREDIT", pa.nulls(len(table), pa.float64()))
    with FeaturesWriter(tmp_path / "one.duckdb", dictionary) as writer:
        writer.append(empty, _scores(empty))
    found = PublishedFeatures(tmp_path / "one.duckdb", dictionary).distribution("AMT_CREDIT", 40)
    assert (found.clients, found.missing) == (500, 500)
    assert found.shape == histogram(np.array([]), 40)


def test_a_published_file_is_one_file(file):
    assert [f.name for f in file.parent.iterdir()] == [file.name]


def test_a_file_stays_readable_after_its_removal(tmp_path, source, file):
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(file.read_bytes())
    opened = PublishedFeatures(copy, store.read_header(source)[0])
    copy.unlink()
    assert opened.row(100_001) is not None


def test_a_missing_file(tmp_path, source):
    with pytest.raises(FileNotFoundError):
        PublishedFeatures(tmp_path / "gone.duckdb", store.read_header(source)[0])


def test_a_folder_that_cannot_be_written(tmp_path, source):
    with pytest.raises(OSError, match="cannot be written"):
        FeaturesWriter(tmp_path / "no such folder" / "one.duckdb", store.read_header(source)[0])
