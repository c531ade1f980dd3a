import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.features import store
from pipeline.model.encoding import Encoder
from pipeline.training import dataset
from pipeline.training.dataset import read
from services.common.errors import InvalidInput


def _rewritten(features, path, change):
    table = change(pq.read_table(features))
    pq.write_table(table, path)
    return path


def _with_target(table, target):
    position = table.column_names.index(store.TARGET)
    return table.set_column(position, store.TARGET, pa.array(target, pa.int8()))


def test_only_clients_with_a_target_are_used(tiny_features):
    data = read(tiny_features, folds=2)
    target = pq.read_table(tiny_features)[store.TARGET]
    assert len(data.matrix) == len(data.target) == 360
    np.testing.assert_array_equal(data.target, target.drop_null().to_numpy())
    assert data.default_rate == pytest.approx(target.drop_null().to_numpy().mean())
    assert data.sha256 == store.sha256(tiny_features)


def test_identifier_and_target_are_never_inputs(tiny_features):
    data = read(tiny_features, folds=2)
    assert not {store.ID, store.TARGET} & ({i.feature for i in data.inputs} | {i.name for i in data.inputs})
    others = {column.tobytes() for column in data.matrix.T}
    assert data.target.astype(np.float32).tobytes() not in others


def test_columns_are_the_inputs_in_order(tiny_features):
    data = read(tiny_features, folds=2)
    labelled = pq.read_table(tiny_features).filter(pa.compute.field(store.TARGET).is_valid())
    np.testing.assert_array_equal(data.matrix, Encoder(data.inputs, data.dictionary).table(labelled))


def test_what_never_varies_is_dropped_and_named(tiny_features, tmp_path):
    def change(table):
        rows = len(table)
        unlabelled = table[store.TARGET].is_null().to_numpy()
        columns = {
            "AMT_ANNUITY": pa.nulls(rows, pa.float64()),
            "AMT_GOODS_PRICE": pa.array(np.full(rows, 5.0)),
            # Varies among the clients without a TARGET alone.
            "CNT_CHILDREN": pa.array(np.where(unlabelled, 3.0, 1.0)),
            # Known or missing: that does vary.
            "EXT_SOURCE_1": pa.array(np.full(rows, 0.5), mask=np.arange(rows) % 3 == 0),
            "CODE_GENDER": pa.array(["F"] * rows),
        }
        for name, column in columns.items():
            table = table.set_column(table.column_names.index(name), name, column)
        return table

    data = read(_rewritten(tiny_features, tmp_path / "f.parquet", change), folds=2)
    gone = {"AMT_ANNUITY", "AMT_GOODS_PRICE", "CNT_CHILDREN", "CODE_GENDER_F", "CODE_GENDER_M"}
    assert set(data.dropped) - {"FLAG_MOBIL"} >= gone
    assert not gone & {i.name for i in data.inputs}
    assert "EXT_SOURCE_1" in {i.name for i in data.inputs}


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (lambda n: [None] * n, "is unknown for every client"),
        (lambda n: [0] * n, "0 defaults among 400 clients are too few"),
        (lambda n: [1] * n, "400 defaults among 400 clients are too few"),
        (lambda n: [1] * 4 + [0] * (n - 4), "needs at least 5 clients of each class"),
        (lambda n: [1, 0] * (n // 2 - 1) + [0, 2], "must be 0 .* or 1"),
    ],
)
def test_targets_that_teach_nothing_are_refused(tiny_features, tmp_path, target, why):
    file = _rewritten(tiny_features, tmp_path / "f.parquet", lambda t: _with_target(t, target(len(t))))
    with pytest.raises(InvalidInput, match=why) as refused:
        read(file, folds=5)
    assert refused.value.violations[0].field == f"{file}: TARGET"


def test_a_file_without_the_target_column_is_refused(tiny_features, tmp_path):
    file = _rewritten(tiny_features, tmp_path / "f.parquet", lambda t: t.drop_columns(store.TARGET))
    with pytest.raises(InvalidInput, match="TARGET: is missing"):
        read(file, folds=2)


def test_a_file_without_clients_is_refused(tiny_features, tmp_path):
    file = _rewritten(tiny_features, tmp_path / "f.parquet", lambda t: t.slice(0, 0))
    with pytest.raises(InvalidInput, match="has no client"):
        read(file, folds=2)


def test_the_size_of_the_blocks_that_are_read_changes_nothing(tiny_features, monkeypatch):
    whole = read(tiny_features, folds=2)
    monkeypatch.setattr(dataset, "_ROWS", 150)
    blocks = read(tiny_features, folds=2)
    np.testing.assert_array_equal(blocks.matrix, whole.matrix)
    np.testing.assert_array_equal(blocks.target, whole.target)


def test_a_file_without_a_column_of_its_dictionary_is_refused(tiny_features, tmp_path):
    file = _rewritten(tiny_features, tmp_path / "f.parquet", lambda t: t.drop_columns("AMT_CREDIT"))
    with pytest.raises(InvalidInput, match="AMT_CREDIT: is missing"):
        read(file, folds=2)


@pytest.mark.parametrize(
    "make",
    [lambda f: f.write_text("SK_ID_CURR,TARGET"), lambda f: pq.write_table(pa.table({"a": [1]}), f), lambda f: None],
)
def test_what_is_not_a_features_file_is_refused(tmp_path, make):
    make(tmp_path / "f.parquet")
    with pytest.raises(InvalidInput, match=r"f\.parquet"):
        read(tmp_path / "f.parquet", folds=2)
