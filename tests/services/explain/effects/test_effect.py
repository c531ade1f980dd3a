"""One feature's effect over cohorts of an explained portfolio, against the clients themselves."""

import dataclasses

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.explanations import explain_portfolio

from pipeline.evaluation.proportion import wilson
from pipeline.features.dictionary import Kind
from pipeline.model.manifest import Decision
from services.common.errors import DeadlineExceeded, NotFound
from services.explain.effects.curves import partial_dependence
from services.explain.effects.effect import effect_of
from services.explain.portfolio.cohort import Cohort, FeatureFilter, Range

CONSTANT, ABSENT = "EXT_SOURCE_3", "EXT_SOURCE_2"
SHAPES = {"points": 12, "clients": 50}


@pytest.fixture(scope="module")
def portfolio(explainer, model_folder, tmp_path_factory):
    return explain_portfolio(
        explainer, model_folder.parent / "features.parquet", tmp_path_factory.mktemp("of effects") / "explained"
    )


@pytest.fixture(scope="module")
def strange(explainer, model_folder, tmp_path_factory):
    """Clients of whom one feature is always the same and another one always missing."""
    file = tmp_path_factory.mktemp("features") / "features.parquet"
    table = pq.read_table(model_folder.parent / "features.parquet")
    for name, value in ((CONSTANT, 0.5), (ABSENT, None)):
        column = pa.array([value] * len(table), pa.float64())
        table = table.set_column(table.column_names.index(name), table.schema.field(name), column)
    pq.write_table(table, file)
    return explain_portfolio(explainer, file, tmp_path_factory.mktemp("strange") / "explained")


@pytest.fixture(scope="module")
def everybody(portfolio):
    return portfolio.select(Cohort())


def test_a_number_over_the_whole_portfolio(explainer, portfolio, everybody, clients, matrix):
    name = "EXT_SOURCE_3"
    effect = effect_of(explainer, portfolio, everybody, name, points=12, clients=10_000)
    values = clients[name].to_numpy()
    contributions = explainer.contributions(matrix)[:, explainer.place[name]]
    known = ~np.isnan(values)
    assert effect.clients == len(clients)
    np.testing.assert_array_equal(effect.values, values)
    np.testing.assert_allclose(effect.contributions, contributions, atol=1e-6)
    assert (effect.grid[0], effect.grid[-1], len(effect.grid)) == (np.nanmin(values), np.nanmax(values), 12)
    table = explainer.applicants.clients(clients)
    feature = explainer.model.dictionary.by_name[name]
    np.testing.assert_allclose(
        effect.partial_dependence, partial_dependence(explainer, table, feature, effect.grid), atol=1e-9
    )
    assert not len(effect.individual)
    # The risk of these clients falls with this score: so they were made.
    assert len(effect.critical_values) >= 1
    levels = [zone.contribution for zone in effect.zones]
    assert levels[0] > 0 > levels[-1]
    assert effect.partial_dependence[0] < effect.partial_dependence[-1]
    assert sum(b.clients for b in effect.default_rates) == known.sum()
    outcomes = clients["TARGET"].cast(pa.float64()).to_numpy()[~known]
    outcomes = outcomes[~np.isnan(outcomes)]
    assert effect.missing.clients == (~known).sum()
    assert effect.missing.default_rate == wilson(outcomes.sum(), len(outcomes))
    assert effect.missing.contribution == pytest.approx(contributions[~known].mean(), abs=1e-6)


def test_a_category(explainer, portfolio, everybody, clients):
    feature = next(f for f in explainer.features if f.kind is Kind.CATEGORY)
    effect = effect_of(explainer, portfolio, everybody, feature.name, **SHAPES)
    names = [category.value for category in feature.categories]
    assert effect.grid.tolist() == list(range(len(names)))
    assert len(effect.partial_dependence) == len(names)
    assert effect.zones == effect.critical_values == ()
    given = clients[feature.name].to_pylist()
    assert [(b.category, b.clients) for b in effect.default_rates] == [(n, given.count(n)) for n in names if n in given]
    assert effect.missing.clients == given.count(None)
    assert set(effect.values[~np.isnan(effect.values)]) <= set(range(len(names)))


