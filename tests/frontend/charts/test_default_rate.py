"""Observed default rates by bin."""

from dataclasses import replace

from frontend.charts.default_rate import default_rate_chart
from frontend.clients.explanations import Effect
from frontend.clients.types import Feature
from frontend.language import language

EN = language("en")


def test_a_bin_without_a_known_outcome_has_a_row_and_no_bar(effect: Effect, age: Feature) -> None:
    chart = default_rate_chart(effect, age, None, EN)

    assert list(chart.figure.renderers[0].data_source.data["row"]) == [0, 1]
    assert [row[2] for row in chart.table.rows] == ["15.0%", "5.0%", "unknown"]
    assert chart.table.rows[-1][0] == "not provided"
    assert chart.table.rows[1][3] == "3.0% to 7.0%"


def test_the_clients_bin_is_named_and_bins_rise_from_the_top(effect: Effect, age: Feature) -> None:
    for value, row in ((-12_000.0, 0), (-14_000.0, 0), (-8_000.0, 0), (-20_000.0, 1), (-1.0, None)):
        labels = [cells[0] for cells in default_rate_chart(effect, age, value, EN).table.rows]
        named = [k for k, label in enumerate(labels) if "this client" in label]
        assert named == ([] if row is None else [row]), value


def test_a_category_is_shown_by_its_label(category_effect: Effect, status: Feature) -> None:
    chart = default_rate_chart(category_effect, status, "Single", language("fr"))

    assert [row[0] for row in chart.table.rows] == ["Marié", "Célibataire – ce client"]


def test_the_sentence_says_overall_lowest_and_highest(effect: Effect, age: Feature) -> None:
    summary = default_rate_chart(effect, age, None, EN).summary

    assert summary.startswith("10.0% of the clients with a known outcome have defaulted: from 5.0% (38.3 to 54.8 years")
    assert "to 15.0%" in summary


def test_clients_without_a_value_have_no_unit(effect: Effect, age: Feature) -> None:
    missing = replace(effect.default_rates[0], default_rate=0.5, default_rate_low=0.3, default_rate_high=0.7)
    summary = default_rate_chart(replace(effect, missing=missing), age, None, EN).summary

    assert summary.endswith("to 50.0% (not provided).")
