"""Values in the customer's units."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features.describe import unobserved
from pipeline.features.dictionary import Feature, Kind
from services.explain.words.measures import Measure, Value, measure_of
from services.explain.words.quantities import quantity

FEATURES = unobserved().by_name
NUMBERS = [f for f in FEATURES.values() if f.kind is Kind.NUMBER]


@pytest.mark.parametrize(
    ("name", "value", "french", "english"),
    [
        ("AMT_CREDIT", 513_000.0, "513\u202f000\u00a0€", "€513,000"),
        ("AMT_CREDIT", 0.0, "0\u00a0€", "€0"),
        ("AMT_CREDIT", 4.25, "4,25\u00a0€", "€4.25"),
        ("INSTAL_PAYMENT_DIFF_MEAN", -120.4, "-120\u00a0€", "-€120"),
        ("DAYS_BIRTH", -12_500.0, "34\u00a0ans", "34\u00a0years"),
        ("DAYS_EMPLOYED", -1_200.0, "3\u00a0ans et 3\u00a0mois", "3\u00a0years, 3\u00a0months"),
        ("DAYS_EMPLOYED", -3.0, "3\u00a0jours", "3\u00a0days"),
        ("DAYS_LAST_PHONE_CHANGE", -1.0, "1\u00a0jour avant la demande", "1\u00a0day before the application"),
        ("DAYS_LAST_PHONE_CHANGE", 0.0, "le jour de la demande", "on the day of the application"),
        (
            "ACTIVE_DAYS_CREDIT_ENDDATE_MAX",
            800.0,
            "2\u00a0ans et 2\u00a0mois après la demande",
            "2\u00a0years, 2\u00a0months after the application",
        ),
        ("POS_MONTHS_BALANCE_MAX", -1.0, "1\u00a0mois avant la demande", "1\u00a0month before the application"),
        ("POS_SK_DPD_MAX", 120.0, "120\u00a0jours", "120\u00a0days"),
        ("POS_SK_DPD_MEAN", 0.04, "0,04\u00a0jour", "0.04\u00a0days"),
        ("OWN_CAR_AGE", 9.0, "9\u00a0ans", "9\u00a0years"),
        ("CNT_CHILDREN", 2.0, "2", "2"),
        ("PAYMENT_RATE", 0.05, "5\u202f%", "5%"),
        ("PAYMENT_RATE", 0.0524, "5,2\u202f%", "5.2%"),
        ("EXT_SOURCE_2", 0.6523, "0,652", "0.652"),
        ("FLAG_PHONE", 1.0, "oui", "yes"),
        ("FLAG_PHONE", 0.0, "non", "no"),
        ("FLAG_OWN_CAR", "Y", "oui", "yes"),
        ("EMERGENCYSTATE_MODE", "No", "non", "no"),
        ("NAME_HOUSING_TYPE", "With parents", "Chez les parents", "With parents"),
        ("HOUR_APPR_PROCESS_START", 11.0, "11\u00a0h", "11:00"),
        ("PREV_HOUR_APPR_PROCESS_START_MEAN", 11.4, "11\u00a0h\u00a024", "11:24"),
        ("CC_AMT_BALANCE_VAR", 250_000.0, "500\u00a0€", "€500"),
        ("BURO_DAYS_CREDIT_VAR", 133_407.6, "1\u00a0an", "1\u00a0year"),
        ("AMT_CREDIT", None, "non renseigné", "not provided"),
        ("AMT_CREDIT", float("nan"), "non renseigné", "not provided"),
        ("NAME_HOUSING_TYPE", None, "non renseigné", "not provided"),
    ],
)
def test_values(name: str, value: Value, french: str, english: str) -> None:
    assert quantity(FEATURES[name], value, "fr") == french
    assert quantity(FEATURES[name], value, "en") == english


@given(st.sampled_from(NUMBERS), st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(["fr", "en"]))
def test_any_number_can_be_said(feature: Feature, value: float, language: str) -> None:
    text = quantity(feature, value, language)
    assert text
    assert not re.search(r"nan|inf\b|None|[{}]", text)


@given(st.sampled_from([f for f in NUMBERS if measure_of(f) is Measure.AMOUNT]), st.floats(-1e12, 1e12))
def test_an_amount_is_read_back(feature: Feature, amount: float) -> None:
    for language, decimal in (("fr", ","), ("en", ".")):
        read = float(re.sub(rf"[^-0-9{decimal}]", "", quantity(feature, amount, language)).replace(",", "."))
        assert read == pytest.approx(amount, abs=0.51 if abs(amount) >= 10 else 0.00501)


@given(st.floats(-40_000, -31))
def test_a_time_is_read_back_to_the_month(days: float) -> None:
    text = quantity(FEATURES["DAYS_EMPLOYED"], days, "fr")
    years = re.search(r"(\d+)\u00a0ans?", text)
    months = re.search(r"(\d+)\u00a0mois", text)
    read = 12 * int(years[1] if years else 0) + int(months[1] if months else 0)
    assert read <= -days / 365.25 * 12 < read + 1


@given(st.floats(0.001, 50))
def test_a_share_is_read_back(share: float) -> None:
    text = quantity(FEATURES["PAYMENT_RATE"], share, "fr")
    assert text.endswith("\u202f%")
    assert float(re.sub(r"[^0-9,]", "", text).replace(",", ".")) == pytest.approx(share * 100, abs=0.0501)
