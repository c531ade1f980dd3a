import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.batch import score_table
from pipeline.features.dictionary import Kind
from pipeline.features.store import ID, TARGET
from pipeline.model.manifest import Band, Decision
from services.common.errors import FailedPrecondition, InvalidInput
from services.explain.portfolio.cohort import AnyOf, Cohort, FeatureFilter, Missing, Range, Similar
from services.explain.portfolio.parts import contribution_of
from services.explain.portfolio.store import ExplainedPortfolio

_NUMBERS = ("EXT_SOURCE_2", "AMT_CREDIT", "CNT_CHILDREN", "ACTIVE_AMT_ANNUITY_MAX", "PAYMENT_RATE")
_CATEGORIES = ("CODE_GENDER", "NAME_EDUCATION_TYPE", "NAME_CONTRACT_TYPE")


@pytest.fixture(scope="module")
def scores(explainer, clients):
    return score_table(explainer.model, clients)


def _filters(dictionary):
    numbers = st.sampled_from([name for name in _NUMBERS if name in dictionary.by_name])
    side = st.none() | st.sampled_from([0.1, 0.25, 0.5, 0.9]).map(float)
    ranges = st.tuples(numbers, side, side)
    values = {name: [c.value for c in dictionary.by_name[name].categories] for name in _CATEGORIES}
    chosen = st.sampled_from(_CATEGORIES).flatmap(
        lambda name: st.builds(
            FeatureFilter,
            st.just(name),
            st.builds(AnyOf, st.lists(st.sampled_from(values[name]), min_size=1, max_size=3).map(tuple)),
        )
    )
    missing = st.builds(FeatureFilter, numbers | st.sampled_from(_CATEGORIES), st.builds(Missing, st.booleans()))
    return ranges, chosen, missing


def _holds(item, column):
    """A filter's clients by NumPy alone."""
    values = np.array(column.to_pylist(), dtype=object)
    absent = np.array([value is None for value in values])
    match item.condition:
        case AnyOf(wanted):
            return np.isin(values.astype(str), wanted) & ~absent
        case Missing(missing):
            return absent if missing else ~absent
        case Range(minimum, maximum):
            numbers = np.array([np.nan if value is None else value for value in values])
            low = numbers >= (-np.inf if minimum is None else minimum)
            return low & (numbers <= (np.inf if maximum is None else maximum))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_cohort_is_what_numpy_selects(portfolio, explainer, clients, scores, data):
    ranges, chosen, missing = _filters(explainer.model.dictionary)
    filters = data.draw(st.lists(chosen | missing, max_size=2))
    for name, low, high in data.draw(st.lists(ranges, max_size=2)):
        known = clients[name].drop_null().to_numpy()
        sides = [None if side is None else float(np.quantile(known, side, method="lower")) for side in (low, high)]
        if None not in sides:
            sides.sort()
        filters.append(FeatureFilter(name, Range(*sides)))
    decision = data.draw(st.none() | st.sampled_from(Decision))
    bands = tuple(data.draw(st.lists(st.sampled_from(Band), max_size=3)))
    expected = np.ones(len(clients), bool)
    for item in filters:
        expected &= _holds(item, clients[item.feature])
    if decision is not None:
        expected &= np.array(scores["decision"].to_pylist()) == decision.value
    if bands:
        expected &= np.isin(scores["band"].to_pylist(), [band.value for band in bands])
    cohort = Cohort(decision, bands, tuple(filters))
    if not expected.any():
        with pytest.raises(FailedPrecondition) as caught:
            portfolio.select(cohort)
        assert caught.value.details == {"cohort_clients": "0"}
        return
    selection = portfolio.select(cohort)
    assert selection.clients == expected.sum()
    assert portfolio.read(selection, [ID])[ID].to_pylist() == clients[ID].filter(expected).to_pylist()


def test_every_column_is_kept(portfolio, explainer, clients, scores, matrix, contributions):
    everybody = portfolio.select(Cohort())
    assert everybody.clients == portfolio.clients == 400
    names = [feature.name for feature in explainer.model.dictionary.features]
    found = portfolio.read(everybody, [ID, TARGET, *names])
    assert found.equals(clients.select([ID, TARGET, *names]).replace_schema_metadata())
    rest = portfolio.read(everybody, ["probability_of_repayment", "margin", "band", "decision"])
    for name in ("probability_of_repayment", "band", "decision"):
        assert rest[name].to_pylist() == scores[name].to_pylist()
    np.testing.assert_array_equal(rest["margin"], explainer.margins(matrix))
    assert portfolio.features == tuple(feature.name for feature in explainer.features)
    kept = portfolio.read(everybody, list(map(contribution_of, portfolio.features)))
    assert set(kept.schema.types) == {pa.float32()}
    np.testing.assert_array_equal(np.column_stack(kept.columns), contributions)


