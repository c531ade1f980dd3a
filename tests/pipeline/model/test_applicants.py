"""A client given as a record and its versions: encoded as the features file would be."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from support.models import train_tiny_model

from pipeline.features.derived import DERIVED, INPUTS
from pipeline.features.dictionary import Kind
from pipeline.model.applicants import Applicants
from pipeline.model.runtime import ScoringModel
from services.common.errors import InvalidInput


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return train_tiny_model(tmp_path_factory.mktemp("applicants"))


@pytest.fixture(scope="module")
def model(folder):
    return ScoringModel.load(folder)


@pytest.fixture(scope="module")
def applicants(model):
    return Applicants(model)


@pytest.fixture(scope="module")
def table(folder):
    return pq.read_table(folder.parent / "features.parquet").slice(0, 40)


@pytest.fixture(scope="module")
def records(model, table):
    return table.select([feature.name for feature in model.dictionary.base]).to_pylist()


def test_a_record_is_encoded_as_its_row_of_the_features_file(applicants, model, table, records):
    expected = model.encoder.table(table)
    for row, record in enumerate(records):
        applicant = applicants.record(record, {})
        np.testing.assert_array_equal(applicant.vector[0], expected[row])
        assert applicant.base == record
        for derived in DERIVED:
            assert applicant.features[derived.name] == pytest.approx(table[derived.name][row].as_py(), nan_ok=True)


def test_versions_are_encoded_as_records_of_their_own(applicants, model, records):
    applicant = applicants.record(records[0], {})
    random = np.random.default_rng(0)
    (category, *_) = (f for f in model.dictionary.base if f.kind is Kind.CATEGORY)
    values = [None, *(c.value for c in category.categories)]
    changes = {name: random.uniform(1, 1000, len(values)) for name in INPUTS if not name.startswith("EXT")}
    changes["DAYS_BIRTH"] = -changes["DAYS_BIRTH"] - 8000
    changes["AMT_GOODS_PRICE"][1] = np.nan
    changes[category.name] = values
    matrix = applicants.versions(applicant, changes)
    for row in range(len(values)):
        own = {name: _plain(column[row]) for name, column in changes.items()}
        record = {**records[0], **own}
        derived = applicants._features.derive(record)
        np.testing.assert_array_equal(matrix[row], model.encoder.record({**record, **derived})[0])


def _plain(value):
    if value is None or isinstance(value, str):
        return value
    return None if np.isnan(value) else float(value)


def test_what_does_not_change_stays(applicants, records):
    applicant = applicants.record(records[1], {})
    name = "AMT_INCOME_TOTAL"
    same = applicants.versions(applicant, {name: np.array([records[1][name]] * 3)})
    np.testing.assert_array_equal(same, np.repeat(applicant.vector, 3, axis=0))


def test_faults_of_overrides_are_named_as_such(applicants, records):
    with pytest.raises(InvalidInput) as caught:
        applicants.record(records[0], {"AMT_CREDIT": "much", "NO_SUCH": 1.0})
    assert {v.field for v in caught.value.violations} == {"overrides[AMT_CREDIT]", "overrides[NO_SUCH]"}


@pytest.mark.parametrize("name", ["AMT_CREDIT", "AMT_ANNUITY", "AMT_INCOME_TOTAL", "EXT_SOURCE_2", "DAYS_EMPLOYED"])
def test_a_value_set_for_all_is_encoded_as_in_records_of_their_own(applicants, model, table, records, name):
    clients = applicants.clients(table.select(applicants.columns))
    values = np.array([54_321.0, np.nan, 0.5])
    for value, matrix in zip(values, applicants.all_with(clients, name, values), strict=True):
        for row, record in enumerate(records):
            changed = {**record, name: _plain(value)}
            derived = applicants._features.derive(changed)
            np.testing.assert_array_equal(matrix[row], model.encoder.record({**changed, **derived})[0])
    np.testing.assert_array_equal(clients.matrix, model.encoder.table(table))


def test_a_category_set_for_all_replaces_each_clients_own(applicants, model, table, records):
    clients = applicants.clients(table)
    used = {i.feature for i in model.manifest.inputs}
    (feature, *_) = (f for f in model.dictionary.base if f.kind is Kind.CATEGORY and f.name in used)
    values = [None, *(c.value for c in feature.categories)]
    for value, matrix in zip(values, applicants.all_with(clients, feature.name, values), strict=True):
        for row, record in enumerate(records):
            derived = applicants._features.derive(record)
            expected = model.encoder.record({**record, feature.name: value, **derived})
            np.testing.assert_array_equal(matrix[row], expected[0])


def test_a_derived_feature_set_for_all_is_set_alone(applicants, model, table):
    clients = applicants.clients(table)
    place = {i.name: k for k, i in enumerate(model.manifest.inputs)}
    (name, *_) = (d.name for d in DERIVED if d.name in place)
    (matrix,) = applicants.all_with(clients, name, np.array([0.25]))
    assert (matrix[:, place[name]] == 0.25).all()
    np.testing.assert_array_equal(
        np.delete(matrix, place[name], axis=1), np.delete(clients.matrix, place[name], axis=1)
    )
