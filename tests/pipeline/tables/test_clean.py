import ibis
import pytest

from pipeline.tables.clean import clean, known_categories
from pipeline.tables.layout import layout


def cleaned(table, **columns):
    types = {name: "string" if isinstance(values[0], str) else "float64" for name, values in columns.items()}
    given = ibis.memtable(columns, schema=types)
    return clean(given, table).execute().astype(object).where(lambda frame: frame.notna(), None).to_dict("list")


def test_the_day_that_means_no_day_is_missing():
    assert cleaned("application", DAYS_EMPLOYED=[365243.0, -12.0]) == {"DAYS_EMPLOYED": [None, -12.0]}


@pytest.mark.parametrize(
    "column",
    ["DAYS_FIRST_DRAWING", "DAYS_FIRST_DUE", "DAYS_LAST_DUE_1ST_VERSION", "DAYS_LAST_DUE", "DAYS_TERMINATION"],
)
def test_the_day_that_means_no_day_is_missing_in_previous_applications(column):
    assert cleaned("previous_application", **{column: [365243.0, 3.0]}) == {column: [None, 3.0]}


def test_an_amount_that_looks_like_that_day_is_kept():
    assert cleaned("application", AMT_CREDIT=[365243.0]) == {"AMT_CREDIT": [365243.0]}


def test_placeholders_of_an_application_are_missing():
    assert cleaned("application", ORGANIZATION_TYPE=["XNA", "Bank", "XAP"]) == {
        "ORGANIZATION_TYPE": [None, "Bank", None]
    }


def test_placeholders_of_a_history_are_categories():
    assert cleaned("previous_application", CODE_REJECT_REASON=["XAP"]) == {"CODE_REJECT_REASON": ["XAP"]}


def test_known_categories_leave_placeholders_out_of_applications_only():
    assert "XNA" not in known_categories(layout()["application"].columns["CODE_GENDER"])
    assert "XNA" in known_categories(layout()["previous_application"].columns["NAME_PORTFOLIO"])
