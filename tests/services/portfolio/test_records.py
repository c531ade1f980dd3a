import math

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features.dictionary import Feature, FeatureCategory, FeatureDictionary, Kind, Role
from pipeline.tables.layout import Unit
from services.portfolio.records import pack, unpack


def _feature(name, kind, categories=()):
    return Feature(
        name=name,
        label_fr=name,
        label_en=name,
        kind=kind,
        role=Role.APPLICATION,
        unit=Unit.NONE,
        source_table="application",
        categories=tuple(FeatureCategory(value=c, label_fr=c, label_en=c) for c in categories),
        missing_rate=0,
        editable=False,
        protected=False,
    )


_CATEGORIES = ("", "F", "Épouse", "XNA")
_DICTIONARY = FeatureDictionary(
    features=(
        _feature("number", Kind.NUMBER),
        _feature("category", Kind.CATEGORY, _CATEGORIES),
        _feature("other", Kind.NUMBER),
    )
)
_NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(_NUMBERS, st.none() | st.sampled_from(_CATEGORIES), _NUMBERS), min_size=1))
def test_what_is_packed_is_unpacked_exactly(rows):
    # The table's columns come in another order than the dictionary's, with a column that is not a feature.
    table = pa.table(
        {
            "other": pa.array([row[2] for row in rows], pa.float64()),
            "TARGET": pa.array([1] * len(rows), pa.int8()),
            "category": pa.array([row[1] for row in rows], pa.string()),
            "number": pa.array([row[0] for row in rows], pa.float64()),
        }
    )
    for record, (number, category, other) in zip(pack(table, _DICTIONARY).to_pylist(), rows, strict=True):
        found = unpack(record, _DICTIONARY.features)
        assert found == {"number": number, "category": category, "other": other}
        assert list(found) == ["number", "category", "other"]
        # Equal is not enough: -0.0 == 0.0.
        assert number is None or math.copysign(1, found["number"]) == math.copysign(1, number)
