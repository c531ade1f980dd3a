import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.features.derived import DERIVED
from pipeline.features.dictionary import Kind
from pipeline.model.limits import accepted_range
from pipeline.model.manifest import Decision
from pipeline.tables.layout import Direction, Unit
from services.common.errors import FailedPrecondition, InvalidInput
from services.explain.counterfactual.find import find
from services.explain.counterfactual.limits import Limit

# What the clients' risk follows from.
RISKY = ("AMT_CREDIT", "AMT_INCOME_TOTAL", "ACTIVE_AMT_CREDIT_SUM_DEBT_SUM", "DAYS_EMPLOYED", "AMT_ANNUITY")


def _never():
    return False


@pytest.fixture(scope="session")
def search(explainer, ranks, neighbours):
    """Finds counterfactuals, to the end unless told otherwise."""

    def run(applicant, **options):
        return find(explainer, ranks, neighbours, applicant, **{"stop": _never, **options})

    return run


@pytest.fixture(scope="session")
def actionable(explainer):
    return [f.name for f in explainer.model.dictionary.features if f.actionable and explainer.depends_on(f.name)]


def _moved_well(explainer, ranks, change, limit):
    """Whether one change is within everything that is allowed."""
    feature = explainer.model.dictionary.by_name[change.feature]
    assert feature.actionable
    assert not feature.protected
    assert feature.name not in {d.name for d in DERIVED}
    assert change.before is not None
    assert change.after != change.before
    assert limit is None or not limit.fixed
    if feature.kind is Kind.CATEGORY:
        assert change.after in ranks.categories(feature.name)
        return
    low, high = ranks.range(feature.name)
    least, most = accepted_range(feature)
    assert max(low, -math.inf if least is None else least) <= change.after
    assert change.after <= min(high, math.inf if most is None else most)
    moved = change.after - change.before
    assert feature.direction is Direction.ANY or (moved > 0) == (feature.direction is Direction.UP)
    assert abs(moved) >= feature.step * (1 - 1e-9)
    steps = (change.after if feature.unit is Unit.CURRENCY else moved) / feature.step
    assert steps == pytest.approx(round(steps), abs=1e-6)
    if limit is not None:
        assert limit.minimum is None or change.after >= limit.minimum
        assert limit.maximum is None or change.after <= limit.maximum
        relative = limit.max_relative_change
        assert relative is None or abs(moved) <= relative * abs(change.before) * (1 + 1e-9)


@st.composite
def limited(draw, names):
    """Limits of some features, any of them fixed, and the bounds of others as multiples of a typical value."""
    bound = st.none() | st.floats(0, 200_000)
    limits = []
    for name in draw(st.lists(st.sampled_from(names), unique=True, max_size=8)):
        low, high = draw(bound), draw(bound)
        if low is not None and high is not None:
            low, high = min(low, high), max(low, high)
        relative = draw(st.none() | st.floats(0, 1))
        limits.append(Limit(name, draw(st.booleans()), low, high, relative))
    return limits


