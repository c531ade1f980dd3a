"""Distributions of numbers and categories with the client's place."""

from bokeh.models import VSpan

from frontend.charts.chart import Chart
from frontend.charts.distribution import distribution_chart, percentile
from frontend.clients.types import Distribution, Feature, Histogram
from frontend.language import language

EN = language("en")


def client_lines(chart: Chart) -> list[float]:
    return [x for one in chart.figure.renderers if isinstance(one.glyph, VSpan) for x in one.data_source.data["x"]]


def test_a_number_is_a_histogram_with_a_line_at_the_client(histogram: Distribution, credit: Feature) -> None:
    chart = distribution_chart(histogram, credit, 300_000.0, EN)
    data = chart.figure.renderers[0].data_source.data

    assert list(data["left"]) == [0.0, 250_000.0, 500_000.0]
    assert list(data["top"]) == [20, 30, 50]
    assert client_lines(chart) == [300_000.0]
    assert chart.summary == (
        "110 clients, of whom 10 without a value. Half of them below €500,000. "
        "This client: €300,000, above 30% of the clients."
    )
    assert chart.table.rows[1] == ("€250,000 to €500,000", "30", "30.0%")


def test_without_a_client_there_is_no_line(histogram: Distribution, credit: Feature) -> None:
    chart = distribution_chart(histogram, credit, None, EN)

    assert client_lines(chart) == []
    assert "This client" not in chart.summary


def test_days_before_the_application_become_years_from_left_to_right(age: Feature) -> None:
    percentiles = tuple(-73.05 * (100 - k) for k in range(1, 100))
    found = Distribution(10, 0, Histogram((-7305.0, -3652.5, 0.0), (4, 6), percentiles))
    chart = distribution_chart(found, age, -1826.25, EN)
    data = chart.figure.renderers[0].data_source.data

    assert list(zip(data["left"], data["right"], strict=True)) == [(10.0, 20.0), (0.0, 10.0)]
    assert chart.figure.xaxis[0].axis_label == "years before the application"
    assert chart.table.rows[0][0] == "10 to 20"
    assert client_lines(chart) == [5.0]
    assert chart.summary.endswith(
        "Half of them below 10 years before the application. "
        "This client: 5 years before the application, above 25% of the clients."
    )


def test_categories_are_bars_by_frequency_and_the_clients_own_is_named(
    categories: Distribution, status: Feature
) -> None:
    chart = distribution_chart(categories, status, "Married", EN)

    assert [row[0] for row in chart.table.rows] == ["Single", "Married – this client"]
    colours = chart.figure.renderers[0].data_source.data["color"]
    assert colours[0] != colours[1]
    assert chart.summary.endswith("Most frequent: Single (60.0%). This client: Married.")


def test_a_feature_that_nobody_has_is_an_empty_chart(credit: Feature) -> None:
    chart = distribution_chart(Distribution(5, 5, Histogram((), (), ())), credit, None, EN)

    assert chart.table.rows == []
    assert chart.summary == "5 clients, of whom 5 without a value."


def test_the_percentile_counts_what_lies_at_or_below() -> None:
    histogram = Histogram((0.0, 1.0), (1,), tuple(k / 100 for k in range(1, 100)))

    assert [percentile(histogram, value) for value in (-1.0, 0.005, 0.5, 2.0)] == [0, 0, 50, 99]