def test_importance_of_all_and_of_a_cohort(portfolio, clients, contributions):
    # Of all clients it was computed in advance; both ways agree with NumPy.
    old = Cohort(filters=(FeatureFilter("DAYS_BIRTH", Range(maximum=-16_000)),))
    for cohort, chosen in ((Cohort(), np.ones(400, bool)), (old, clients["DAYS_BIRTH"].to_numpy() <= -16_000)):
        found = portfolio.importance(portfolio.select(cohort))
        own = contributions[chosen].astype(float)
        assert found.features == portfolio.features
        np.testing.assert_allclose(found.mean_absolute, np.abs(own).mean(axis=0), rtol=1e-6, atol=1e-12)
        np.testing.assert_allclose(found.mean, own.mean(axis=0), rtol=1e-6, atol=1e-9)
    for k, name in enumerate(portfolio.features):
        assert portfolio.ranks.importance(name) == pytest.approx(np.abs(contributions[:, k]).mean(), rel=1e-5)


def test_a_sample_is_always_the_same_and_of_the_cohort(portfolio):
    women = portfolio.select(Cohort(filters=(FeatureFilter("CODE_GENDER", AnyOf(("F",))),)))
    drawn = portfolio.read(women, [ID, "CODE_GENDER"], sample=50)
    assert drawn.num_rows == 50
    assert set(drawn["CODE_GENDER"].to_pylist()) == {"F"}
    again = portfolio.select(Cohort(filters=(FeatureFilter("CODE_GENDER", AnyOf(("F",))),)))
    assert portfolio.read(again, [ID, "CODE_GENDER"], sample=50).equals(drawn)
    ids = drawn[ID].to_pylist()
    assert ids == sorted(set(ids))
    assert set(portfolio.read(women, [ID], sample=20)[ID].to_pylist()) < set(ids)
    assert portfolio.read(women, [ID], sample=10_000).num_rows == women.clients


@pytest.mark.parametrize("place", [0, 123, 399])
def test_similar_clients_are_the_nearest_that_satisfy_the_rest(portfolio, clients, contributions, place):
    own = contributions[place].astype(float)
    women = np.array(clients["CODE_GENDER"].to_pylist()) == "F"
    distance = ((contributions.astype(float) - own) ** 2).sum(axis=1)
    expected = np.flatnonzero(women)[np.argsort(distance[women], kind="stable")[:40]]
    similar = Similar(tuple(own.tolist()), 40)
    selection = portfolio.select(Cohort(filters=(FeatureFilter("CODE_GENDER", AnyOf(("F",))),), similar=similar))
    assert selection.clients == 40
    found = portfolio.read(selection, [ID])[ID].to_pylist()
    assert found == sorted(clients[ID].take(expected).to_pylist())


def test_fewer_similar_clients_than_asked_for(portfolio, contributions):
    similar = Similar(tuple(contributions[0].astype(float).tolist()), 10_000)
    assert portfolio.select(Cohort(similar=similar)).clients == 400


def test_faulty_cohorts_are_refused_condition_by_condition(portfolio, explainer):
    filters = (
        FeatureFilter("AMT_CREDIT", Range(1.0, 2.0)),
        FeatureFilter("AMT_CREDITS", Range(1.0, 2.0)),
        FeatureFilter("TARGET", Missing(True)),
        FeatureFilter("AMT_CREDIT", AnyOf(("1",))),
        FeatureFilter("CODE_GENDER", Range(1.0)),
        FeatureFilter("CODE_GENDER", AnyOf(("F", "X", "M"))),
        FeatureFilter("CODE_GENDER", AnyOf(())),
        FeatureFilter("AMT_CREDIT", Range(2.0, 1.0)),
        FeatureFilter("AMT_CREDIT", Range(float("nan"), float("inf"))),
        FeatureFilter("CODE_GENDER", None),
        FeatureFilter('AMT_CREDIT" OR "x', Missing(False)),
    )
    with pytest.raises(InvalidInput) as caught:
        portfolio.select(Cohort(filters=filters, similar=Similar((0.0,) * len(portfolio.features), 9)))
    assert [violation.field for violation in caught.value.violations] == [
        "cohort.filters[1].feature",
        "cohort.filters[2].feature",
        "cohort.filters[3].any_of",
        "cohort.filters[4].range",
        "cohort.filters[5].any_of.values[1]",
        "cohort.filters[6].any_of.values",
        "cohort.filters[7].range",
        "cohort.filters[8].range.minimum",
        "cohort.filters[8].range.maximum",
        "cohort.filters[9]",
        "cohort.filters[10].feature",
        "cohort.similar.count",
    ]
    with pytest.raises(InvalidInput, match=r"cohort\.filters: must be at most 20"):
        portfolio.select(Cohort(filters=(FeatureFilter("AMT_CREDIT", Missing(False)),) * 21))


def test_a_folder_that_is_not_complete_is_not_opened(explainer, tmp_path):
    with pytest.raises(FileNotFoundError, match="complete"):
        ExplainedPortfolio(tmp_path, explainer.model.dictionary)


def test_the_demonstration_has_all_kinds_of_features(explainer):
    by_name = explainer.model.dictionary.by_name
    assert {by_name[name].kind for name in _NUMBERS} == {Kind.NUMBER}
    assert {by_name[name].kind for name in _CATEGORIES} == {Kind.CATEGORY}
