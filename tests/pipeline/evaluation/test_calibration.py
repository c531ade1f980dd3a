from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss

from pipeline.evaluation.calibration import brier, brier_score, expected_calibration_error, reliability_curve
from pipeline.evaluation.ranking import rank
from pipeline.evaluation.recalibration import choose, fit_beta, fit_isotonic
from pipeline.model.calibrator import CALIBRATOR, IDENTITY, BetaCalibrator, IsotonicCalibrator
from services.common.errors import InvalidInput

Sample = tuple[np.ndarray, np.ndarray]


def sample(seed: int, n: int) -> Sample:
    """A perfectly calibrated score of about 10 % defaults."""
    random = np.random.default_rng(seed)
    probability = random.beta(1, 9, n)
    return (random.random(n) < probability).astype(int), probability


@st.composite
def tied_samples(draw: st.DrawFn) -> Sample:
    n = draw(st.integers(2, 80))
    labels = np.array([0, 1, *draw(st.lists(st.integers(0, 1), min_size=n - 2, max_size=n - 2))])
    return labels, np.array(draw(st.lists(st.integers(0, 20), min_size=n, max_size=n))) / 20


@given(tied_samples(), st.integers(1, 12))
def test_brier_is_scikit_learns_and_its_parts_add_up(drawn: Sample, bins: int) -> None:
    result = brier(*drawn, bins=bins)
    assert result.value == pytest.approx(brier_score_loss(*drawn))
    assert brier_score(rank(*drawn)) == pytest.approx(result.value)
    assert result.reliability - result.resolution + result.uncertainty == pytest.approx(result.value)
    assert result.reliability >= 0


def test_brier_of_a_constant_forecast_is_all_uncertainty() -> None:
    result = brier(np.arange(100) < 20, np.full(100, 0.2))
    assert (result.reliability, result.resolution) == pytest.approx((0, 0))
    assert result.value == pytest.approx(0.16)


@given(tied_samples(), st.integers(1, 12))
def test_bins_hold_everyone_once_in_order_and_never_part_equals(drawn: Sample, bins: int) -> None:
    curve = reliability_curve(*drawn, bins=bins)
    assert 1 <= len(curve) <= bins
    assert sum(b.clients for b in curve) == drawn[0].size
    assert all(a.upper < b.lower for a, b in pairwise(curve))
    assert sum(b.clients * b.observed.value for b in curve) == pytest.approx(drawn[0].sum())


def test_bins_are_of_equal_mass() -> None:
    assert {b.clients for b in reliability_curve(*sample(1, 5000))} <= {499, 500, 501}


def test_calibration_error_of_a_perfect_score_is_its_sampling_noise() -> None:
    labels, probability = sample(2, 50_000)
    noise = 0.8 * np.sqrt(0.1 * 0.9 * 10 / 50_000)
    assert expected_calibration_error(labels, probability) < 2 * noise
    assert expected_calibration_error(labels, np.clip(probability + 0.05, 0, 1)) == pytest.approx(0.05, abs=noise * 2)


def test_beta_finds_the_true_map() -> None:
    labels, probability = sample(3, 200_000)
    truth = BetaCalibrator(a=1.6, b=0.7, c=0.4)
    # Distort so that ``truth`` undoes it: look the distorted score up on a fine grid.
    grid = np.linspace(1e-6, 1 - 1e-6, 400_001)
    found = fit_beta(labels, np.interp(probability, truth.apply(grid), grid))
    assert (found.a, found.c) == pytest.approx((truth.a, truth.c), rel=0.1, abs=0.06)
    check = np.quantile(grid, [0.1, 0.5, 0.9])
    assert found.apply(check) == pytest.approx(truth.apply(check), abs=0.05)


def test_beta_is_the_constrained_maximum_of_the_likelihood() -> None:
    random = np.random.default_rng(4)
    probability = random.uniform(0.01, 0.99, 2000)
    # Falls again near 1: without its bound, b would be negative.
    labels = (random.random(2000) < probability * (1 - probability)).astype(int)
    found = fit_beta(labels, probability)
    assert found.b == 0

    def loss(w: np.ndarray) -> float:
        return float(log_loss(labels, 1 / (1 + np.exp(-(w[0] * np.log(probability) + w[1])))))

    best = minimize(loss, [1.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12})
    assert (found.a, found.c) == pytest.approx(tuple(best.x), abs=1e-3)


def test_isotonic_is_scikit_learns_but_for_certainty() -> None:
    labels, probability = sample(5, 3000)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(probability, labels).predict(probability)
    ours = fit_isotonic(labels, probability).apply(probability)
    assert ours == pytest.approx(np.clip(theirs, 1 / 3002, 1 - 1 / 3002))


@given(tied_samples(), st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_calibrators_are_monotone_stay_inside_and_survive_json(drawn: Sample, points: list[float]) -> None:
    for calibrator in (fit_beta(*drawn), fit_isotonic(*drawn)):
        rising = calibrator.apply(np.sort(points))
        assert (np.diff(rising) >= -1e-15).all()
        assert ((rising >= 0) & (rising <= 1)).all()
        again = CALIBRATOR.validate_json(calibrator.model_dump_json())
        assert again == calibrator
        assert (again.apply(np.array(points)) == calibrator.apply(np.array(points))).all()


def test_identity_changes_nothing() -> None:
    points = np.array([0.0, 1e-9, 0.08, 0.5, 0.999, 1.0])
    assert IDENTITY.apply(points) == pytest.approx(points, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize(
    ("x", "y"), [((0.1, 0.1), (0.2, 0.3)), ((0.1, 0.2), (0.3, 0.2)), ((0.1,), (0.1, 0.2)), ((0.1, 0.2), (0.3, 1.2))]
)
def test_isotonic_refuses_what_is_no_monotone_map(x: tuple[float, ...], y: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"must|length"):
        IsotonicCalibrator(x=x, y=y)


def test_choice_leaves_a_calibrated_score_alone() -> None:
    choice = choose(*sample(6, 20_000))
    assert choice.method == "none"
    assert choice.calibrator == IDENTITY


def test_choice_takes_beta_for_a_smooth_distortion() -> None:
    labels, probability = sample(7, 20_000)
    choice = choose(labels, probability**0.5)
    assert choice.method == "beta"
    assert choice.log_loss["beta"] == pytest.approx(log_loss(labels, probability), abs=2e-3)
    assert expected_calibration_error(labels, choice.out_of_fold) < 0.01


def test_choice_takes_isotonic_for_steps() -> None:
    random = np.random.default_rng(8)
    score = random.uniform(0.01, 0.99, 20_000)
    labels = random.random(20_000) < np.select([score < 0.3, score < 0.6, score < 0.65], [0.02, 0.4, 0.9], 0.91)
    assert choose(labels, score).method == "isotonic"


def test_out_of_fold_probabilities_come_from_calibrators_that_had_not_seen_the_row() -> None:
    random = np.random.default_rng(9)
    score = random.uniform(0.01, 0.99, 400)
    labels = random.random(400) < np.where(score < 0.5, 0.1, 0.9)
    choice = choose(labels, score)
    assert log_loss(labels, choice.out_of_fold) == pytest.approx(choice.log_loss[choice.method])
    assert log_loss(labels, choice.calibrator.apply(score)) < choice.log_loss[choice.method]


def test_choice_needs_as_many_of_the_rarer_outcome_as_folds() -> None:
    with pytest.raises(InvalidInput, match="rarer outcome has 3 rows; 5 folds"):
        choose(np.arange(50) < 3, np.linspace(0, 1, 50))
