"""Features by name, and columns as numbers."""

import numpy as np
import pyarrow as pa
import pytest

from pipeline.features.dictionary import Kind
from services.common.errors import NotFound
from services.explain.columns import feature_of, outcomes_of, values_of


def test_a_number_is_itself_and_missing_is_nan(explainer, clients):
    feature = explainer.model.dictionary.by_name["EXT_SOURCE_1"]
    values = values_of(clients, feature)
    expected = [np.nan if value is None else value for value in clients["EXT_SOURCE_1"].to_pylist()]
    np.testing.assert_array_equal(values, expected)
    assert np.isnan(values).any()


def test_a_category_is_its_position_in_the_dictionary(explainer, clients):
    feature = next(f for f in explainer.model.dictionary.base if f.kind is Kind.CATEGORY)
    names = [category.value for category in feature.categories]
    expected = [np.nan if v is None else float(names.index(v)) for v in clients[feature.name].to_pylist()]
    np.testing.assert_array_equal(values_of(clients, feature), expected)


def test_unknown_outcomes_are_nan():
    table = pa.table({"TARGET": pa.array([1, None, 0], pa.int8())})
    np.testing.assert_array_equal(outcomes_of(table), [1, np.nan, 0])


@pytest.mark.parametrize("name", ["", "AMT_CREDITS", "x" * 5000])
def test_an_unknown_feature_is_named(explainer, name):
    with pytest.raises(NotFound) as error:
        feature_of(explainer, name)
    assert name.startswith(error.value.details["feature"])
    assert len(error.value.message) < 200
