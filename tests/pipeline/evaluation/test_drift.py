import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from pipeline.evaluation.drift import Alarm, BinKind, drift, psi
from services.common.errors import InvalidInput

counts = st.lists(st.integers(0, 500), min_size=2, max_size=12)


@given(counts.flatmap(lambda a: st.tuples(st.just(a), st.lists(st.integers(0, 500), min_size=len(a), max_size=len(a)))))
def test_psi_is_the_symmetric_divergence(pair: tuple[list[int], list[int]]) -> None:
    a, b = (np.array(side) for side in pair)
    assert psi(a, b) == pytest.approx(psi(b, a))
    assert psi(a, b) >= 0
    p, q = a + 0.5, b + 0.5
    assert psi(a, b) == pytest.approx(entropy(p, q) + entropy(q, p))


def test_psi_of_the_same_is_zero() -> None:
    assert psi(np.array([3, 7, 0]), np.array([3, 7, 0])) == 0


def rejections(n: int, m: int, missing: float, runs: int = 600) -> tuple[float, float]:
    """Share of p-values below 5 %, and mean PSI over its expectation, for numbers without drift."""
    random = np.random.default_rng(n + m)
    before, after = {}, {}
    for i in range(runs):
        for table, size in ((before, n), (after, m)):
            column = random.lognormal(size=size)
            column[random.random(size) < missing] = np.nan
            table[f"x{i}"] = column
    found = drift(before, after)
    assert all(d.alarm is Alarm.NONE for d in found)
    return float(np.mean([d.p_value < 0.05 for d in found])), float(np.mean([d.psi / d.expected for d in found]))


@pytest.mark.parametrize(("n", "m", "missing"), [(500, 200, 0.1), (300, 300, 0.01), (2000, 800, 0.4), (120, 4000, 0.0)])
def test_without_drift_five_per_cent_are_below_five_per_cent(n: int, m: int, missing: float) -> None:
    share, ratio = rejections(n, m, missing)
    assert 0.02 <= share <= 0.09
    assert ratio == pytest.approx(1, abs=0.1)


def test_without_drift_in_rare_categories() -> None:
    random = np.random.default_rng(2)
    names = np.array([f"c{i}" for i in range(40)])
    weight = 0.7 ** np.arange(40)
    draw = lambda size: random.choice(names, size, p=weight / weight.sum())  # noqa: E731
    found = drift({f"x{i}": draw(400) for i in range(500)}, {f"x{i}": draw(250) for i in range(500)})
    assert 0.02 <= np.mean([d.p_value < 0.05 for d in found]) <= 0.09
    assert any(b.bin.kind is BinKind.RARE for b in found[0].bins)


def test_small_samples_do_not_alarm_where_a_fixed_limit_would() -> None:
    random = np.random.default_rng(3)
    columns = [f"x{i}" for i in range(300)]
    found = drift({c: random.normal(size=100) for c in columns}, {c: random.normal(size=100) for c in columns})
    assert np.mean([d.psi >= 0.1 for d in found]) > 0.3
    assert all(d.alarm is Alarm.NONE for d in found)


def test_huge_samples_do_not_alarm_on_a_trifle() -> None:
    random = np.random.default_rng(4)
    (found,) = drift({"x": random.normal(size=200_000)}, {"x": random.normal(0.05, size=200_000)})
    assert found.p_value < 1e-6
    assert found.psi < 0.1
    assert found.alarm is Alarm.NONE


def test_real_drift_is_found_among_hundreds_and_stands_first() -> None:
    random = np.random.default_rng(5)
    before = {f"x{i}": random.normal(size=1000) for i in range(300)}
    after = {f"x{i}": random.normal(size=600) for i in range(300)}
    before["some"], after["some"] = random.normal(size=1000), random.normal(0.4, size=600)
    before["much"], after["much"] = random.normal(size=1000), random.normal(1.0, size=600)
    found = drift(before, after)
    assert [(d.feature, d.alarm) for d in found[:3]] == [
        ("much", Alarm.MAJOR), ("some", Alarm.MODERATE), (found[2].feature, Alarm.NONE)
    ]  # fmt: skip


def test_psi_of_a_shifted_normal_nears_its_closed_form() -> None:
    # The continuous PSI of N(0, 1) and N(d, 1) is d²; ten quantile bins keep about nine tenths of it.
    random = np.random.default_rng(6)
    (found,) = drift({"x": random.normal(size=100_000)}, {"x": random.normal(0.4, size=100_000)}, bins=50)
    assert found.psi == pytest.approx(0.16, rel=0.06)


def test_missing_values_that_become_common_alarm() -> None:
    random = np.random.default_rng(7)
    after = random.normal(size=1000)
    after[:300] = np.nan
    (found,) = drift({"x": random.normal(size=1000)}, {"x": after})
    assert found.alarm is Alarm.MAJOR
    gone = found.bins[-1]
    assert (gone.bin.kind, gone.reference, gone.current) == (BinKind.MISSING, 0.0, 0.3)


def test_a_new_category_alarms() -> None:
    before = np.array(["a", "b"] * 500, dtype=object)
    after = np.array(["a", "b", "new", None] * 250, dtype=object)
    (found,) = drift({"x": before}, {"x": after})
    assert found.alarm is Alarm.MAJOR
    assert [(b.bin.kind, b.bin.category, b.current) for b in found.bins] == [
        (BinKind.CATEGORY, "a", 0.25), (BinKind.CATEGORY, "b", 0.25), (BinKind.CATEGORY, "new", 0.25),
        (BinKind.MISSING, "", 0.25),
    ]  # fmt: skip


@pytest.mark.parametrize("column", [np.full(50, np.nan), np.full(50, 7.0), np.array([None] * 50, dtype=object)])
def test_a_constant_column_has_no_drift(column: np.ndarray) -> None:
    (found,) = drift({"x": column}, {"x": column})
    assert (found.psi, found.p_value, found.alarm) == (0, 1, Alarm.NONE)


@given(st.lists(st.one_of(st.none(), st.floats(-5, 5)), min_size=1, max_size=80), st.integers(1, 80))
def test_bins_hold_everyone_once(values: list[float | None], size: int) -> None:
    column = np.array([np.nan if v is None else v for v in values])
    (found,) = drift({"x": column}, {"x": np.resize(column, size)})
    assert sum(b.reference for b in found.bins) == pytest.approx(1)
    assert sum(b.current for b in found.bins) == pytest.approx(1)
    assert 0 <= found.p_value <= 1


def test_faults_are_all_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        drift(
            {"only": np.ones(3), "empty": np.ones(3), "type": np.ones(3)},
            {"empty": np.ones(0), "type": np.array(["a"], dtype=object)},
        )
    assert {v.field for v in caught.value.violations} == {"only", "empty", "type"}


def test_nothing_to_compare() -> None:
    assert drift({}, {}) == ()
