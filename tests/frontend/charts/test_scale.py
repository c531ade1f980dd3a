"""Values in units that a person uses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.charts.scale import counts_backwards, scale_of
from frontend.clients.types import Feature, Label, Unit
from frontend.language import language

EN = language("en")


def feature(unit: Unit, minimum: float | None = None, maximum: float | None = None) -> Feature:
    return Feature("F", Label("F", "F"), unit, {}, minimum=minimum, maximum=maximum)


@pytest.mark.parametrize(
    ("unit", "lower", "upper", "text", "axis"),
    [
        (Unit.DAYS, -7305.0, -3652.5, "10 to 20", "years before the application"),
        (Unit.DAYS, -30.0, 0.0, "0 to 30", "days before the application"),
        (Unit.DAYS, -10.0, 20.0, "-10 to 20", "days after the application"),
        (Unit.MONTHS, -24.0, -2.0, "2 to 24", "months before the application"),
        (Unit.MONTHS, 2.0, 24.0, "2 to 24", "months"),
        (Unit.CURRENCY, 1000.0, 2000.0, "€1,000 to €2,000", ""),
        (Unit.SHARE, 0.1, 0.25, "10.0% to 25.0%", ""),
        (Unit.NONE, 0.1, 0.25, "0.1 to 0.25", ""),
    ],
)
def test_an_interval_is_written_from_low_to_high(unit: Unit, lower: float, upper: float, text: str, axis: str) -> None:
    scale = scale_of(feature(unit), lower, upper, EN)

    assert scale.interval_text(lower, upper) == text
    assert scale.unit == axis


@given(st.sampled_from(list(Unit)), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_an_interval_never_turns_around(unit: Unit, one: float, other: float) -> None:
    lower, upper = sorted((one, other))
    low, high = scale_of(feature(unit), lower, upper, EN).interval(lower, upper)

    assert low <= high


def test_only_times_before_the_application_count_backwards() -> None:
    assert counts_backwards(feature(Unit.DAYS, -100.0, 0.0))
    assert not counts_backwards(feature(Unit.DAYS, -100.0, 10.0))
    assert not counts_backwards(feature(Unit.CURRENCY, -100.0, 0.0))
    assert not counts_backwards(feature(Unit.DAYS))
