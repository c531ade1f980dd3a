import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.features import describe
from pipeline.features.dictionary import Kind
from pipeline.model.encoding import model_inputs
from pipeline.model.validation import RecordValidator, VectorValidator
from services.common.errors import InvalidInput

DICTIONARY = describe.unobserved()
INPUTS = model_inputs(DICTIONARY)
AT = {model_input.name: k for k, model_input in enumerate(INPUTS)}
RECORDS = RecordValidator(DICTIONARY)
VECTORS = VectorValidator(INPUTS)
GONE = object()


def _record(**changes):
    record = dict.fromkeys(feature.name for feature in DICTIONARY.base)
    record |= {"AMT_CREDIT": 450_000.0, "AMT_INCOME_TOTAL": 90_000.0, "DAYS_BIRTH": -12_000}
    record |= changes
    return {name: value for name, value in record.items() if value is not GONE}


def _matrix(rows=1, **changes):
    """Valid rows: everything missing but what is required; the changes are made to the last one."""
    matrix = np.full((rows, len(INPUTS)), np.nan, dtype=np.float32)
    matrix[:, [k for k, i in enumerate(INPUTS) if i.category]] = 0
    for name, value in {"AMT_CREDIT": 450_000, "AMT_INCOME_TOTAL": 90_000, "DAYS_BIRTH": -12_000}.items():
        matrix[:, AT[name]] = value
    for name, value in changes.items():
        matrix[-1, AT[name]] = value
    return matrix


def _faults(check, *arguments, **options):
    with pytest.raises(InvalidInput) as refused:
        check(*arguments, **options)
    return {v.field: v.description for v in refused.value.violations}


def test_a_record_of_what_is_required_and_nothing_else_known_is_accepted():
    RECORDS.validate(_record())


def test_a_record_may_exceed_everything_seen_in_training():
    RECORDS.validate(
        _record(AMT_INCOME_TOTAL=1e12, NAME_EDUCATION_TYPE="Higher education", EXT_SOURCE_1=1, CNT_CHILDREN=0)
    )


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("AMT_ANNUITY", GONE, "is missing from the record"),
        ("NAME_EDUCATION_TYPE", GONE, "is missing from the record"),
        ("DAYS_BIRTH", GONE, "is missing from the record"),
        ("SHOE_SIZE", 43.0, "is not a feature"),
        ("SK_ID_CURR", 100_002.0, "is not a feature"),
        ("TARGET", 1.0, "is not a feature"),
        ("PAYMENT_RATE", 0.1, "is a derived feature"),
        ("AMT_ANNUITY", "12", "must be a number, not text"),
        ("NAME_EDUCATION_TYPE", 3.0, "must be a category"),
        ("NAME_EDUCATION_TYPE", "higher education", "unknown category 'higher education'; known are: Academic degree,"),
        ("AMT_ANNUITY", float("nan"), "must not be NaN"),
        ("AMT_CREDIT", float("nan"), "must not be NaN"),
        ("AMT_ANNUITY", float("inf"), "must be finite"),
        ("BURO_AMT_CREDIT_SUM_DEBT_MEAN", float("-inf"), "must be finite"),
        ("BURO_AMT_CREDIT_SUM_DEBT_MEAN", -1e39, "magnitude must be at most 3.4e+38"),
        ("AMT_INCOME_TOTAL", -1.0, "-1 is out of range: it must be at least 0"),
        ("AMT_INCOME_TOTAL", 1e39, "magnitude must be at most"),
        ("DAYS_BIRTH", 1.0, "1 is out of range: it must be at most 0"),
        ("EXT_SOURCE_1", 1.01, "1.01 is out of range: 0 to 1 is accepted"),
        ("AMT_CREDIT", None, "is required"),
        ("AMT_INCOME_TOTAL", None, "is required"),
        ("DAYS_BIRTH", None, "is required"),
    ],
)
def test_one_faulty_field_is_named_alone_with_the_reason(name, value, why):
    faults = _faults(RECORDS.validate, _record(**{name: value}))
    assert list(faults) == [name]
    assert why in faults[name]


