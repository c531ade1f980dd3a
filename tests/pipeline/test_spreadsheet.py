"""CSV files as a spreadsheet reads them."""

import csv
import io

import pytest

from pipeline.spreadsheet import csv_bytes


def test_a_file_is_read_back_as_it_was_written() -> None:
    rows = [("a, b", 1.5, None), ('"quoted"', -0.25, "é")]
    text = csv_bytes(("name", "value", "note"), rows).decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(text))) == [
        ["name", "value", "note"],
        ["a, b", "1.5", ""],
        ['"quoted"', "-0.25", "é"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+33 1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_takes_no_text_for_a_formula(text: str) -> None:
    file = csv_bytes(("name", "value"), [(text, -1.5), ("a=b", 2.0)]).decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(file, newline="")))[1:] == [[f"'{text}", "-1.5"], ["a=b", "2.0"]]
