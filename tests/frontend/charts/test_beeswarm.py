"""Swarms: every client once, points of one value side by side."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.charts.beeswarm import beeswarm_chart, part_of, spread
from frontend.clients.explanations import Beeswarm
from frontend.language import language


def test_every_client_is_drawn_once_in_its_row(beeswarm: Beeswarm) -> None:
    figure = beeswarm_chart(beeswarm, (), language("en")).figure
    points = [
        (round(y), x)
        for renderer in figure.renderers
        for x, y in zip(renderer.data_source.data["x"], renderer.data_source.data["y"], strict=True)
        if not math.isnan(x)
    ]

    expected = [(row, c) for row, swarm in enumerate(beeswarm.swarms) for c in swarm.contributions]
    assert sorted(points) == sorted(expected)


def test_the_twin_holds_the_means_of_low_middle_and_high_values(beeswarm: Beeswarm) -> None:
    chart = beeswarm_chart(beeswarm, (), language("en"))

    assert chart.table.rows[0] == ("Feature A", "−0.5", "0", "+0.5", "+0.5")
    assert chart.table.rows[1] == ("Feature B", "+0.1", "–", "0", "–")


def test_high_is_what_a_person_calls_high(beeswarm: Beeswarm) -> None:
    """Days before the application are negative in the data, and the age is not."""
    chart = beeswarm_chart(beeswarm, {"A"}, language("en"))

    assert chart.table.rows[0] == ("Feature A", "+0.5", "0", "−0.5", "+0.5")
    assert chart.table.rows[1] == ("Feature B", "+0.1", "–", "0", "–")


@pytest.mark.parametrize(("rank", "part"), [(0.0, 0), (0.32, 0), (0.34, 1), (0.67, 2), (1.0, 2), (math.nan, 3)])
def test_ranks_fall_into_thirds(rank: float, part: int) -> None:
    assert part_of(rank) == part


@given(st.lists(st.floats(-5, 5), max_size=300))
def test_points_stay_in_their_row_and_equal_ones_apart(contributions: list[float]) -> None:
    places = spread(contributions)

    assert len(places) == len(contributions)
    assert all(abs(place) <= 0.5 for place in places)
    points = list(zip(contributions, places, strict=True))
    assert len(set(points)) == len(points)


def test_an_empty_swarm_is_no_fault() -> None:
    assert beeswarm_chart(Beeswarm(0, ()), (), language("fr")).table.rows == []
