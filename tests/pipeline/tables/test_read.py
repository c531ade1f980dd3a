"""A raw folder without faults is read whole, in every format and spelling."""

import math

import pytest
from support.raw_files import as_gzip, as_kaggle_zip, as_parquet, as_zip, put, rewrite

from pipeline.tables.layout import layout
from pipeline.tables.read import open_tables
from services.common.errors import InvalidInput


def test_reads_train_and_test_clients_as_one_table(folder, backend):
    raw = open_tables(folder, backend)
    rows = raw.tables["application"].order_by("SK_ID_CURR").execute()
    assert list(rows.SK_ID_CURR) == [*range(100, 105), *range(200, 203)]
    assert rows.TARGET[:5].isin([0, 1]).all()
    assert rows.TARGET[5:].isna().all()
    assert raw.present == (
        "application_train",
        "application_test",
        *(name for name in layout() if name != "application"),
    )


@pytest.mark.parametrize("kept", ["application_train", "application_test"])
def test_one_main_table_is_enough(folder, backend, kept):
    other = "application_test" if kept == "application_train" else "application_train"
    (folder / f"{other}.csv").unlink()
    assert kept in open_tables(folder, backend).present


@pytest.mark.parametrize("convert", [as_gzip, as_zip, as_kaggle_zip, as_parquet])
def test_every_format_gives_the_same_rows(folder, backend, convert):
    expected = {name: table.to_pyarrow().to_pylist() for name, table in open_tables(folder, backend).tables.items()}
    for file in folder.glob("*.csv"):
        convert(file)
        file.unlink()
    backend = type(backend)()
    backend.do_connect()
    found = {name: table.to_pyarrow().to_pylist() for name, table in open_tables(folder, backend).tables.items()}
    assert found == expected


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(simple, backend):
    for file in simple.glob("*.csv"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert open_tables(simple, backend).tables["application"].count().execute() == 5


def test_an_absent_history_is_an_empty_table_and_a_warning(folder, backend):
    (folder / "POS_CASH_balance.csv").unlink()
    raw = open_tables(folder, backend)
    assert "POS_CASH_balance is not there; its features will be missing" in raw.warnings
    table = raw.tables["POS_CASH_balance"]
    assert table.count().execute() == 0
    assert set(table.columns) == set(layout()["POS_CASH_balance"].columns)


def test_synthetic_data_is_recognised_by_its_marker(folder, backend):
    assert not open_tables(folder, backend).synthetic
    (folder / "synthetic.json").write_text("{}")
    backend = type(backend)()
    backend.do_connect()
    assert open_tables(folder, backend).synthetic


def test_a_missing_value_in_text_form_is_missing(simple, backend):
    put(simple / "application_train.csv", "AMT_CREDIT", 1, "nan")
    rows = open_tables(simple, backend).tables["application"].order_by("SK_ID_CURR").execute()
    assert math.isnan(rows.AMT_CREDIT[0])


def test_unknown_columns_are_a_warning(simple, backend):
    rewrite(simple / "bureau.csv", lambda lines: [lines[0] + ",NOTE", *(line + ",x" for line in lines[1:])])
    assert "bureau.csv: unknown columns are ignored: NOTE" in open_tables(simple, backend).warnings


def test_unknown_categories_are_a_warning_and_missing(simple, backend):
    put(simple / "bureau.csv", "CREDIT_ACTIVE", 2, "Paused")
    raw = open_tables(simple, backend)
    assert any("CREDIT_ACTIVE: 1 row(s)" in warning and "'Paused'" in warning for warning in raw.warnings)
    assert raw.tables["bureau"].CREDIT_ACTIVE.count().execute() == 0


def test_all_missing_columns_are_accepted(simple, backend):
    for number in range(1, 6):
        put(simple / "application_train.csv", "AMT_ANNUITY", number, "")
        put(simple / "bureau.csv", "AMT_CREDIT_SUM", number, "")
    raw = open_tables(simple, backend)
    assert raw.tables["application"].AMT_ANNUITY.count().execute() == 0
    assert raw.tables["bureau"].AMT_CREDIT_SUM.count().execute() == 0


def test_a_history_without_rows_is_accepted(simple, backend):
    rewrite(simple / "bureau.csv", lambda lines: lines[:1])
    raw = open_tables(simple, backend)
    assert raw.tables["bureau"].count().execute() == 0
    assert "bureau" in raw.present


def test_dates_after_the_application_are_a_warning_and_stay(simple, backend):
    for number in range(1, 6):
        put(simple / "bureau.csv", "DAYS_CREDIT", number, str(10 * number - 30))
        put(simple / "application_train.csv", "DAYS_EMPLOYED", number, "365243")
    raw = open_tables(simple, backend)
    (warning,) = [w for w in raw.warnings if "DAYS_CREDIT:" in w]
    assert warning.startswith("bureau.csv: DAYS_CREDIT: 2 row(s) have a date after the application, up to 20 days;")
    assert raw.tables["bureau"].DAYS_CREDIT.max().execute() == 20
    # The placeholder for "no such day" is no date.
    assert not any("DAYS_EMPLOYED" in w for w in raw.warnings)


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        ("SK_ID_BUREAU", "7.0", 7),
        ("SK_ID_BUREAU", " 7 ", 7),
        ("AMT_CREDIT_SUM", "1e3", 1000),
        ("DAYS_CREDIT", "-5.0", -5),
    ],
)
def test_numbers_may_be_spelled_in_other_ways(simple, backend, column, text, expected):
    put(simple / "bureau.csv", column, 1, text)
    assert expected in open_tables(simple, backend).tables["bureau"][column].execute().tolist()


@pytest.mark.parametrize("column", ["SK_ID_BUREAU", "DAYS_CREDIT", "AMT_CREDIT_SUM"])
@pytest.mark.parametrize(
    "text", ["+7", "007", "1_000", "1E3", "7.", "-0", "9007199254740993", "0x10", " 7\t", "5e-324"]
)
def test_a_spelling_means_the_same_whether_or_not_another_row_is_at_fault(simple, backend, column, text):
    put(simple / "bureau.csv", column, 1, text)
    seen = {}
    # A category that is not known sends the whole file through the slow reading, as text.
    for other in ("", "Paused"):
        put(simple / "bureau.csv", "CREDIT_ACTIVE", 4, other)
        database = type(backend)()
        database.do_connect()
        try:
            seen[other] = sorted(open_tables(simple, database).tables["bureau"][column].execute().tolist())
        except InvalidInput as error:
            seen[other] = [violation.description for violation in error.violations]
    assert repr(seen[""]) == repr(seen["Paused"])


def test_a_csv_that_may_be_cut_inside_its_last_value_is_a_warning(simple, backend):
    file = simple / "bureau.csv"
    put(file, "AMT_ANNUITY", 5, "1234.5")
    file.write_text(file.read_text()[:-4])
    raw = open_tables(simple, backend)
    assert raw.tables["bureau"].AMT_ANNUITY.execute().tolist()[-1] == 123
    assert "bureau.csv: the last line has no end; make sure that the file was copied whole" in raw.warnings


@pytest.mark.slow
def test_the_real_sample_is_valid(shared_data, backend):
    """Reads 1.7 million rows: the rules must not refuse what lenders really export."""
    raw = open_tables(shared_data / "home-credit", backend)
    assert raw.warnings == ("installments_payments is not there; its features will be missing",)
    assert raw.tables["application"].count().execute() == 10_000
    assert raw.tables["application"].TARGET.count().execute() == 5_000
