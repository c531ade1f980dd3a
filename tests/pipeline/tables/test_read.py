"""A raw folder is read whole, or refused with one report of everything that is wrong."""

import gzip
import math
import zipfile

import pandas as pd
import pytest
from support import raw_rows

from pipeline.tables.layout import layout
from pipeline.tables.read import open_tables
from services.common.errors import InvalidInput


def faults(folder, backend):
    """The violations of a folder, as field → description."""
    with pytest.raises(InvalidInput) as caught:
        open_tables(folder, backend)
    found = {v.field: v.description for v in caught.value.violations}
    assert len(found) == len(caught.value.violations)
    return found


def rewrite(file, change):
    """Applies a change to the lines of a CSV file."""
    lines = file.read_text().splitlines()
    file.write_text("\n".join(change(lines)) + "\n")


def put(file, column, number, text):
    """Writes a text into a cell; row 1 is the first below the header."""

    def change(lines):
        cells = lines[number].split(",")
        cells[lines[0].split(",").index(column)] = text
        return [*lines[:number], ",".join(cells), *lines[number + 1 :]]

    # No category of these tables' rows may hold a comma here; the rows are made without.
    rewrite(file, change)


@pytest.fixture
def simple(tmp_path):
    """A folder of rows without commas in values: one train file, one bureau file."""
    made = raw_rows.tables(3, range(100, 105))
    for rows in made.values():
        for row in rows:
            row.update({name: None for name, value in row.items() if isinstance(value, str)})
    made["bureau"] = [{**made["bureau"][0], "SK_ID_BUREAU": number, "SK_ID_CURR": 100} for number in range(5)]
    return raw_rows.write_folder(tmp_path / "simple", {name: made[name] for name in ("application_train", "bureau")})


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


def as_gzip(file):
    with gzip.open(file.with_suffix(".csv.gz"), "wb") as packed:
        packed.write(file.read_bytes())


def as_zip(file):
    with zipfile.ZipFile(file.with_suffix(".zip"), "w") as archive:
        archive.write(file, file.name)


def as_kaggle_zip(file):
    with zipfile.ZipFile(file.with_suffix(".csv.zip"), "w") as archive:
        archive.write(file, file.name)


def as_parquet(file):
    table = pd.read_csv(file, keep_default_na=False, na_values=[""], float_precision="round_trip")
    table.to_parquet(file.with_suffix(".parquet"))


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


def test_an_identifier_with_decimals_is_not_rounded(simple, backend):
    put(simple / "bureau.csv", "SK_ID_BUREAU", 3, "12.5")
    expected = "must be a whole number but has decimals in 1 row(s), the first is row 3"
    assert faults(simple, backend) == {"bureau.csv: SK_ID_BUREAU": expected}


def test_names_a_renamed_column(simple, backend):
    rewrite(simple / "bureau.csv", lambda lines: [lines[0].replace("AMT_ANNUITY", "ANNUITY"), *lines[1:]])
    assert faults(simple, backend) == {"bureau.csv: AMT_ANNUITY": "this column is missing"}


def test_refuses_a_folder_that_is_not_there(tmp_path, backend):
    assert "is not a folder" in faults(tmp_path / "nowhere", backend)[str(tmp_path / "nowhere")]


def test_refuses_a_folder_without_main_table(simple, backend):
    (simple / "application_train.csv").unlink()
    assert "the main table is missing" in faults(simple, backend)[str(simple)]


def test_names_missing_key_columns_and_missing_columns(simple, backend):
    columns = [c for c in raw_rows.header("bureau") if c not in ("SK_ID_BUREAU", "SK_ID_CURR", "DAYS_CREDIT")]
    raw_rows.write_csv(simple / "bureau.csv", columns, [])
    assert faults(simple, backend) == {
        "bureau.csv: SK_ID_BUREAU": "this key column is missing",
        "bureau.csv: SK_ID_CURR": "this key column is missing",
        "bureau.csv: DAYS_CREDIT": "this column is missing",
    }


def test_names_text_in_a_number_column_with_count_and_first_row(simple, backend):
    put(simple / "bureau.csv", "DAYS_CREDIT", 2, "yesterday")
    put(simple / "bureau.csv", "DAYS_CREDIT", 4, "n/a")
    expected = "must be a number but is text in 2 row(s), the first is row 2"
    assert faults(simple, backend) == {"bureau.csv: DAYS_CREDIT": expected}


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("AMT_CREDIT", "inf", "must be finite"),
        ("DAYS_BIRTH", "-3.5", "must be a whole number but has decimals"),
        ("TARGET", "2", "must be 0 or 1"),
        ("TARGET", "", "must be 0 or 1"),
        ("SK_ID_CURR", "", "this key is missing"),
        ("SK_ID_CURR", "A1", "must be a whole number but is not"),
    ],
)
def test_names_values_that_a_column_cannot_hold(simple, backend, column, text, reason):
    put(simple / "application_train.csv", column, 3, text)
    (description,) = faults(simple, backend).values()
    assert reason in description
    assert "row 3" in description


def test_names_duplicate_keys(simple, backend):
    put(simple / "bureau.csv", "SK_ID_BUREAU", 1, "4")
    assert faults(simple, backend) == {
        "bureau.csv: SK_ID_BUREAU": "1 key(s) occur more than once, for example SK_ID_BUREAU 4"
    }


