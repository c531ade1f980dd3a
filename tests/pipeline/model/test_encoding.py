import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.features.dictionary import Feature, FeatureCategory, FeatureDictionary, Kind, Role
from pipeline.features.store import read_header
from pipeline.model.encoding import Encoder, model_inputs
from pipeline.tables.layout import Unit
from services.common.errors import InvalidInput

TYPES = ("Cash loans", "Revolving (loans)", "Épargne")


def _feature(name, *categories):
    return Feature(
        name=name,
        label_fr=name,
        label_en=name,
        kind=Kind.CATEGORY if categories else Kind.NUMBER,
        role=Role.APPLICATION,
        unit=Unit.NONE,
        source_table="application",
        categories=tuple(FeatureCategory(value=c, label_fr=c, label_en=c) for c in categories),
        missing_rate=0,
        editable=False,
        protected=False,
    )


DICTIONARY = FeatureDictionary(
    features=(_feature("A"), _feature("TYPE", *TYPES), _feature("B"), _feature("OWN", "N", "Y"))
)
INPUTS = model_inputs(DICTIONARY)

records = st.fixed_dictionaries(
    {
        "A": st.none() | st.floats(width=32, allow_nan=False, allow_infinity=False),
        "TYPE": st.none() | st.sampled_from(TYPES),
        "B": st.none() | st.floats(-1e30, 1e30),
        "OWN": st.none() | st.sampled_from(("N", "Y")),
    }
)


def _table(rows):
    types = {"A": pa.float64(), "TYPE": pa.string(), "B": pa.float64(), "OWN": pa.string()}
    return pa.table({name: pa.array([row[name] for row in rows], type_) for name, type_ in types.items()})


def test_inputs_follow_the_dictionary_with_one_indicator_per_category():
    assert [i.name for i in INPUTS] == [
        "A",
        "TYPE_Cash_loans",
        "TYPE_Revolving_loans",
        "TYPE__pargne",
        "B",
        "OWN_N",
        "OWN_Y",
    ]
    assert [i.category for i in INPUTS] == [None, *TYPES, None, "N", "Y"]
    assert [i.feature for i in INPUTS] == ["A", "TYPE", "TYPE", "TYPE", "B", "OWN", "OWN"]


def test_a_number_is_itself_and_a_category_is_an_indicator():
    matrix = Encoder(INPUTS, DICTIONARY).record({"A": 1.5, "TYPE": "Revolving (loans)", "B": -2, "OWN": "Y"})
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, [[1.5, 0, 1, 0, -2, 0, 1]])


def test_a_missing_number_is_nan_and_a_missing_category_is_no_indicator():
    matrix = Encoder(INPUTS, DICTIONARY).record(dict.fromkeys(("A", "TYPE", "B", "OWN")))
    np.testing.assert_array_equal(matrix, [[np.nan, 0, 0, 0, np.nan, 0, 0]])


@settings(deadline=None)
@given(st.lists(records, min_size=1, max_size=6), st.permutations(INPUTS), st.integers(1, len(INPUTS)))
def test_a_record_is_encoded_like_its_row_in_a_table(rows, order, kept):
    """For every order and every subset of inputs."""
    encoder = Encoder(order[:kept], DICTIONARY)
    matrix = encoder.table(_table(rows))
    assert matrix.shape == (len(rows), kept)
    assert matrix.flags.c_contiguous
    np.testing.assert_array_equal(matrix, np.concatenate([encoder.record(row) for row in rows]))


def test_columns_of_chunks_dictionaries_and_integers_are_read_alike():
    rows = [{"A": 1.0, "TYPE": TYPES[0], "B": None, "OWN": None}, {"A": 7.0, "TYPE": None, "B": 0.0, "OWN": "N"}]
    encoder = Encoder(INPUTS, DICTIONARY)
    table = _table(rows)
    other = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    other = other.set_column(0, "A", other["A"].cast(pa.int32())).set_column(
        1, "TYPE", other["TYPE"].dictionary_encode()
    )
    np.testing.assert_array_equal(encoder.table(other), encoder.table(table))


def test_a_table_without_rows_gives_no_rows():
    assert Encoder(INPUTS, DICTIONARY).table(_table([])).shape == (0, len(INPUTS))


def test_an_unknown_category_is_refused_by_name():
    encoder = Encoder(INPUTS, DICTIONARY)
    row = {"A": 1.0, "TYPE": "Gift", "B": 1.0, "OWN": None}
    for encode in (lambda: encoder.record(row), lambda: encoder.table(_table([row]))):
        with pytest.raises(InvalidInput, match="'Gift' is not one of its categories") as refused:
            encode()
        assert [v.field for v in refused.value.violations] == ["TYPE"]


@pytest.mark.parametrize("value", [1e39, -1e39, float("inf")])
def test_what_float32_cannot_hold_is_refused_by_name(value):
    encoder = Encoder(INPUTS, DICTIONARY)
    row = {"A": 1.0, "TYPE": None, "B": value, "OWN": None}
    for encode in (lambda: encoder.record(row), lambda: encoder.table(_table([row]))):
        with pytest.raises(InvalidInput, match="too large") as refused:
            encode()
        assert [v.field for v in refused.value.violations] == ["B"]


def test_every_absent_feature_is_named():
    encoder = Encoder(INPUTS, DICTIONARY)
    with pytest.raises(InvalidInput) as refused:
        encoder.record({"A": 1.0, "TYPE": None})
    assert [v.field for v in refused.value.violations] == ["B", "OWN"]
    with pytest.raises(InvalidInput) as refused:
        encoder.table(pa.table({"B": [1.0], "OWN": ["N"]}))
    assert {v.field for v in refused.value.violations} == {"A", "TYPE"}


def test_a_column_of_another_type_is_refused():
    table = _table([{"A": 1.0, "TYPE": None, "B": 1.0, "OWN": None}]).set_column(0, "A", pa.array(["1"]))
    with pytest.raises(InvalidInput, match="A: must be of type double, not string"):
        Encoder(INPUTS, DICTIONARY).table(table)


def test_real_layout_records_are_encoded_like_their_table(tiny_model):
    file = tiny_model.parent / "features.parquet"
    dictionary, _ = read_header(file)
    encoder = Encoder(model_inputs(dictionary), dictionary)
    table = pq.read_table(file).slice(0, 20)
    records_ = [{name: row[name] for name in dictionary.by_name} for row in table.to_pylist()]
    np.testing.assert_array_equal(encoder.table(table), np.concatenate([encoder.record(r) for r in records_]))
