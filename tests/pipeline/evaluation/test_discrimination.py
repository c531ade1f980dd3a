from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp, norm
from sklearn import metrics

from pipeline.evaluation import discrimination as d
from pipeline.evaluation.ranking import bootstrap, rank, resamples
from services.common.errors import InvalidInput

Sample = tuple[np.ndarray, np.ndarray]


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Both outcomes, few distinct scores, so that ties are the rule."""
    n = draw(st.integers(2, 60))
    labels = np.array([0, 1, *draw(st.lists(st.integers(0, 1), min_size=n - 2, max_size=n - 2))])
    score = np.array(draw(st.lists(st.integers(0, 20), min_size=n, max_size=n))) / 20
    return labels, score


def normal_sample(seed: int, n: int, rate: float = 0.08, shift: float = 1.0) -> Sample:
    """Scores of repaid loans N(0, 1), of defaults N(shift, 1), mapped to 0..1 without changing their order."""
    random = np.random.default_rng(seed)
    labels = (random.random(n) < rate).astype(int)
    return labels, norm.cdf(random.normal(labels * shift))


@given(samples())
def test_figures_are_those_of_scikit_learn_and_scipy(sample: Sample) -> None:
    labels, score = sample
    ranking = rank(labels, score)
    assert d.roc_auc(ranking) == pytest.approx(metrics.roc_auc_score(labels, score))
    assert d.gini(ranking) == pytest.approx(2 * metrics.roc_auc_score(labels, score) - 1)
    assert d.average_precision(ranking) == pytest.approx(metrics.average_precision_score(labels, score))
    assert d.ks(ranking) == pytest.approx(ks_2samp(score[labels == 1], score[labels == 0]).statistic)


@given(samples())
def test_ks_is_reached_where_it_says(sample: Sample) -> None:
    labels, score = sample
    found = d.kolmogorov_smirnov(rank(labels, score))
    flagged = score >= found.probability
    assert abs(flagged[labels == 1].mean() - flagged[labels == 0].mean()) == pytest.approx(found.value)


@given(samples())
def test_reversing_the_score_mirrors_the_area(sample: Sample) -> None:
    labels, score = sample
    assert d.roc_auc(rank(labels, score)) + d.roc_auc(rank(labels, 1 - score)) == pytest.approx(1)


@given(samples(), st.floats(0.01, 0.99))
def test_confusion_is_that_of_scikit_learn(sample: Sample, threshold: float) -> None:
    labels, score = sample
    ours = d.confusion(labels, score, threshold)
    refused = 1 - score < threshold
    theirs = metrics.confusion_matrix(labels, refused, labels=[0, 1])
    assert [[ours.accepted_repaid, ours.refused_repaid], [ours.accepted_defaults, ours.refused_defaults]] == (
        theirs.tolist()
    )


@given(samples())
def test_whole_curves_are_those_of_scikit_learn(sample: Sample) -> None:
    labels, score = sample
    curve = d.roc_curve(rank(labels, score), points=10_000)
    false_positive, true_positive, _ = metrics.roc_curve(labels, score, drop_intermediate=False)
    assert (curve.x, curve.y) == (pytest.approx(false_positive), pytest.approx(true_positive))
    curve = d.precision_recall_curve(rank(labels, score), points=10_000)
    precision, recall, _ = metrics.precision_recall_curve(labels, score, drop_intermediate=False)
    # scikit-learn runs from the lowest cut up and appends the point (0, 1). Of one recall, the first cut is kept.
    first = {round(float(r), 9): p for r, p in zip(recall[:-1], precision[:-1], strict=True)}
    ours = {round(r, 9): p for r, p in zip(curve.x[::-1], curve.y[::-1], strict=True)}
    assert ours == pytest.approx(first)


def test_thinned_curve_keeps_ends_and_area() -> None:
    labels, score = normal_sample(1, 20_000)
    curve = d.roc_curve(rank(labels, score))
    assert len(curve.x) <= 200
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    assert metrics.auc(curve.x, curve.y) == pytest.approx(metrics.roc_auc_score(labels, score), abs=1e-3)


def test_binormal_closed_forms() -> None:
    labels, score = normal_sample(2, 200_000, rate=0.3)
    ranking = rank(labels, score)
    assert d.roc_auc(ranking) == pytest.approx(norm.cdf(1 / np.sqrt(2)), abs=0.004)
    found = d.kolmogorov_smirnov(ranking)
    assert found.value == pytest.approx(2 * norm.cdf(0.5) - 1, abs=0.006)
    # The densities of N(0, 1) and N(1, 1) cross at 0.5.
    assert found.probability == pytest.approx(norm.cdf(0.5), abs=0.05)


@given(samples(), st.integers(1, 10))
def test_deciles_add_up(sample: Sample, number: int) -> None:
    labels, score = sample
    if labels.size < number:
        with pytest.raises(InvalidInput, match="cannot be divided"):
            d.deciles(rank(labels, score), number)
        return
    parts = d.deciles(rank(labels, score), number)
    assert sum(p.clients for p in parts) == labels.size
    assert sum(p.defaults for p in parts) == pytest.approx(labels.sum())
    assert parts[-1].cumulative_gain == pytest.approx(1)
    assert parts[-1].cumulative_lift == pytest.approx(1)
    assert all(a.cumulative_gain <= b.cumulative_gain + 1e-12 for a, b in pairwise(parts))


def test_deciles_of_a_constant_score_have_lift_one() -> None:
    parts = d.deciles(rank(np.arange(100) % 4 == 0, np.full(100, 0.3)))
    assert [p.lift for p in parts] == pytest.approx([1] * 10)


def test_bootstrap_interval_covers_the_true_area() -> None:
    truth = norm.cdf(1 / np.sqrt(2))
    covered = 0
    for seed in range(200):
        labels, score = normal_sample(seed, 600, rate=0.3)
        interval = bootstrap(rank(labels, score), {"auc": d.roc_auc}, seed=seed)["auc"]
        covered += interval.low <= truth <= interval.high
    # 200 runs of a 95 % interval: 190 expected, standard deviation 3.1.
    assert 180 <= covered <= 198


def test_bootstrap_is_repeatable_and_keeps_each_outcomes_number() -> None:
    ranking = rank(*normal_sample(3, 500))
    one = bootstrap(ranking, {"auc": d.roc_auc, "ks": d.ks}, number=50, seed=7)
    assert one == bootstrap(ranking, {"auc": d.roc_auc, "ks": d.ks}, number=50, seed=7)
    assert one != bootstrap(ranking, {"auc": d.roc_auc, "ks": d.ks}, number=50, seed=8)
    assert all(sample.totals == ranking.totals for sample in resamples(ranking, 5, seed=1))


@pytest.mark.parametrize(("label", "named"), [(0, "repaid loans only"), (1, "defaults only")])
def test_one_outcome_is_refused(label: int, named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        rank(np.full(5, label), np.linspace(0, 1, 5))


def test_stability_is_each_folds_own_figures() -> None:
    labels, score = normal_sample(4, 3000)
    folds = np.arange(3000) % 3
    result = d.stability(labels, score, folds)
    expected = [metrics.roc_auc_score(labels[folds == k], score[folds == k]) for k in range(3)]
    assert [f.roc_auc for f in result.folds] == pytest.approx(expected)
    assert result.roc_auc_mean == pytest.approx(np.mean(expected))
    assert result.roc_auc_deviation == pytest.approx(np.std(expected, ddof=1))


def test_stability_needs_two_folds() -> None:
    labels, score = normal_sample(4, 300)
    with pytest.raises(InvalidInput, match="two folds"):
        d.stability(labels, score, np.zeros(300, dtype=int))
