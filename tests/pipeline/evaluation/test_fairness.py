import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from pipeline.evaluation.fairness import FourFifths, age_band, fairness
from pipeline.evaluation.proportion import wilson
from services.common.errors import InvalidInput


def sample(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    groups = random.choice(["F", "M", "X"], n, p=[0.6, 0.39, 0.01])
    probability = random.beta(1, 9, n)
    return groups, (random.random(n) < probability).astype(int), probability


@given(st.integers(0, 1000), st.integers(3, 300), st.floats(0.5, 0.99))
def test_figures_are_those_of_each_groups_own_clients(seed: int, n: int, threshold: float) -> None:
    groups, labels, probability = sample(seed, n)
    result = fairness("gender", groups, labels, probability, threshold, number=3)
    assert sum(g.clients for g in result.groups) == n
    for group in result.groups:
        mine = groups == group.name
        taken = 1 - probability[mine] >= threshold
        defaulted = labels[mine] == 1
        assert group.acceptance == wilson(int(taken.sum()), int(mine.sum()))
        assert group.default_rate.value == pytest.approx(defaulted.mean())
        assert group.calibration_gap.value == pytest.approx(probability[mine].mean() - defaulted.mean())
        for figure, outcome in ((group.accepted_among_repaid, ~defaulted), (group.accepted_among_defaults, defaulted)):
            assert (figure is None) == (not outcome.any())
            assert figure is None or figure.value == pytest.approx(taken[outcome].mean())
        assert (group.roc_auc is None) == (defaulted.all() or not defaulted.any())
        assert group.roc_auc is None or group.roc_auc.value == pytest.approx(
            roc_auc_score(defaulted, probability[mine])
        )


def test_reference_is_the_group_accepted_most_and_has_nothing_to_compare() -> None:
    # Two in three of "few" are accepted, one in two of "some"; all of the five in "tiny", who are too few to count.
    groups = np.repeat(["few", "some", "tiny"], [600, 1200, 5])
    probability = np.concatenate([np.arange(600) % 3 == 0, np.arange(1200) % 2 == 0, np.zeros(5)]).astype(float)
    result = fairness("x", groups, np.arange(1805) % 7 == 0, probability, 0.5, number=3)
    assert result.reference == "few"
    assert [g.name for g in result.groups] == ["few", "some", "tiny"]
    few, some, tiny = result.groups
    assert (few.acceptance_ratio, few.four_fifths, few.equal_opportunity_difference) == (None, None, None)
    assert some.acceptance_ratio is not None
    assert some.acceptance_ratio.value == pytest.approx(0.75)
    assert tiny.acceptance_ratio is not None


def test_reference_can_be_chosen() -> None:
    groups, labels, probability = sample(1, 2000)
    there, back = (fairness("gender", groups, labels, probability, 0.9, reference=name) for name in "FM")
    a = next(g for g in there.groups if g.name == "M").acceptance_ratio
    b = next(g for g in back.groups if g.name == "F").acceptance_ratio
    assert a is not None
    assert b is not None
    assert a.value == pytest.approx(1 / b.value)
    assert a.low == pytest.approx(1 / b.high)


@pytest.mark.parametrize(
    ("share", "n", "verdict"),
    [(0.95, 4000, FourFifths.MET), (0.6, 4000, FourFifths.NOT_MET), (0.8, 4000, FourFifths.UNCERTAIN),
     (0.6, 10, FourFifths.UNCERTAIN)],
)  # fmt: skip
def test_four_fifths_rule_needs_evidence(share: float, n: int, verdict: FourFifths) -> None:
    groups = np.repeat(["a reference", "other"], [2 * n, n])
    # Half of the reference is accepted, and ``share`` of that half of the others.
    probability = np.concatenate([np.tile([0.0, 1.0], n), np.arange(n) >= round(n * share / 2)]).astype(float)
    labels = np.arange(3 * n) % 2
    other = fairness("x", groups, labels, probability, 0.5, number=3).groups[1]
    assert other.acceptance_ratio is not None
    assert other.acceptance_ratio.value == pytest.approx(share)
    assert other.four_fifths is verdict


def test_calibration_gap_interval_covers_zero_for_a_calibrated_score() -> None:
    covered = 0
    for seed in range(400):
        groups, labels, probability = sample(seed, 800)
        gap = fairness("gender", groups, labels, probability, 0.9, number=1).groups[1].calibration_gap
        covered += gap.low <= 0 <= gap.high
    assert 0.92 <= covered / 400 <= 0.985


def test_age_bands() -> None:
    years = np.array([18, 29.9, 30, 45, 59.99, 60, 95, np.nan])
    assert age_band(years).tolist() == ["18–29", "18–29", "30–39", "40–49", "50–59", "60+", "60+", "?"]


def test_faults() -> None:
    groups, labels, probability = sample(1, 100)
    with pytest.raises(InvalidInput, match="99 groups for 100 clients"):
        fairness("gender", groups[:-1], labels, probability, 0.9)
    with pytest.raises(InvalidInput, match="no client is in group Z"):
        fairness("gender", groups, labels, probability, 0.9, reference="Z")
