import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluation.ranking import rank
from pipeline.evaluation.threshold import cost_curve, operating_point, optimal_threshold
from services.common.errors import InvalidInput

Sample = tuple[np.ndarray, np.ndarray]


def calibrated(seed: int, n: int) -> Sample:
    random = np.random.default_rng(seed)
    probability = random.beta(1, 6, n)
    return (random.random(n) < probability).astype(int), probability


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    n = draw(st.integers(2, 40))
    labels = np.array([0, 1, *draw(st.lists(st.integers(0, 1), min_size=n - 2, max_size=n - 2))])
    return labels, np.array(draw(st.lists(st.integers(0, 20), min_size=n, max_size=n))) / 20


def cost(labels: np.ndarray, probability: np.ndarray, threshold: float, ratio: float) -> float:
    taken = 1 - probability >= threshold
    return float((ratio * (taken & (labels == 1)).sum() + (~taken & (labels == 0)).sum()) / labels.size)


@given(samples(), st.floats(0.1, 50), st.floats(0.001, 0.999))
def test_no_threshold_is_cheaper_than_the_optimal_one(drawn: Sample, ratio: float, other: float) -> None:
    labels, probability = drawn
    best = optimal_threshold(rank(labels, probability), ratio)
    assert 0 < best < 1
    assert cost(labels, probability, best, ratio) <= cost(labels, probability, other, ratio) + 1e-12


@given(samples(), st.floats(0.1, 50))
def test_cost_curve_is_counted_right(drawn: Sample, ratio: float) -> None:
    curve = cost_curve(*drawn, ratio, number=5)
    for point in curve.points[::7]:
        assert point.cost == pytest.approx(cost(*drawn, point.threshold, ratio))
        assert point.accepted_share == pytest.approx((1 - drawn[1] >= point.threshold).mean())


def test_optimum_of_a_calibrated_score_is_the_theoretical_one() -> None:
    curve = cost_curve(*calibrated(1, 100_000), 10)
    assert curve.theoretical == pytest.approx(10 / 11)
    assert curve.optimal.low <= curve.theoretical <= curve.optimal.high
    assert curve.optimal.value == pytest.approx(10 / 11, abs=0.02)


@given(samples(), st.floats(0.05, 0.95))
def test_operating_point_adds_up(drawn: Sample, threshold: float) -> None:
    labels, probability = drawn
    point = operating_point(labels, probability, threshold)
    taken = 1 - probability >= threshold
    assert point.accepted_share.value == pytest.approx(taken.mean())
    assert point.cost == pytest.approx(cost(labels, probability, threshold, 10))
    assert point.refused_among_defaults == pytest.approx((~taken)[labels == 1].mean())
    assert point.refused_among_repaid == pytest.approx((~taken)[labels == 0].mean())
    if taken.any():
        assert point.accepted_default_rate is not None
        assert point.accepted_default_rate.value == pytest.approx(labels[taken].mean())
    else:
        assert point.accepted_default_rate is None


@pytest.mark.parametrize("ratio", [0, -1, float("nan"), float("inf")])
def test_cost_ratio_must_be_positive(ratio: float) -> None:
    with pytest.raises(InvalidInput, match="cost_ratio"):
        cost_curve(*calibrated(1, 100), ratio)