@pytest.mark.slow
@settings(max_examples=500)
@given(data=st.data())
def test_answers_are_accepted_and_within_all_that_is_allowed(explainer, ranks, refused, search, actionable, data):
    """Twenty seconds: it is the promise to customer and law, so it is tried on 500 clients and sets of limits."""
    client = data.draw(st.sampled_from(range(len(refused))))
    limits = data.draw(limited([n for n in actionable if n != "NAME_CONTRACT_TYPE"]))
    # Most are fixed: 500 searches through everything would take minutes.
    free = data.draw(st.sets(st.sampled_from(RISKY) | st.sampled_from(actionable), min_size=1, max_size=5))
    limits = [limit for limit in limits if limit.feature in free]
    limits += [Limit(n, fixed=True) for n in actionable if n not in free]
    count, most = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 3))
    found = search(refused[client], limits=limits, count=count, max_changes=most)
    by_feature = {limit.feature: limit for limit in limits}
    assert found.complete
    assert len(found.counterfactuals) <= count
    costs = [c.cost for c in found.counterfactuals]
    assert costs == sorted(costs)
    sets = [frozenset(change.feature for change in c.changes) for c in found.counterfactuals]
    assert not any(a <= b for a, b in itertools.combinations(sets, 2))
    for answer in found.counterfactuals:
        assert 1 <= len(answer.changes) <= most
        for change in answer.changes:
            assert change.feature in free
            assert change.before == refused[client].base[change.feature]
            _moved_well(explainer, ranks, change, by_feature.get(change.feature))
        changed = {change.feature: change.after for change in answer.changes}
        version = explainer.applicants.record({**refused[client].base, **changed}, {})
        repayment = 1 - float(explainer.model.probability_of_default(version.vector)[0])
        assert explainer.model.manifest.decision(repayment) is Decision.ACCEPT
        assert answer.probability_of_repayment == repayment
        np.testing.assert_array_equal(answer.version.vector, version.vector)
        assert 0 <= answer.plausibility <= 1
        assert answer.cost == pytest.approx(sum(_cost(ranks, change) for change in answer.changes))


def _cost(ranks, change):
    if isinstance(change.after, str):
        return 0.5
    return abs(ranks.percentile(change.feature, change.after) - ranks.percentile(change.feature, change.before))


def test_most_clients_are_helped(refused, search):
    """The other tests would say little of a model that nobody can move."""
    helped = [applicant for applicant in refused[:10] if search(applicant).counterfactuals]
    assert len(helped) > 5


def test_the_same_client_has_the_same_answers(refused, search):
    for applicant in refused[:3]:
        first, second = search(applicant), search(applicant)
        assert [(c.changes, c.cost) for c in first.counterfactuals] == [
            (c.changes, c.cost) for c in second.counterfactuals
        ]


def test_every_client_whom_a_search_of_a_grid_helps_is_helped_as_cheaply(explainer, ranks, refused, search, actionable):
    """For every client all combinations of up to nine values of each of three features, scored by the served model."""
    random = np.random.default_rng(0)
    helped = 0
    for applicant in refused:
        moving = [n for n in RISKY if applicant.base[n] is not None and _grid(explainer, ranks, applicant, n)]
        names = [str(n) for n in random.choice(moving, min(3, len(moving)), replace=False)]
        cheapest = _cheapest_on_grid(explainer, ranks, applicant, names)
        found = search(applicant, limits=[Limit(n, fixed=True) for n in actionable if n not in names])
        if cheapest is not None:
            helped += 1
            assert found.counterfactuals
            assert found.counterfactuals[0].cost <= cheapest + 1e-9
    assert helped > 10


def _grid(explainer, ranks, applicant, name):
    """At most eight allowed values, equally spaced, by the rules of the dictionary."""
    feature, own = explainer.model.dictionary.by_name[name], applicant.base[name]
    low, high = ranks.range(name)
    low = max(low, 0) if own >= 0 else low
    high = min(high, 0) if own < 0 else high
    low, high = (
        (own if feature.direction is Direction.UP else low),
        (own if feature.direction is Direction.DOWN else high),
    )
    if feature.unit is Unit.CURRENCY:
        grain = feature.step * 10 ** max(0, math.ceil(math.log10(max(high, 1) / feature.step / 1000)))
        values = {round(v / grain) * grain for v in np.linspace(low, high, 8)}
    else:
        values = {own + round((v - own) / feature.step) * feature.step for v in np.linspace(low, high, 8)}
    return [v for v in values if low <= v <= high and abs(v - own) >= feature.step]


