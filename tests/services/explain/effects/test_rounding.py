"""Numbers that read well."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.explain.effects.rounding import roundest

FINITE = st.floats(-1e12, 1e12, allow_nan=False)


@pytest.mark.parametrize(
    ("lower", "upper", "near", "expected"),
    [
        (0.41, 0.56, 0.506612, 0.5),
        (0.2431, 0.2581, 0.2537, 0.25),
        (2.0, 3.0, 3.0, 3.0),
        (2.0, 2.9, 2.9, 2.5),
        (-1634.0, -1571.0, -1602.0, -1600.0),
        (131_250.0, 137_400.0, 135_000.0, 135_000.0),
        (-10.0, 10.0, 7.0, 0.0),
        (-10.0, 0.0, -3.0, 0.0),
        (0.0, 100.0, 40.0, 100.0),
        (1.0, 49.0, 23.0, 20.0),
        (0.1, 0.3, 0.3, 0.3),
        (1e-9, 3e-9, 2e-9, 2e-9),
    ],
)
def test_reads_well(lower, upper, near, expected):
    assert roundest(lower, upper, near) == expected


@given(FINITE, FINITE, st.floats(0, 1))
def test_stays_between(a, b, share):
    lower, upper = min(a, b), max(a, b)
    assume(lower < upper)
    near = min(max(lower + share * (upper - lower), math.nextafter(lower, math.inf)), upper)
    number = roundest(lower, upper, near)
    assert lower < number <= upper


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_no_shorter_number_lies_between(a, b):
    assume(a < b)
    number = roundest(float(a), float(b), float(b))
    digits = len(str(int(number)).rstrip("0"))
    assert number.is_integer()
    assert digits == min(len(str(k).rstrip("0")) for k in range(a + 1, min(b, a + 2000) + 1) if k) or b - a > 2000
