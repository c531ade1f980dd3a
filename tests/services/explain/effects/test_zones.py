"""Critical values and zones, on contributions whose turning points are known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.explain.effects.zones import MOST_ZONES, Risk, risk_zones

CLIENTS = 5_000
NOISE = 0.05


def _values(seed=0):
    return np.random.default_rng(seed).uniform(0, 100, CLIENTS)


def _noise(scale=NOISE):
    return np.random.default_rng(1).normal(0, scale, CLIENTS)


def _zones(values, contributions):
    return risk_zones(values, contributions, float(np.abs(contributions).mean()))


def _critical(zones):
    return [zone.lower for zone in zones[1:]]


def _risks(zones):
    return [zone.risk for zone in zones]


@pytest.mark.parametrize("at", [10, 35, 62, 90])
def test_one_step(at):
    values = _values()
    zones = _zones(values, np.where(values < at, 0.4, -0.3) + _noise())
    assert _critical(zones) == pytest.approx([at], abs=1)
    assert _risks(zones) == [Risk.RAISES, Risk.LOWERS]
    assert [z.contribution for z in zones] == pytest.approx([0.4, -0.3], abs=0.04)
    assert zones[0].share == pytest.approx(at / 100, abs=0.02)


def test_steps_of_several_heights():
    values = _values()
    levels = np.select([values < 20, values < 50, values < 80], [0.3, 0.0, -0.3], 0.2)
    zones = _zones(values, levels + _noise())
    assert _critical(zones) == pytest.approx([20, 50, 80], abs=1)
    assert _risks(zones) == [Risk.RAISES, Risk.NEUTRAL, Risk.LOWERS, Risk.RAISES]


def test_a_rare_step_is_found():
    values = _values()
    zones = _zones(values, np.where(values >= 97, 1.0, -0.03) + _noise())
    assert _critical(zones) == pytest.approx([97], abs=1)


def test_a_steady_slope_has_three_zones_and_turns_in_the_middle():
    values = _values()
    zones = _zones(values, (values - 50) / 100 + _noise())
    assert _risks(zones) == [Risk.LOWERS, Risk.NEUTRAL, Risk.RAISES]
    assert _critical(zones) == pytest.approx([100 / 3, 200 / 3], abs=5)


def test_a_v_shape_is_low_in_the_middle_and_high_at_both_ends():
    values = _values()
    zones = _zones(values, np.abs(values - 50) / 50 - 0.5 + _noise())
    assert zones[0].risk is zones[-1].risk is Risk.RAISES
    (low,) = [z for z in zones if z.lower <= 50 < z.upper]
    assert low.risk is Risk.LOWERS
    assert (low.lower + low.upper) / 2 == pytest.approx(50, abs=3)


@pytest.mark.parametrize("seed", range(20))
def test_noise_has_no_critical_value(seed):
    noise = np.random.default_rng(seed).normal(0, 0.3, CLIENTS)
    (zone,) = _zones(_values(seed), noise)
    assert zone.risk is Risk.NEUTRAL
    assert zone.share == 1


def test_whole_numbers_have_whole_borders():
    values = np.random.default_rng(0).poisson(2, CLIENTS).astype(float)
    assert _critical(_zones(values, np.where(values >= 3, 0.5, -0.2) + _noise())) == [3]


def test_critical_values_read_well():
    values = np.random.default_rng(0).lognormal(11.5, 0.6, CLIENTS)
    zones = _zones(values, np.where(values < 99_700, 0.3, -0.3) + _noise())
    assert _critical(zones) == [100_000]


def test_borders_include_what_the_zone_says():
    values = np.repeat([0.0, 1.0], 500)
    zones = _zones(values, np.where(values == 1, 0.5, -0.5))
    assert [(z.lower, z.upper, z.share) for z in zones] == [(0, 1, 0.5), (1, 1, 0.5)]


def test_clients_without_a_value_are_in_no_zone_but_count():
    values = _values()
    values[:1000] = np.nan
    zones = _zones(values, np.where(values < 50, 0.4, -0.2))
    assert sum(z.share for z in zones) == pytest.approx(0.8)
    assert _critical(zones) == pytest.approx([50], abs=1)


def test_all_missing_has_no_zone():
    assert risk_zones(np.full(50, np.nan), np.full(50, 0.1), 0.1) == ()


def test_constant_feature_is_one_zone():
    (zone,) = risk_zones(np.full(50, 7.0), np.full(50, 0.3), 0.3)
    assert (zone.lower, zone.upper, zone.risk, zone.share) == (7, 7, Risk.RAISES, 1)


def test_a_feature_without_effect_is_neutral():
    (zone,) = risk_zones(_values(), np.zeros(CLIENTS), 0.0)
    assert zone.risk is Risk.NEUTRAL


def test_too_few_clients_have_one_zone():
    values = np.arange(30.0)
    assert len(_zones(values, np.where(values < 15, 1.0, -1.0))) == 1


def test_zones_are_judged_against_the_portfolio_not_the_cohort():
    values = _values()
    assert _risks(risk_zones(values, np.full(CLIENTS, 0.1), importance=0.5)) == [Risk.NEUTRAL]
    assert _risks(risk_zones(values, np.full(CLIENTS, 0.4), importance=0.5)) == [Risk.RAISES]


@given(st.integers(0, 2**32 - 1), st.integers(1, 400), st.floats(0, 1))
def test_zones_follow_each_other_and_hold_everybody(seed, clients, missing):
    random = np.random.default_rng(seed)
    values = np.where(random.random(clients) < missing, np.nan, random.integers(-30, 30, clients) / 4)
    contributions = np.sin(np.nan_to_num(values)) + random.normal(0, 0.1, clients)
    zones = risk_zones(values, contributions, 0.5)
    known = ~np.isnan(values)
    assert len(zones) <= MOST_ZONES
    assert bool(zones) == bool(known.any())
    assert sum(z.share for z in zones) == pytest.approx(known.mean())
    for left, right in pairwise(zones):
        assert left.upper == right.lower > left.lower
    for k, zone in enumerate(zones):
        inside = (values >= zone.lower) & ((values < zone.upper) | (k == len(zones) - 1) & (values <= zone.upper))
        assert contributions[inside].mean() == pytest.approx(zone.contribution)
