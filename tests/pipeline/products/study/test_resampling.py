"""Corrected intervals and the paired test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student
from scipy.stats import ttest_rel

from pipeline.products.study.resampling import draws_interval, mean_interval, paired, seeds_interval

SCORES = st.lists(st.floats(0, 1), min_size=5, max_size=30)


@given(SCORES)
def test_intervals_hold_their_estimate(scores: list[float]) -> None:
    for interval in (mean_interval(scores, 5), draws_interval(scores), seeds_interval(scores)):
        assert interval.low <= interval.value <= interval.high


@given(SCORES)
def test_a_model_does_not_differ_from_itself(scores: list[float]) -> None:
    difference, p = paired(scores, scores, 5)

    assert (difference.value, p) == (0, 1)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=5, max_size=30))
def test_paired_is_antisymmetric(pairs: list[tuple[float, float]]) -> None:
    one, other = zip(*pairs, strict=True)
    forth, p_forth = paired(one, other, 5)
    back, p_back = paired(other, one, 5)

    assert forth.value == pytest.approx(-back.value)
    assert p_forth == pytest.approx(p_back)


def test_correction_is_that_of_nadeau_and_bengio() -> None:
    """The plain paired t-test with its error multiplied by sqrt(1 + scores / (folds - 1))."""
    chance = np.random.default_rng(0)
    one, other = chance.normal(0.95, 0.01, 15), chance.normal(0.945, 0.01, 15)
    plain = ttest_rel(one, other)
    corrected = plain.statistic / np.sqrt(1 + 15 / 4)

    assert paired(one.tolist(), other.tolist(), 5)[1] == pytest.approx(2 * student.sf(abs(corrected), 14))
