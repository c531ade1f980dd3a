from itertools import permutations

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.features.derived import DERIVED
from pipeline.model.manifest import BOOSTER
from services.explain.comparison import EXACT_FEATURES, compare


@pytest.fixture(scope="module")
def applicants(explainer, records):
    return [explainer.applicants.record(record, {}) for record in records[:40]]


def _signed(comparison):
    return {c.feature: (c.margin_change, c.points_change) for c in comparison.changes}


def _margin(explainer, record):
    return float(explainer.margins(explainer.applicants.record(record, {}).vector)[0])


@st.composite
def pairs(draw, most):
    """Two clients, and which base features of the second one the first one takes."""
    first, second = draw(st.integers(0, 39)), draw(st.integers(0, 39))
    return first, second, draw(st.sets(st.integers(0, 10_000), max_size=most))


def _versions(explainer, applicants, pair):
    first, second, chosen = pair
    names = _read_by_the_model(explainer)
    overrides = {names[k % len(names)]: applicants[second].base[names[k % len(names)]] for k in chosen}
    return applicants[first], explainer.applicants.record(applicants[first].base, overrides)


def _read_by_the_model(explainer):
    derived = {name for d in DERIVED if d.name in explainer.place for name in d.inputs}
    return [f.name for f in explainer.model.dictionary.base if f.name in explainer.place or f.name in derived]


@settings(max_examples=60)
@given(pair=pairs(most=EXACT_FEATURES) | pairs(most=60))
def test_changes_add_up_and_change_their_signs_when_the_versions_are_swapped(explainer, applicants, pair):
    before, after = _versions(explainer, applicants, pair)
    there, back = compare(explainer, before, after), compare(explainer, after, before)
    margins = explainer.margins(np.concatenate([before.vector, after.vector]))
    assert (there.margin_before, there.margin_after) == tuple(margins)
    assert sum(c.margin_change for c in there.changes) == pytest.approx(margins[1] - margins[0], abs=1e-9)
    repayment = explainer.repayment(margins)
    assert sum(c.points_change for c in there.changes) == pytest.approx(repayment[1] - repayment[0], abs=1e-9)
    assert {name: (-m, -p) for name, (m, p) in _signed(there).items()} == _signed(back)
    assert there.exact == back.exact
    assert there.exact or len(there.changes) > EXACT_FEATURES


def test_exactly_the_features_that_differ_are_changes_the_largest_first(explainer, applicants):
    before = applicants[0]
    missing = next(name for name, value in before.base.items() if value is None)
    overrides = {
        "AMT_CREDIT": before.base["AMT_CREDIT"] / 2,
        "AMT_INCOME_TOTAL": before.base["AMT_INCOME_TOTAL"],
        missing: None,
        "EXT_SOURCE_3": 0.99,
        "EXT_SOURCE_2": None if before.base["EXT_SOURCE_2"] else 0.5,
    }
    comparison = compare(explainer, before, explainer.applicants.record(before.base, overrides))
    assert {c.feature: (c.before, c.after) for c in comparison.changes} == {
        name: (before.base[name], overrides[name]) for name in ("AMT_CREDIT", "EXT_SOURCE_3", "EXT_SOURCE_2")
    }
    sizes = [abs(c.margin_change) for c in comparison.changes]
    assert sizes == sorted(sizes, reverse=True)


def test_equal_versions_have_no_changes(explainer, applicants):
    comparison = compare(explainer, applicants[3], applicants[3])
    assert comparison.changes == ()
    assert comparison.exact
    assert comparison.margin_before == comparison.margin_after


def test_a_single_change_has_all_of_the_difference(explainer, applicants):
    before = applicants[1]
    after = explainer.applicants.record(before.base, {"EXT_SOURCE_3": 0.01})
    (change,) = compare(explainer, before, after).changes
    margins = explainer.margins(np.concatenate([before.vector, after.vector]))
    assert change.margin_change == margins[1] - margins[0] != 0