def _cheapest_on_grid(explainer, ranks, applicant, names):
    options = [[applicant.base[n], *_grid(explainer, ranks, applicant, n)] for n in names]
    rows = np.array(list(itertools.product(*options)))
    matrix = explainer.applicants.versions(applicant, {n: rows[:, k] for k, n in enumerate(names)})
    repayment = 1 - explainer.model.probability_of_default(matrix)
    # The search keeps a little distance from the threshold.
    accepted = repayment >= explainer.model.manifest.threshold + 2e-5
    accepted &= _consistent(explainer, ranks, applicant, matrix) & _in_order(explainer, applicant, names, rows)
    at = [ranks.percentile(n, applicant.base[n]) for n in names]
    costs = [sum(abs(ranks.percentile(n, row[k]) - at[k]) for k, n in enumerate(names)) for row in rows[accepted]]
    return min(costs, default=None)


def _consistent(explainer, ranks, applicant, matrix):
    """Whether the derived features of each row lie where some client's do."""
    consistent = np.ones(len(matrix), bool)
    for k, model_input in enumerate(explainer.model.manifest.inputs):
        if model_input.feature in {d.name for d in DERIVED}:
            own, (low, high) = applicant.vector[0, k], np.float32(ranks.range(model_input.feature))
            values = matrix[:, k]
            consistent &= (values == own) | (values >= low) & (values <= high) | (np.isnan(values) & np.isnan(own))
    return consistent


def _in_order(explainer, applicant, names, rows):
    """Whether no mean of a history is above its highest value, nor below its lowest."""
    columns = {n: rows[:, k] for k, n in enumerate(names)}
    consistent = np.ones(len(rows), bool)
    for name in names:
        aggregation = explainer.model.dictionary.by_name[name].aggregation
        group = [f"{name.removesuffix(aggregation)}{end}" for end in ("MIN", "MEAN", "MAX")] if aggregation else []
        known = [n for n in group if n in applicant.base]
        for low, high in itertools.pairwise(known):
            pair = [np.array(columns.get(n, applicant.base[n]), float) for n in (low, high)]
            consistent &= ~(pair[0] > pair[1])
    return consistent


def test_nothing_within_the_limits_is_said_honestly(refused, search, actionable):
    found = search(refused[0], limits=[Limit(name, fixed=True) for name in actionable])
    assert found.counterfactuals == ()
    assert found.complete


def test_the_best_so_far_when_the_time_is_over(refused, search):
    looks = itertools.count()
    whole = search(refused[0], count=10)
    found = search(refused[0], count=10, stop=lambda: next(looks) >= 1)
    assert not found.complete
    assert len(found.counterfactuals) <= len(whole.counterfactuals)
    assert all(len(answer.changes) == 1 for answer in found.counterfactuals)


def test_no_time_at_all_gives_no_answer_and_says_so(refused, search):
    found = search(refused[0], stop=lambda: True)
    assert found.counterfactuals == ()
    assert not found.complete


def test_it_looks_at_the_clock_before_every_batch(explainer, refused, search, monkeypatch):
    """Between two looks there is at most one batch of versions."""
    rows, looks = [], []
    scored = explainer.applicants.versions

    def counted(applicant, changes):
        matrix = scored(applicant, changes)
        rows.append(len(matrix))
        return matrix

    monkeypatch.setattr(explainer.applicants, "versions", counted)
    search(refused[0], stop=lambda: looks.append(time.monotonic()) or False)
    assert len(looks) == len(rows)
    assert max(rows) <= 8_192


def test_an_accepted_client_needs_no_change(explainer, matrix, records, search):
    repayment = 1 - explainer.model.probability_of_default(matrix)
    row = int(np.argmax(repayment))
    with pytest.raises(FailedPrecondition) as caught:
        search(explainer.applicants.record(records[row], {}))
    assert float(caught.value.details["probability_of_repayment"]) == pytest.approx(repayment[row])


def test_faulty_options_are_named(refused, search):
    with pytest.raises(InvalidInput) as caught:
        search(refused[0], count=11, max_changes=0)
    assert [v.field for v in caught.value.violations] == ["count", "max_changes"]
    with pytest.raises(InvalidInput, match=r"limits\[0\].feature"):
        search(refused[0], limits=[Limit("CODE_GENDER")])