def test_every_faulty_field_of_a_record_is_named():
    record = _record(AMT_CREDIT=GONE, AMT_ANNUITY="x", FLAG_PHONE=2.0, CODE_GENDER="?", NEW=None, PAYMENT_RATE=None)
    faults = _faults(RECORDS.validate, record)
    assert set(faults) == {"AMT_CREDIT", "AMT_ANNUITY", "FLAG_PHONE", "CODE_GENDER", "NEW", "PAYMENT_RATE"}


def test_an_empty_record_names_every_base_feature():
    assert set(_faults(RECORDS.validate, {})) == {feature.name for feature in DICTIONARY.base}


def test_a_callers_own_text_is_quoted_short():
    (text,) = _faults(RECORDS.validate, _record(CODE_GENDER="M" * 10_000)).values()
    assert len(text) < 200


@settings(deadline=None)
@given(st.data())
def test_a_record_is_refused_exactly_when_its_value_is_outside(data):
    feature = data.draw(st.sampled_from([f for f in DICTIONARY.base if f.kind is Kind.NUMBER]))
    value = data.draw(st.floats())
    model_input = INPUTS[AT[feature.name]]
    lower = -3.4028234663852886e38 if model_input.minimum is None else model_input.minimum
    upper = 3.4028234663852886e38 if model_input.maximum is None else model_input.maximum
    if lower <= value <= upper:
        RECORDS.validate(_record(**{feature.name: value}))
    else:
        assert list(_faults(RECORDS.validate, _record(**{feature.name: value}))) == [feature.name]


def test_vectors_of_what_is_required_and_nothing_else_known_are_accepted():
    VECTORS.validate(_matrix())
    VECTORS.validate(_matrix(rows=3, AMT_INCOME_TOTAL=1e12, NAME_EDUCATION_TYPE_Higher_education=1))
    VECTORS.validate(_matrix(rows=0))


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("AMT_ANNUITY", np.inf, "must be finite"),
        ("PAYMENT_RATE", -np.inf, "must be finite"),
        ("AMT_CREDIT", np.nan, "is required"),
        ("NAME_EDUCATION_TYPE_Higher_education", np.nan, "is required"),
        ("NAME_EDUCATION_TYPE_Higher_education", 2, "2 is out of range: 0 to 1 is accepted"),
        ("AMT_INCOME_TOTAL", -1, "-1 is out of range: it must be at least 0"),
        ("DAYS_BIRTH", 1, "1 is out of range: it must be at most 0"),
    ],
)
def test_one_faulty_input_is_named_alone_with_the_reason(name, value, why):
    faults = _faults(VECTORS.validate, _matrix(**{name: value}))
    assert list(faults) == [name]
    assert why in faults[name]


def test_every_faulty_input_of_a_block_is_named_with_its_row():
    matrix = _matrix(rows=3, AMT_CREDIT=np.nan, EXT_SOURCE_1=2)
    matrix[0, AT["DAYS_BIRTH"]] = 5
    names = {"rows[0].DAYS_BIRTH", "rows[2].AMT_CREDIT", "rows[2].EXT_SOURCE_1"}
    assert set(_faults(VECTORS.validate, matrix)) == names


def test_rows_are_named_as_the_caller_wants_even_one_alone():
    faults = _faults(VECTORS.validate, _matrix(AMT_CREDIT=np.nan), row_name="client {}".format)
    assert list(faults) == ["client 0.AMT_CREDIT"]


@pytest.mark.parametrize("shape", [(1, len(INPUTS) - 1), (2, len(INPUTS) + 1), (1, 0), (len(INPUTS),)])
def test_a_vector_of_another_length_is_refused(shape):
    faults = _faults(VECTORS.validate, np.zeros(shape, dtype=np.float32))
    assert f"must hold {len(INPUTS)} values a row" in faults["values"]