def test_a_feature_that_no_tree_reads_changes_nothing(explainer, applicants, model_folder):
    booster = lgb.Booster(model_file=model_folder / BOOSTER)
    reads = zip(explainer.model.manifest.inputs, booster.feature_importance(), strict=True)
    read = {model_input.feature for model_input, splits in reads if splits}
    read |= {name for d in DERIVED if d.name in read for name in d.inputs}
    before = applicants[0]
    flags = [f.name for f in explainer.model.dictionary.base if f.name.startswith("FLAG_") and f.name not in read]
    unread = {name: 1.0 - before.base[name] for name in flags if isinstance(before.base[name], float)}
    after = explainer.applicants.record(before.base, {**unread, "EXT_SOURCE_3": 0.99})
    values = _signed(compare(explainer, before, after))
    assert unread
    assert all(values[name] == (0, 0) for name in unread)
    assert values["EXT_SOURCE_3"][0] != 0


def test_values_are_the_means_over_all_orders(explainer, applicants):
    """By their definition, with the derived features of the mixed versions computed one record at a time."""
    before, other = applicants[5], applicants[6]
    names = ["AMT_CREDIT", "AMT_ANNUITY", "EXT_SOURCE_2", "EXT_SOURCE_3"]
    overrides = {name: other.base[name] for name in names}
    expected = dict.fromkeys(names, 0.0)
    orders = list(permutations(names))
    for order in orders:
        record = dict(before.base)
        margin = _margin(explainer, record)
        for name in order:
            record[name] = overrides[name]
            changed = _margin(explainer, record)
            expected[name] += (changed - margin) / len(orders)
            margin = changed
    found = _signed(compare(explainer, before, explainer.applicants.record(before.base, overrides)))
    assert {name: found[name][0] for name in names} == pytest.approx(expected, abs=1e-12)


def test_features_that_share_no_tree_have_their_own_effect_in_any_company(explainer, applicants, model_folder):
    """Estimated values too: where nothing interacts, what a feature adds does not depend on the order."""
    before, other = applicants[10], applicants[11]
    names = _strangers(explainer, model_folder, [n for n in before.base if before.base[n] != other.base[n]])
    overrides = {name: other.base[name] for name in names}
    together = compare(explainer, before, explainer.applicants.record(before.base, overrides))
    assert not together.exact
    margin = _margin(explainer, before.base)
    alone = {name: _margin(explainer, {**before.base, name: value}) - margin for name, value in overrides.items()}
    assert any(alone.values())
    assert {name: change for name, (change, _) in _signed(together).items()} == pytest.approx(alone, abs=1e-9)


def _strangers(explainer, model_folder, names):
    """Base features of which no tree reads two, itself or by derived features."""
    splits = lgb.Booster(model_file=model_folder / BOOSTER).trees_to_dataframe()
    feature = {i.name: i.feature for i in explainer.model.manifest.inputs}
    base = {d.name: set(d.inputs) for d in DERIVED}
    trees = [
        set().union(*(base.get(feature[name], {feature[name]}) for name in tree["split_feature"].dropna()))
        for _, tree in splits.groupby("tree_index")
    ]
    chosen = []
    for name in names:
        if not any(name in tree and tree & set(chosen) for tree in trees):
            chosen.append(name)
    return chosen


def test_an_estimate_is_near_the_exact_values(explainer, applicants, monkeypatch):
    before, other = applicants[20], applicants[21]
    names = _read_by_the_model(explainer)[:40]
    after = explainer.applicants.record(before.base, {n: other.base[n] for n in names})
    estimated = compare(explainer, before, after)
    assert not estimated.exact
    monkeypatch.setattr("services.explain.comparison._SAMPLED_ROWS", 40_000)
    better = _signed(compare(explainer, before, after))
    errors = [abs(value - better[name][0]) for name, (value, _) in _signed(estimated).items()]
    assert max(errors) < 0.1 * max(abs(m) for m, _ in better.values())
