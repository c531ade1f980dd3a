import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from pipeline.evaluation.proportion import difference, ratio, wilson


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_scipys(case: tuple[int, int]) -> None:
    successes, n = case
    ours = wilson(successes, n)
    theirs = binomtest(successes, n).proportion_ci(method="wilson")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert 0 <= ours.low <= ours.value <= ours.high <= 1


def test_share_of_nothing() -> None:
    with pytest.raises(ValueError, match="at least one"):
        wilson(0, 0)


def test_difference_is_newcombes_published_example() -> None:
    # Newcombe (1998), table II, case a: 56/70 - 48/80, method 10 without continuity correction.
    interval = difference(wilson(56, 70), wilson(48, 80))
    assert interval.value == pytest.approx(0.2)
    assert (interval.low, interval.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@given(st.integers(0, 40), st.integers(0, 60))
def test_difference_changes_sign_when_sides_change(a: int, b: int) -> None:
    one, other = difference(wilson(a, 40), wilson(b, 60)), difference(wilson(b, 60), wilson(a, 40))
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


def test_ratio_covers_the_true_ratio() -> None:
    random = np.random.default_rng(5)
    a, b = random.binomial(400, 0.55, 2000), random.binomial(900, 0.7, 2000)
    intervals = [ratio(int(x), 400, int(y), 900) for x, y in zip(a, b, strict=True)]
    covered = np.mean([i is not None and i.low <= 0.55 / 0.7 <= i.high for i in intervals])
    assert 0.93 <= covered <= 0.97


def test_ratio_without_successes_is_unknown() -> None:
    assert ratio(0, 10, 5, 10) is None
    assert ratio(5, 10, 0, 10) is None
