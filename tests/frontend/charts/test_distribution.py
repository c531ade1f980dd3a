"""Distributions of numbers and categories by outcome, with the client's place."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from bokeh.models import VSpan

from frontend.analysis.feature_distribution import FeatureDistribution, feature_distribution
from frontend.charts.chart import Chart
from frontend.charts.distribution import distribution_chart, percentile
from frontend.clients.types import Feature, Label, Unit
from frontend.language import language

EN = language("en")


def client_lines(chart: Chart) -> list[float]:
    return [x for one in chart.figure.renderers if isinstance(one.glyph, VSpan) for x in one.data_source.data["x"]]


def test_both_outcomes_are_shares_of_their_own_clients(histogram: FeatureDistribution, credit: Feature) -> None:
    chart = distribution_chart(histogram, credit, 300_000.0, EN)
    repaid, defaults = (one.data_source.data for one in chart.figure.renderers[:2])

    assert list(repaid["left"]) == [0.0, 250_000.0]
    assert list(repaid["top"]) == pytest.approx([10 / 73, 60 / 73])
    assert list(defaults["top"]) == pytest.approx([12 / 47, 30 / 47])
    assert client_lines(chart) == [300_000.0]
    assert chart.summary == (
        "220 clients, of whom 10 without a value. Half of them below €500,000. 10 clients lie beyond the ends of the "
        "chart. This client: €300,000, above 30% of the clients."
    )


def test_of_few_outcomes_in_a_bin_nothing_is_told(histogram: FeatureDistribution, credit: Feature) -> None:
    chart = distribution_chart(histogram, credit, None, EN)

    assert chart.table.rows == [
        ("below €0", "4", "too few outcomes", "too few outcomes"),
        ("€0 to €250,000", "30", "too few outcomes", "too few outcomes"),
        ("€250,000 to €500,000", "170", "82.2%", "63.8%"),
        ("above €500,000", "6", "too few outcomes", "too few outcomes"),
    ]
    rows = list(csv.DictReader(io.StringIO(chart.csv.decode("utf-8-sig"))))
    assert [row["clients"] for row in rows] == ["4", "30", "170", "6"]
    assert [bool(row["share_of_defaults"]) for row in rows] == [False, False, True, False]


def test_of_few_outcomes_at_all_everybody_is_drawn_together(histogram: FeatureDistribution, credit: Feature) -> None:
    few = replace(histogram, defaults=np.array([0, 1, 2, 0]))
    chart = distribution_chart(few, credit, None, EN)

    assert [item.label.value for item in chart.figure.legend[0].items] == ["all clients"]
    assert {row[2] for row in chart.table.rows} == {"too few outcomes"}
    assert client_lines(chart) == []
    assert "This client" not in chart.summary


def test_days_before_the_application_become_years_from_left_to_right(age: Feature) -> None:
    days = -np.arange(1, 7306, dtype=np.float32)
    found = feature_distribution(days, (), np.full(days.size, np.nan, np.float32))
    chart = distribution_chart(found, age, -1826.25, EN)
    data = chart.figure.renderers[0].data_source.data

    assert data["left"][0] > data["left"][-1]
    assert chart.figure.xaxis[0].axis_label == "years"
    assert chart.table.rows[0][0].startswith("above 19.9")
    assert client_lines(chart) == [5.0]
    assert "Half of them below 10 years." in chart.summary
    assert chart.summary.endswith("This client: 5 years, above 25% of the clients.")


def test_categories_are_bars_by_frequency_and_the_clients_own_is_named(
    categories: FeatureDistribution, status: Feature
) -> None:
    chart = distribution_chart(categories, status, "Married", EN)

    assert [row[:3] for row in chart.table.rows] == [
        ("Single", "60", "57.1%"),
        ("Married – this client", "30", "too few outcomes"),
    ]
    assert len(chart.figure.renderers) == 2
    assert (
        chart.summary == "100 clients, of whom 10 without a value. Most frequent: Single (66.7%). This client: Married."
    )


def test_a_feature_that_nobody_has_is_an_empty_chart(credit: Feature) -> None:
    nothing = np.full(5, np.nan, np.float32)
    chart = distribution_chart(feature_distribution(nothing, (), nothing), credit, 3.0, EN)

    assert chart.table.rows == []
    assert chart.summary == "5 clients, of whom 5 without a value."


def test_whole_numbers_have_bins_of_their_own() -> None:
    children = np.repeat(np.arange(4, dtype=np.float32), [50, 30, 15, 5])
    found = feature_distribution(children, (), (children > 1).astype(np.float32))
    feature = Feature("CNT_CHILDREN", Label("Enfants", "Children"), Unit.COUNT, {})
    chart = distribution_chart(found, feature, None, EN)

    assert [(row[0], row[1]) for row in chart.table.rows] == [("0", "50"), ("1", "30"), ("2", "15"), ("3", "5")]
    assert found.defaults.tolist() == [0, 0, 0, 15, 5, 0]


def test_the_percentile_counts_what_lies_at_or_below() -> None:
    values = np.linspace(0, 1, 1001, dtype=np.float32)
    found = feature_distribution(values, (), values)

    assert [percentile(found, value) for value in (-1.0, 0.005, 0.5, 2.0)] == [0, 0, 50, 99]
