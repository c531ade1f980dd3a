"""One client's explanation: it adds up, on both scales and by any grouping."""

import numpy as np
import pytest

from services.explain.local import explain, grouped


@pytest.fixture(scope="module")
def explanations(explainer, records):
    return [explain(explainer, explainer.applicants.record(record, {})) for record in records[:30]]


def test_everything_adds_up(explainer, explanations):
    for one in explanations:
        assert explainer.base_value + one.contributions.sum() == pytest.approx(one.margin, abs=1e-9)
        total = explainer.base_probability + one.points.sum()
        # The served model computes with float32.
        assert total == pytest.approx(one.score.probability_of_repayment, abs=1e-5)


def test_groups_share_out_the_whole(explainer, explanations):
    for one in explanations:
        tables = [feature.source_table for feature in explainer.features]
        groups = grouped(one, tables)
        assert {group.name for group in groups} == set(tables)
        assert sum(group.contribution for group in groups) == pytest.approx(one.contributions.sum())
        assert sum(group.points for group in groups) == pytest.approx(one.points.sum())
        weights = [abs(group.contribution) for group in groups]
        assert weights == sorted(weights, reverse=True)


def test_the_heaviest_comes_first(explanations):
    for one in explanations:
        weights = np.abs(one.contributions[one.by_weight])
        assert (np.diff(weights) <= 0).all()
        assert sorted(one.by_weight) == list(range(len(one.contributions)))


def test_the_same_client_is_explained_in_the_same_way(explainer, explanations, records):
    again = explain(explainer, explainer.applicants.record(records[0], {}))
    np.testing.assert_array_equal(again.contributions, explanations[0].contributions)
    np.testing.assert_array_equal(again.points, explanations[0].points)
    assert again.score == explanations[0].score
