"""Numbers as officers type them, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.clients.types import Feature, Label, Unit
from frontend.editing import edit_text, far_outside, is_valid, read_number, read_value, value_as_text
from frontend.language import language

FR, EN = language("fr"), language("en")


def feature(unit: Unit, name: str = "X", low: float | None = None, high: float | None = None) -> Feature:
    return Feature(name, Label(name, name), unit, {}, minimum=low, maximum=high, editable=True)


AMOUNT = feature(Unit.CURRENCY)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("71 000,5", 71_000.5),
        ("71\u202f000,5", 71_000.5),
        ("71\u00a0000,50 €", 71_000.5),
        ("71000,5", 71_000.5),
        ("71000.5", 71_000.5),
        ("-3", -3.0),
        ("−3", -3.0),
        ("0", 0.0),
        ("-0", 0.0),
        ("1 234 567", 1_234_567.0),
        ("", None),
        ("  ", None),
    ],
)
def test_french_numbers(text: str, number: float | None) -> None:
    assert read_number(text, AMOUNT, FR) == number


@pytest.mark.parametrize(
    "text", ["abc", "1,2,3", "71.000,5", "7 1000", "--3", "1e5", "nan", "∞", "12 x", ",", "9" * 400]
)
def test_what_is_no_french_number(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_number(text, AMOUNT, FR)


@pytest.mark.parametrize(("text", "number"), [("71,000.5", 71_000.5), ("71000.5", 71_000.5), ("71 000", 71_000.0)])
def test_english_numbers(text: str, number: float) -> None:
    assert read_number(text, AMOUNT, EN) == number


@pytest.mark.parametrize("text", ["71000,5", "71,00.5", "1.2.3"])
def test_what_is_no_english_number(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_number(text, AMOUNT, EN)


@given(st.floats(-1e9, 1e9).map(lambda number: round(number, 4)), st.sampled_from([FR, EN]))
def test_what_a_field_shows_is_read_back(number, spoken) -> None:
    assert read_number(edit_text(number, AMOUNT, spoken), AMOUNT, spoken) == pytest.approx(number, rel=1e-11, abs=1e-6)


def test_shares_are_typed_in_percent() -> None:
    share = feature(Unit.SHARE)
    assert edit_text(0.07, share, FR) == "7"
    assert read_number("7", share, FR) == 0.07
    assert read_number("12,5 %", share, FR) == 0.125


def test_a_job_is_typed_in_years_and_other_times_in_days() -> None:
    job = feature(Unit.DAYS, "DAYS_EMPLOYED", -15_000, -1)
    assert edit_text(-913, job, FR) == "2,5"
    assert read_number("2,5", job, FR) == -913
    phone = feature(Unit.DAYS, "DAYS_LAST_PHONE_CHANGE", -4_000, 0)
    assert edit_text(-1134, phone, EN) == "1,134"
    assert read_number("30", phone, EN) == -30
    assert edit_text(0, phone, EN) == "0"
    late = feature(Unit.DAYS, "ACTIVE_CREDIT_DAY_OVERDUE_MAX", 0, 200)
    assert read_number("12", late, FR) == 12


def test_categories_and_flags() -> None:
    kind = Feature("K", Label("", ""), Unit.NONE, {"Cash loans": Label("Espèces", "Cash")}, editable=True)
    assert read_value("Cash loans", kind, FR) == "Cash loans"
    assert read_value("", kind, FR) is None
    with pytest.raises(ValueError, match="Gold"):
        read_value("Gold", kind, FR)
    flag = feature(Unit.FLAG)
    for value in (None, 0.0, 1.0):
        assert read_value(value_as_text(value, flag, FR), flag, FR) == value


def test_only_values_of_the_feature_are_taken_from_a_store() -> None:
    assert is_valid(3.0, AMOUNT)
    assert is_valid(None, AMOUNT)
    for value in ("3", True, [], {}):
        assert not is_valid(value, AMOUNT)
    assert not is_valid(3.0, Feature("G", Label("", ""), Unit.COUNT, {}))


def test_far_outside_is_beyond_what_was_seen() -> None:
    seen = feature(Unit.CURRENCY, low=10, high=20)
    outside = [far_outside(value, seen) for value in (9.0, 10.0, 20.0, 21.0, None)]
    assert outside == [True, False, False, True, False]
