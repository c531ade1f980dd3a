from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluation import bands
from pipeline.model.manifest import Band
from services.common.errors import InvalidInput


def sample(seed: int, n: int, low: float = 1.0, high: float = 6.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    probability = random.beta(low, high, n)
    return (random.random(n) < probability).astype(int), probability


@pytest.mark.parametrize("n", [500, 5000, 60_000])
@pytest.mark.parametrize("seed", range(5))
def test_seven_strictly_falling_bands_around_the_threshold(seed: int, n: int) -> None:
    labels, probability = sample(seed, n)
    result = bands.choose(labels, probability, 0.85)
    assert [b.band for b in result.bands] == list(Band)
    assert result.limits[2] == 0.85
    assert result.monotone
    rates = [b.default_rate.value for b in result.bands if b.default_rate]
    assert len(rates) == 7
    assert all(later < earlier for earlier, later in pairwise(rates))
    assert sum(b.clients for b in result.bands) == n


def test_large_samples_have_no_tiny_band() -> None:
    labels, probability = sample(1, 20_000)
    result = bands.choose(labels, probability, 0.85)
    below, above = (1 - probability < 0.85).sum(), (1 - probability >= 0.85).sum()
    assert min(b.clients for b in result.bands[:3]) >= 0.05 * below
    assert min(b.clients for b in result.bands[3:]) >= 0.05 * above


def test_no_other_limits_explain_the_outcomes_better() -> None:
    # Nine distinct scores a side: few enough to try all limits.
    random = np.random.default_rng(3)
    probability = random.integers(1, 19, 4000) / 20
    labels = random.random(4000) < probability
    repayment = 1 - probability

    def likelihood(limits: tuple[float, ...]) -> float:
        position = np.searchsorted(limits, repayment, side="right")
        total, rates = 0.0, []
        for i in range(7):
            members = labels[position == i]
            if not members.size:
                return -np.inf
            rates.append(members.mean())
            for share in (members.mean(), 1 - members.mean()):
                total += members.size * share * np.log(share) if share else 0.0
        return total if all(b < a for a, b in pairwise(rates)) else -np.inf

    edges = np.unique(repayment)
    threshold = float(edges[9])
    result = bands.choose(labels, probability, threshold)
    best = max(
        likelihood((*low, threshold, *high))
        for low in combinations(edges[1:9], 2)
        for high in combinations(edges[10:], 3)
    )
    # Every score has more than 5 % of its side, so that the smallest size binds nobody.
    assert likelihood(result.limits) == pytest.approx(best)


@settings(max_examples=60)
@given(
    st.integers(0, 10_000),
    st.integers(1, 200),
    st.floats(0.01, 0.99),
    st.sampled_from([0.2, 1.0, 30.0]),
    st.integers(1, 60),
)
def test_always_seven_whatever_comes(seed: int, n: int, threshold: float, shape: float, levels: int) -> None:
    labels, probability = sample(seed, n, shape, shape)
    probability = np.round(probability * levels) / levels
    result = bands.choose(labels, probability, threshold)
    edges = [0.0, *result.limits, 1.0]
    assert len(edges) == 8
    assert all(a < b for a, b in pairwise(edges))
    assert result.limits[2] == threshold
    rates = [b.default_rate.value if b.default_rate else None for b in result.bands]
    falls = None not in rates and all(b < a for a, b in pairwise(rates))
    assert result.monotone == falls


def test_a_score_without_order_is_said_to_have_none() -> None:
    labels = np.arange(1000) % 10 == 0
    result = bands.choose(labels, np.full(1000, 0.1), 0.8)
    assert not result.monotone
    assert len(result.bands) == 7


def test_observe_counts_limits_into_the_band_above() -> None:
    limits = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    repayment = np.array([0.0, 0.1, 0.25, 0.3, 0.45, 0.5, 0.6, 1.0])
    # Probabilities whose complement is exactly the limit again.
    result = bands.observe(np.array([1, 0, 0, 0, 0, 0, 0, 0]), 1 - repayment, tuple(1 - (1 - np.array(limits))))
    assert [b.clients for b in result.bands] == [1, 1, 1, 1, 1, 1, 2]


@pytest.mark.parametrize("limits", [(0.1, 0.2), (0.1, 0.2, 0.3, 0.3, 0.5, 0.6), (0.0, 0.2, 0.3, 0.4, 0.5, 0.6)])
def test_observe_refuses_other_limits(limits: tuple[float, ...]) -> None:
    with pytest.raises(InvalidInput, match="must be 6 that rise"):
        bands.observe(*sample(1, 100), limits)


@pytest.mark.parametrize("threshold", [0.0, 1.0, -3.0])
def test_threshold_lies_inside(threshold: float) -> None:
    with pytest.raises(InvalidInput, match="threshold"):
        bands.choose(*sample(1, 100), threshold)
