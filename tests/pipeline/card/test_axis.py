from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.card.axis import axis, round_step, whole

numbers = st.floats(-1e6, 1e6).filter(lambda v: v == 0 or abs(v) > 1e-6)


def write(value: float, places: int) -> str:
    return f"{value:.{places}f}"


@given(st.lists(numbers, min_size=1, max_size=20), st.integers(2, 8), st.booleans())
def test_axis_holds_all_values_between_round_ticks(values: list[float], ticks: int, zero: bool) -> None:
    found = axis(values, "", write, ticks=ticks, zero=zero)
    size = max(abs(found.low), abs(found.high))
    assert found.low <= min(values) + 1e-6 * size
    assert found.high >= max(values) - 1e-6 * size
    assert (found.low, found.high) == (found.ticks[0], found.ticks[-1])
    assert 2 <= len(found.ticks) <= ticks + 3
    assert not zero or found.low <= 0 <= found.high


@given(st.floats(0.001, 1000), st.floats(0.01, 100))
def test_ticks_are_written_with_the_places_that_tell_them_apart(low: float, span: float) -> None:
    found = axis([low, low + span], "", write)
    written = [found.write(tick) for tick in found.ticks]
    assert len(set(written)) == len(written)
    for text, tick in zip(written, found.ticks, strict=True):
        assert float(text) == pytest.approx(tick, abs=1e-9 * max(1, abs(tick)))


@given(st.floats(1e-6, 1e6), st.integers(1, 10))
def test_step_is_round_and_large_enough(span: float, ticks: int) -> None:
    step = round_step(span, ticks)
    assert step * ticks >= span * (1 - 1e-6)
    assert f"{step:e}"[0] in "125"


def test_position_is_linear_and_stays_inside() -> None:
    found = whole("", write)
    assert [found.position(v, 50, 150) for v in (-1, 0, 0.25, 1, 2)] == [50, 50, 75, 150, 150]
    assert [found.position(v, 150, 50) for v in (0, 1)] == [150, 50]
    assert all(b > a for a, b in pairwise(found.ticks))
