"""Both engines on the same tables. Slow: Spark plans hundreds of aggregates for a minute, however few the rows."""

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from support import raw_rows

from pipeline.engines.spark import features as spark_features
from pipeline.features import build as duckdb_features
from pipeline.features import store
from services.common.errors import InvalidInput

pytestmark = pytest.mark.slow


def assert_equal(spark_folder, duckdb_file):
    """Every column in order: the same missing values and texts, numbers to 1e-9 relative.

    The engines add up in different orders, so a sum or variance that nearly cancels is held to the size of its column.
    """
    ours, theirs = pq.read_table(duckdb_file), read_folder(spark_folder)
    assert theirs.column_names == ours.column_names
    for name in ours.column_names:
        left, right = theirs[name].combine_chunks(), ours[name].combine_chunks()
        assert left.type == right.type, name
        assert pc.is_null(left).equals(pc.is_null(right)), name
        if not pa.types.is_floating(left.type):
            assert left.equals(right), name
            continue
        known = left.drop_null().to_numpy(), right.drop_null().to_numpy()
        largest = max(map(abs, known[1].tolist()), default=0.0)
        assert known[0] == pytest.approx(known[1], rel=1e-9, abs=1e-12 * largest), name


def read_folder(folder):
    with store.Reader(folder) as reader:
        return pa.Table.from_batches(reader.iter_batches(1000))


def test_random_tables(spark, tmp_path, monkeypatch):
    # Two files at least, so that their order counts.
    monkeypatch.setattr(spark_features, "_CLIENTS_PER_FILE", 20)
    made = raw_rows.tables(3, range(101, 131), test_clients=range(200, 206))
    raw = raw_rows.write_folder(tmp_path / "raw", made)
    (raw / "credit_card_balance.csv").unlink()
    expected = duckdb_features.build(raw, tmp_path / "f.parquet")
    report = spark_features.build(raw, tmp_path / "f")
    assert (report.rows, report.columns) == (expected.rows, expected.columns)
    assert sorted(report.warnings) == sorted(expected.warnings)
    assert len(store.parts(tmp_path / "f")) > 1
    assert_equal(tmp_path / "f", tmp_path / "f.parquet")
    described, origin = store.read_header(tmp_path / "f")
    wanted, wanted_origin = store.read_header(tmp_path / "f.parquet")
    assert origin == wanted_origin
    assert described.contract == wanted.contract
    figures = ("missing_rate", "minimum", "maximum", "median")
    for feature, other in zip(described.features, wanted.features, strict=True):
        # Numbers, or nothing where no value is known.
        for found, expected_figure in ((getattr(feature, f), getattr(other, f)) for f in figures):
            assert found is expected_figure or found == pytest.approx(expected_figure, rel=1e-9), feature.name
    # Nothing but the results is left.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f", "f.parquet", "raw"]


def test_the_real_sample(spark, shared_data, tmp_path):
    duckdb_features.build(shared_data / "home-credit", tmp_path / "f.parquet")
    spark_features.build(shared_data / "home-credit", tmp_path / "f")
    assert_equal(tmp_path / "f", tmp_path / "f.parquet")


def test_faults_are_those_of_the_other_engine(spark, tmp_path):
    made = raw_rows.tables(4, range(101, 111))
    made["application_train"][2]["AMT_CREDIT"] = "much"
    made["application_train"][3]["TARGET"] = 7
    made["application_train"][4]["CNT_CHILDREN"] = 1.5
    made["bureau"][1]["SK_ID_BUREAU"] = made["bureau"][0]["SK_ID_BUREAU"]
    made["previous_application"][0]["AMT_ANNUITY"] = "inf"
    raw = raw_rows.write_folder(tmp_path / "raw", made)
    pos = raw / "POS_CASH_balance.csv"
    pos.write_text(pos.read_text().rsplit(",", 3)[0])
    with pytest.raises(InvalidInput) as expected:
        duckdb_features.build(raw, tmp_path / "f.parquet")
    out = tmp_path / "f"
    out.mkdir()
    (out / "part-00000.parquet").write_bytes(b"earlier")
    with pytest.raises(InvalidInput) as found:
        spark_features.build(raw, out)
    assert [v.field for v in found.value.violations] == [v.field for v in expected.value.violations]
    by_field = {v.field: v.description for v in found.value.violations}
    assert (
        by_field["application_train.csv: AMT_CREDIT"] == "must be a number but is text in 1 row(s), for example 'much'"
    )
    assert by_field["POS_CASH_balance.csv"].startswith("cannot be read")
    assert (out / "part-00000.parquet").read_bytes() == b"earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f", "raw"]
