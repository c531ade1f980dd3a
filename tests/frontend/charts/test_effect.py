"""Dependence and partial dependence."""

import pytest
from bokeh.models import BoxAnnotation, Span

from frontend import theme
from frontend.charts.effect import dependence_chart, partial_dependence_chart
from frontend.clients.explanations import Effect
from frontend.clients.types import Feature
from frontend.language import language

EN = language("en")


def test_points_without_a_value_are_not_drawn(effect: Effect, age: Feature) -> None:
    data = dependence_chart(effect, age, None, EN).figure.renderers[0].data_source.data

    assert list(data["y"]) == [-0.3, 0.2, 0.4]
    assert list(data["x"]) == pytest.approx([20_000 / 365.25, 10_000 / 365.25, 8_000 / 365.25])


def test_zones_are_shaded_and_critical_values_are_lines(effect: Effect, age: Feature) -> None:
    figure = dependence_chart(effect, age, None, EN).figure
    zones = sorted((z.left, z.right, z.fill_color) for z in figure.select(BoxAnnotation))
    border = 14_000 / 365.25

    assert zones == [
        (pytest.approx(8_000 / 365.25), pytest.approx(border), theme.MARKS["unfavourable"]),
        (pytest.approx(border), pytest.approx(20_000 / 365.25), theme.MARKS["favourable"]),
    ]
    lines = [line.location for line in figure.select(Span) if line.dimension == "height"]
    assert lines == pytest.approx([border])


def test_the_twin_lists_the_zones(effect: Effect, age: Feature) -> None:
    chart = dependence_chart(effect, age, None, EN)

    assert [row[1:] for row in chart.table.rows] == [
        ("lowers the risk", "−0.2", "60.0%"),
        ("raises the risk", "+0.3", "40.0%"),
    ]
    assert chart.summary == (
        "4 of 1,000 clients. The risk is raised at 21.9 to 38.3 years. Critical values: 38.3 years."
    )


def test_points_of_a_category_stay_near_their_place(category_effect: Effect, status: Feature) -> None:
    chart = dependence_chart(category_effect, status, "Single", EN)
    data = chart.figure.renderers[0].data_source.data

    assert [round(y) for y in data["y"]] == [0, 1, 1]
    assert len(set(data["y"])) == 3
    assert [row[0] for row in chart.table.rows] == ["Married", "Single – this client"]
    assert chart.summary == "4 of 1,000 clients. Highest risk: Single – this client; lowest: Married."


def test_the_clients_own_curve_stands_beside_the_mean(effect: Effect, age: Feature) -> None:
    chart = partial_dependence_chart(effect, age, -12_000.0, EN)

    assert chart.table.header[1:] == ["All clients", "This client"]
    assert chart.table.rows[0][1:] == ["70.0%", "80.0%"]
    assert "from 50.0% to 70.0%" in chart.summary
    assert "from 40.0% to 80.0%" in chart.summary


def test_without_a_client_there_is_one_curve(category_effect: Effect, status: Feature) -> None:
    chart = partial_dependence_chart(category_effect, status, None, EN)

    assert len(chart.figure.renderers) == 1
    assert chart.table.header == ["Value", "All clients"]
    assert chart.csv.decode("utf-8-sig").splitlines()[1] == "Married,0.6,"
