import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support import raw_rows

from pipeline.features import store
from pipeline.features.build import build
from pipeline.features.dictionary import Kind
from pipeline.tables.layout import layout
from services.common.errors import InvalidInput


@pytest.fixture(scope="module")
def made():
    return raw_rows.tables(5, [104, 102, 103, 101], test_clients=[200, 199])


@pytest.fixture
def folder(tmp_path, made):
    return raw_rows.write_folder(tmp_path / "raw", made)


def test_the_file_is_what_store_promises(folder, tmp_path, made):
    out = tmp_path / "new" / "features.parquet"
    report = build(folder, out)
    dictionary, origin = store.read_header(out)
    table = pq.read_table(out)
    assert table.column_names == ["SK_ID_CURR", "TARGET", *(f.name for f in dictionary.features)]
    assert table["SK_ID_CURR"].to_pylist() == [101, 102, 103, 104, 199, 200]
    assert table["TARGET"].type == pa.int8()
    assert table["TARGET"].to_pylist()[4:] == [None, None]
    for feature in dictionary.features:
        assert table[feature.name].type == (pa.float64() if feature.kind is Kind.NUMBER else pa.string())
    assert origin.tables == ("application_train", "application_test", *(name for name in made if name in layout()))
    assert not origin.synthetic
    assert report.rows == 6
    assert sum(report.columns.values()) == len(dictionary.features)


def test_the_contract_is_the_same_without_histories(folder, tmp_path):
    build(folder, tmp_path / "with.parquet")
    (folder / "bureau.csv").unlink()
    report = build(folder, tmp_path / "without.parquet")
    assert "bureau is not there; its features will be missing" in report.warnings
    full, _ = store.read_header(tmp_path / "with.parquet")
    bare, origin = store.read_header(tmp_path / "without.parquet")
    assert bare.contract == full.contract
    assert "bureau" not in origin.tables
    table = pq.read_table(tmp_path / "without.parquet")
    assert table["BURO_COUNT"].null_count == table["ACTIVE_AMT_ANNUITY_MAX"].null_count == 6
    assert table["PREV_COUNT"].null_count < 6


def test_observed_figures_are_those_of_the_labelled_clients(folder, tmp_path, made):
    build(folder, tmp_path / "f.parquet")
    dictionary, _ = store.read_header(tmp_path / "f.parquet")
    frame = pq.read_table(tmp_path / "f.parquet").to_pandas()
    labelled = frame[frame.TARGET.notna()]
    assert len(labelled) == 4
    for feature in dictionary.features:
        column = labelled[feature.name]
        assert feature.missing_rate == pytest.approx(column.isna().mean())
        if feature.kind is Kind.NUMBER and column.notna().any():
            expected = (column.min(), column.max(), column.median())
            assert (feature.minimum, feature.maximum, feature.median) == pytest.approx(expected)
        else:
            assert feature.minimum is feature.maximum is feature.median is None


def test_without_labelled_clients_the_figures_are_those_of_all(folder, tmp_path):
    (folder / "application_train.csv").unlink()
    build(folder, tmp_path / "f.parquet")
    dictionary, _ = store.read_header(tmp_path / "f.parquet")
    column = pq.read_table(tmp_path / "f.parquet")["AMT_CREDIT"].to_pandas()
    assert dictionary.by_name["AMT_CREDIT"].missing_rate == column.isna().mean()


def test_the_history_days_span_all_histories(folder, tmp_path, made):
    build(folder, tmp_path / "f.parquet")
    _, origin = store.read_header(tmp_path / "f.parquet")
    days = [row["DAYS_CREDIT"] for row in made["bureau"]]
    days += [row["DAYS_DECISION"] for row in made["previous_application"] if row["DAYS_DECISION"] != 365243]
    days += [row["DAYS_INSTALMENT"] for row in made["installments_payments"]]
    days += [
        row["MONTHS_BALANCE"] * 30.4375 for name in ("POS_CASH_balance", "credit_card_balance") for row in made[name]
    ]
    days = [day for day in days if day is not None]
    assert origin.history_days == (int(min(days)), int(max(days)))


def test_progress_goes_through_every_step_to_its_end(folder, tmp_path):
    seen = {}

    def note(step, done):
        assert done >= seen.get(step, 0)
        seen[step] = done

    build(folder, tmp_path / "f.parquet", note)
    assert seen == {"read": 1, "compute": 1, "write": 1}


@pytest.mark.parametrize("moment", ["read", "compute", "write"])
def test_an_interrupted_run_leaves_the_earlier_file_and_nothing_else(folder, tmp_path, moment):
    out = tmp_path / "out" / "features.parquet"
    build(folder, out)
    before = store.sha256(out)

    def interrupt(step, done):
        if step == moment:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(folder, out, interrupt)
    assert [path.name for path in out.parent.iterdir()] == ["features.parquet"]
    assert store.sha256(out) == before


def test_a_faulty_folder_leaves_nothing_behind(folder, tmp_path):
    (folder / "bureau.csv").write_bytes(b"")
    with pytest.raises(InvalidInput):
        build(folder, tmp_path / "out" / "features.parquet")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_memory_limit_that_is_no_size_is_refused(folder, tmp_path):
    with pytest.raises(InvalidInput) as caught:
        build(folder, tmp_path / "out" / "features.parquet", memory_limit="plenty")
    assert [v.field for v in caught.value.violations] == ["memory_limit"]
    assert list((tmp_path / "out").iterdir()) == []


def test_too_little_memory_is_said_and_leaves_nothing(folder, tmp_path):
    with pytest.raises(InvalidInput) as caught:
        build(folder, tmp_path / "out" / "features.parquet", memory_limit="5MB")
    (violation,) = caught.value.violations
    assert violation.field == "memory_limit"
    assert "is too little" in violation.description
    assert list((tmp_path / "out").iterdir()) == []


def test_the_same_folder_gives_the_same_file(folder, tmp_path):
    build(folder, tmp_path / "a.parquet")
    build(folder, tmp_path / "b.parquet")
    assert store.sha256(tmp_path / "a.parquet") == store.sha256(tmp_path / "b.parquet")


def test_the_real_sample(real_features):
    assert real_features.shape == (10_000, 634)
    assert real_features.TARGET.notna().sum() == 5_000
    # 365243 days would be the largest by far.
    assert real_features.DAYS_EMPLOYED.max() <= 0
    # Seven in ten clients of the sample have credits with other lenders that are still open.
    assert 0.6 < (real_features.ACTIVE_COUNT > 0).mean() < 0.75
