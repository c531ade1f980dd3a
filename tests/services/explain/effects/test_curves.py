"""Partial dependence and individual curves, against scoring changed records one by one."""

import numpy as np
import pytest

from pipeline.features.derived import DERIVED
from pipeline.features.dictionary import Kind
from services.explain.effects.curves import grid_of, individual_expectation, partial_dependence

CLIENTS = 12


def _repayment(explainer, record, overrides):
    applicant = explainer.applicants.record(record, overrides)
    return 1 - float(explainer.model.probability_of_default(applicant.vector)[0])


def _category(explainer):
    return next(f for f in explainer.features if f.kind is Kind.CATEGORY)


@pytest.fixture(scope="module")
def few(explainer, clients):
    return explainer.applicants.clients(clients.slice(0, CLIENTS))


# EXT_SOURCE_2 and AMT_CREDIT: derived features follow. The last one is alone.
@pytest.mark.parametrize("name", ["EXT_SOURCE_2", "AMT_CREDIT", "DAYS_BIRTH"])
def test_curves_are_those_of_changed_records(explainer, clients, records, few, name):
    feature = explainer.model.dictionary.by_name[name]
    grid = grid_of(feature, clients[name].to_numpy(), 7)
    expected = np.array(
        [[_repayment(explainer, record, {name: float(value)}) for value in grid] for record in records[:CLIENTS]]
    )
    np.testing.assert_allclose(partial_dependence(explainer, few, feature, grid), expected.mean(axis=0), atol=1e-6)
    for record, own in zip(records[:3], expected, strict=False):
        applicant = explainer.applicants.record(record, {})
        np.testing.assert_allclose(individual_expectation(explainer, applicant, feature, grid), own, atol=1e-6)


def test_curves_of_a_category(explainer, records, few):
    feature = _category(explainer)
    grid = grid_of(feature, np.empty(0), 5)
    assert grid.tolist() == list(range(len(feature.categories)))
    expected = np.array(
        [
            [_repayment(explainer, record, {feature.name: c.value}) for c in feature.categories]
            for record in records[:CLIENTS]
        ]
    )
    np.testing.assert_allclose(partial_dependence(explainer, few, feature, grid), expected.mean(axis=0), atol=1e-6)
    applicant = explainer.applicants.record(records[0], {})
    np.testing.assert_allclose(individual_expectation(explainer, applicant, feature, grid), expected[0], atol=1e-6)


def test_a_derived_feature_is_set_alone(explainer, clients, records, few):
    derived = {d.name for d in DERIVED}
    feature = next(f for f in explainer.features if f.name in derived)
    place = [i.name for i in explainer.model.manifest.inputs].index(feature.name)
    grid = grid_of(feature, clients[feature.name].to_numpy(), 4)
    matrix = np.repeat(few.matrix[:1], len(grid), axis=0)
    matrix[:, place] = grid
    applicant = explainer.applicants.record(records[0], {})
    expected = 1 - explainer.model.probability_of_default(matrix)
    np.testing.assert_allclose(individual_expectation(explainer, applicant, feature, grid), expected, atol=1e-6)
    assert partial_dependence(explainer, few, feature, grid).shape == (len(grid),)


def test_the_grid_runs_from_extreme_to_extreme(explainer):
    feature = explainer.model.dictionary.by_name["AMT_CREDIT"]
    values = np.random.default_rng(0).lognormal(11, 1, 5000)
    grid = grid_of(feature, values, 40)
    assert len(grid) == 40
    assert (grid[0], grid[-1]) == (values.min(), values.max())
    assert (np.diff(grid) > 0).all()
    assert grid_of(feature, np.array([0.0, 1.0, 0.0, np.nan]), 40).tolist() == [0, 1]
    assert grid_of(feature, np.array([5.0, 5.0]), 40).tolist() == [5]


def test_without_any_known_value_there_is_no_curve(explainer, records, few):
    feature = explainer.model.dictionary.by_name["AMT_CREDIT"]
    grid = grid_of(feature, np.array([np.nan]), 40)
    assert not len(grid)
    assert not len(partial_dependence(explainer, few, feature, grid))
    applicant = explainer.applicants.record(records[0], {})
    assert not len(individual_expectation(explainer, applicant, feature, grid))
