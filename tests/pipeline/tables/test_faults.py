"""A raw folder with faults is refused, with one report of everything that is wrong."""

import zipfile

import pytest
from support import raw_rows
from support.raw_files import as_gzip, as_parquet, as_zip, put, rewrite, truncate

from pipeline.tables.read import open_tables
from services.common.errors import InvalidInput


def faults(folder, backend):
    """The violations of a folder, as field → description."""
    with pytest.raises(InvalidInput) as caught:
        open_tables(folder, backend)
    found = {v.field: v.description for v in caught.value.violations}
    assert len(found) == len(caught.value.violations)
    return found


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


@pytest.mark.parametrize("months", [[0, -96, -96], [0, -126, 0], [0, -127, -127], [-5000, -5000, 0], [None, None, 0]])
def test_names_a_month_that_a_loan_has_twice_however_far_apart_its_months_are(tmp_path, backend, months):
    made = raw_rows.tables(1, range(5))
    row = made["POS_CASH_balance"][0]
    made["POS_CASH_balance"] = [{**row, "MONTHS_BALANCE": month} for month in months]
    found = faults(raw_rows.write_folder(tmp_path / "raw", made), backend)
    assert found.keys() == {"POS_CASH_balance.csv: SK_ID_PREV, MONTHS_BALANCE"}


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


def test_refuses_a_column_that_is_named_twice(simple, backend):
    rewrite(simple / "bureau.csv", lambda lines: [lines[0] + ",DAYS_CREDIT", *(line + ",1" for line in lines[1:])])
    assert faults(simple, backend) == {"bureau.csv": "names a column twice: DAYS_CREDIT"}


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
