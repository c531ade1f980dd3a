import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.models import write_tiny_features

from pipeline.features import store
from pipeline.features.dictionary import Kind
from services.common.errors import InvalidInput
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
            writer.append(pa.Table.from_batches([batch]))
    return file


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


def test_the_target_is_not_published(file, source):
    target = pq.read_table(source)[store.TARGET]
    assert target.null_count < len(target)
    content = file.read_bytes()
    # Names of columns are stored as they are.
    assert b"AMT_CREDIT" in content
    assert store.TARGET.encode() not in content


def test_a_category_that_the_dictionary_does_not_know_is_refused(tmp_path, source):
    dictionary, _ = store.read_header(source)
    table = pq.read_table(source)
    at = table.column_names.index("CODE_GENDER")
    other = table.set_column(at, "CODE_GENDER", pa.array(["F", "other"] * 250))
    with FeaturesWriter(tmp_path / "one.duckdb", dictionary) as writer:
        with pytest.raises(InvalidInput) as caught:
            writer.append(other)
        writer.append(table)
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
        writer.append(empty)
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