@pytest.mark.parametrize(
    ("table", "key"),
    [("previous_application", ("SK_ID_PREV",)), ("POS_CASH_balance", ("SK_ID_PREV", "MONTHS_BALANCE"))],
)
def test_names_duplicate_keys_of_histories(tmp_path, backend, table, key):
    made = raw_rows.tables(1, range(5))
    made[table].append(made[table][0])
    (name,) = faults(raw_rows.write_folder(tmp_path / "raw", made), backend)
    assert name == f"{table}.csv: {', '.join(key)}"


def test_names_a_client_that_is_in_both_main_tables(tmp_path, backend):
    folder = raw_rows.write_folder(tmp_path / "raw", raw_rows.tables(1, range(3), test_clients=[2, 9]))
    assert faults(folder, backend) == {
        "application_train and application_test: SK_ID_CURR": "1 key(s) occur more than once, for example SK_ID_CURR 2"
    }


def test_refuses_an_empty_file(simple, backend):
    (simple / "bureau.csv").write_bytes(b"")
    assert faults(simple, backend) == {"bureau.csv": "is empty; export it again"}


def test_refuses_a_main_table_without_clients(simple, backend):
    rewrite(simple / "application_train.csv", lambda lines: lines[:1])
    assert "no client" in faults(simple, backend)["application_train"]


def test_refuses_a_csv_with_another_separator(simple, backend):
    rewrite(simple / "bureau.csv", lambda lines: [line.replace(",", ";") for line in lines])
    assert "comma-separated" in faults(simple, backend)["bureau.csv"]


def test_refuses_a_csv_whose_last_line_is_cut(simple, backend):
    file = simple / "bureau.csv"
    file.write_text(file.read_text()[:-25])
    assert "cannot be read" in faults(simple, backend)["bureau.csv"]


def test_a_csv_that_may_be_cut_inside_its_last_value_is_a_warning(simple, backend):
    file = simple / "bureau.csv"
    put(file, "AMT_ANNUITY", 5, "1234.5")
    file.write_text(file.read_text()[:-4])
    raw = open_tables(simple, backend)
    assert raw.tables["bureau"].AMT_ANNUITY.execute().tolist()[-1] == 123
    assert "bureau.csv: the last line has no end; make sure that the file was copied whole" in raw.warnings


def test_refuses_a_column_that_is_named_twice(simple, backend):
    rewrite(simple / "bureau.csv", lambda lines: [lines[0] + ",DAYS_CREDIT", *(line + ",1" for line in lines[1:])])
    assert faults(simple, backend) == {"bureau.csv": "names a column twice: DAYS_CREDIT"}


def truncate(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize(("convert", "suffix"), [(as_gzip, ".csv.gz"), (as_zip, ".zip"), (as_parquet, ".parquet")])
def test_refuses_a_truncated_file(simple, backend, convert, suffix):
    file = simple / "bureau.csv"
    convert(file)
    file.unlink()
    truncate(simple / f"bureau{suffix}")
    assert "cannot be read" in faults(simple, backend)[f"bureau{suffix}"]


def test_refuses_bytes_that_are_not_text(simple, backend):
    file = simple / "bureau.csv"
    file.write_bytes(file.read_bytes()[:-3] + b"\xff\xfe\n")
    assert "cannot be read" in faults(simple, backend)["bureau.csv"]


@pytest.mark.parametrize("names", [[], ["a.csv", "b.csv"], ["readme.txt"]])
def test_refuses_a_zip_that_does_not_hold_one_csv(simple, backend, names):
    (simple / "bureau.csv").unlink()
    with zipfile.ZipFile(simple / "bureau.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    assert "must hold exactly one .csv file" in faults(simple, backend)["bureau.zip"]


def test_refuses_a_table_that_is_there_twice(simple, backend):
    as_gzip(simple / "bureau.csv")
    assert faults(simple, backend) == {
        "bureau": "is there more than once (bureau.csv, bureau.csv.gz); keep one of them"
    }


def test_one_report_names_the_faults_of_all_files(simple, backend):
    put(simple / "application_train.csv", "TARGET", 1, "7")
    put(simple / "application_train.csv", "AMT_CREDIT", 2, "much")
    put(simple / "bureau.csv", "CREDIT_DAY_OVERDUE", 1, "late")
    (simple / "previous_application.csv").write_bytes(b"")
    (simple / "POS_CASH_balance.zip").write_bytes(b"not a zip")
    assert set(faults(simple, backend)) == {
        "application_train.csv: TARGET",
        "application_train.csv: AMT_CREDIT",
        "bureau.csv: CREDIT_DAY_OVERDUE",
        "previous_application.csv",
        "POS_CASH_balance.zip",
    }


@pytest.mark.slow
def test_the_real_sample_is_valid(shared_data, backend):
    """Reads 1.7 million rows: the rules must not refuse what lenders really export."""
    raw = open_tables(shared_data / "home-credit", backend)
    assert raw.warnings == ("installments_payments is not there; its features will be missing",)
    assert raw.tables["application"].count().execute() == 10_000
    assert raw.tables["application"].TARGET.count().execute() == 5_000