def test_a_client_has_a_curve_of_its_own_through_its_own_score(explainer, portfolio, everybody, records):
    name = "EXT_SOURCE_3"
    record = next(r for r in records if r[name] is not None)
    effect = effect_of(
        explainer, portfolio, everybody, name, applicant=explainer.applicants.record(record, {}), **SHAPES
    )
    assert effect.individual.shape == effect.grid.shape
    at = explainer.applicants.record(record, {name: float(effect.grid[3])})
    assert effect.individual[3] == pytest.approx(1 - explainer.model.probability_of_default(at.vector)[0], abs=1e-6)


def test_a_cohort_is_its_own_clients_on_the_portfolios_grid(explainer, portfolio, everybody):
    cohort = portfolio.select(Cohort(decision=Decision.ACCEPT))
    assert 0 < cohort.clients < everybody.clients
    whole, part = (effect_of(explainer, portfolio, s, "EXT_SOURCE_3", **SHAPES) for s in (everybody, cohort))
    assert part.clients == cohort.clients
    np.testing.assert_array_equal(part.grid, whole.grid)
    counted = sum(b.clients for b in part.default_rates) + (part.missing.clients if part.missing else 0)
    assert counted == cohort.clients
    assert part.partial_dependence.mean() > whole.partial_dependence.mean()


def test_the_same_cohort_gives_the_same_answer(explainer, portfolio, everybody):
    first, second = (effect_of(explainer, portfolio, everybody, "EXT_SOURCE_2", **SHAPES) for _ in range(2))
    assert len(first.values) == 50
    for field in dataclasses.fields(first):
        np.testing.assert_equal(getattr(first, field.name), getattr(second, field.name))


def test_a_small_cohort_has_fewer_bins(explainer, portfolio, clients):
    low = float(np.sort(clients["DAYS_BIRTH"].to_numpy())[6])
    few = portfolio.select(Cohort(filters=(FeatureFilter("DAYS_BIRTH", Range(None, low)),)))
    assert few.clients <= 10
    effect = effect_of(explainer, portfolio, few, "EXT_SOURCE_3", **SHAPES)
    assert len(effect.default_rates) == 1
    assert len(effect.zones) == 1
    assert len(effect.values) == few.clients
    assert len(effect.grid) == 12


def test_a_constant_feature(explainer, strange):
    effect = effect_of(explainer, strange, strange.select(Cohort()), CONSTANT, **SHAPES)
    assert effect.grid.tolist() == [0.5]
    assert len(effect.partial_dependence) == 1
    assert [(b.lower, b.upper, b.clients) for b in effect.default_rates] == [(0.5, 0.5, 400)]
    assert [(z.lower, z.upper, z.share) for z in effect.zones] == [(0.5, 0.5, 1)]
    assert effect.critical_values == ()
    assert effect.missing is None


def test_a_feature_that_is_always_missing(explainer, strange, records):
    applicant = explainer.applicants.record(records[0], {})
    effect = effect_of(explainer, strange, strange.select(Cohort()), ABSENT, applicant=applicant, **SHAPES)
    assert np.isnan(effect.values).all()
    assert not len(effect.grid)
    assert not len(effect.partial_dependence)
    assert not len(effect.individual)
    assert effect.zones == effect.default_rates == ()
    assert effect.missing.clients == 400


def test_an_unknown_feature_is_not_found(explainer, portfolio, everybody):
    with pytest.raises(NotFound) as error:
        effect_of(explainer, portfolio, everybody, "AMT_CREDITS", **SHAPES)
    assert error.value.details == {"feature": "AMT_CREDITS"}


def test_work_ends_when_nobody_waits(explainer, portfolio, everybody):
    asked = []

    def stop():
        asked.append(True)
        return len(asked) == 3

    with pytest.raises(DeadlineExceeded):
        effect_of(explainer, portfolio, everybody, "EXT_SOURCE_3", stop=stop, **SHAPES)
    assert len(asked) == 3
