import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import percentileofscore

from pipeline.features.dictionary import Kind
from pipeline.features.store import TARGET
from services.explain.portfolio.ranks import Ranks, _Steps


def _share(values, value):
    return percentileofscore(values, value, kind="mean") / 100


def test_percentiles_and_quantiles_of_every_number(portfolio, explainer, clients):
    for feature in explainer.model.dictionary.features:
        if feature.kind is not Kind.NUMBER:
            continue
        known = clients[feature.name].drop_null().to_numpy()
        ranks = portfolio.ranks
        assert ranks.median(feature.name) == pytest.approx(np.median(known))
        assert ranks.range(feature.name) == (known.min(), known.max())
        np.testing.assert_allclose(ranks.quantiles(feature.name), np.quantile(known, np.linspace(0, 1, 1001)))
        for value in known[:5]:
            assert ranks.percentile(feature.name, value) == pytest.approx(_share(known, value), abs=1e-12)
        assert ranks.percentile(feature.name, known.min() - 1) == 0
        assert ranks.percentile(feature.name, known.max() + 1) == 1


def test_contributions_have_ranks(portfolio, contributions):
    for k, name in enumerate(portfolio.features):
        for value in contributions[:4, k]:
            expected = _share(contributions[:, k].astype(float), float(value))
            # As it is computed for one client: in double precision.
            found = portfolio.ranks.contribution_percentile(name, np.nextafter(float(value), 1.0))
            assert found == pytest.approx(expected, abs=1e-12)


def test_categories(portfolio, explainer, clients):
    for feature in explainer.model.dictionary.features:
        if feature.kind is not Kind.CATEGORY:
            continue
        values = np.array(clients[feature.name].to_pylist(), dtype=object)
        outcomes = np.array([np.nan if v is None else v for v in clients[TARGET].to_pylist()])
        known = [value for value in values if value is not None]
        shares, rates = portfolio.ranks.categories(feature.name), portfolio.ranks.default_rates(feature.name)
        assert set(shares) == set(known)
        for category, share in shares.items():
            assert share == pytest.approx(known.count(category) / len(known))
            assert rates[category] == pytest.approx(np.nanmean(outcomes[values == category]))


@settings(max_examples=100)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 2, 30, 1000, 5000, 30_000]),
    st.sampled_from([3, 50, 10**9]),
    st.sampled_from([0.0, 0.3]),
)
def test_ranks_of_any_column(seed, size, distinct, zeros):
    """Of many values and few, with many ties and none: exact or within a thousandth."""
    random = np.random.default_rng(seed)
    values = random.integers(0, distinct, size) / 7.0
    values[random.random(size) < zeros] = 0.0
    steps = _Steps.of(np.sort(values))
    exact = len(np.unique(values)) <= 4096
    for value in [*random.choice(values, 5), values.min() - 1, values.max() + 1, np.median(values)]:
        assert steps.rank(value) == pytest.approx(_share(values, value), abs=1e-12 if exact else 1.2e-3)
    if zeros and size > 100:
        assert steps.rank(0.0) == pytest.approx(_share(values, 0.0), abs=1e-12)


def test_a_column_that_nobody_has_a_value_of():
    assert len(_Steps.of(np.empty(0)).values) == 0


def test_saved_and_loaded_they_are_the_same(portfolio, explainer, tmp_path):
    portfolio.ranks.save(tmp_path / "again.npz")
    again = Ranks.load(tmp_path / "again.npz")
    for feature in explainer.model.dictionary.features:
        if feature.kind is Kind.CATEGORY:
            assert again.categories(feature.name) == portfolio.ranks.categories(feature.name)
        else:
            np.testing.assert_array_equal(again.quantiles(feature.name), portfolio.ranks.quantiles(feature.name))
