"""Every chart says the same four times: drawing, sentence, table twin, file."""

import pytest

from frontend.charts.chart import Chart
from frontend.language import language


@pytest.mark.parametrize("code", ["fr", "en"])
def test_every_chart_is_one_named_picture_with_a_whole_twin(charts_in: dict[str, list[Chart]], code: str) -> None:
    for chart in charts_in[code]:
        label = chart.figure.html_attributes["aria-label"]
        assert chart.figure.html_attributes["role"] == "img"
        assert chart.title in label
        assert chart.summary in label
        assert chart.summary.strip().endswith(".")
        assert chart.figure.renderers, chart.name
        assert chart.table.rows, chart.name
        assert all(len(row) == len(chart.table.header) for row in chart.table.rows)
        assert len(chart.csv.decode("utf-8-sig").splitlines()) > 1


def test_axes_write_numbers_in_the_officers_language(charts_in: dict[str, list[Chart]]) -> None:
    for code, charts in charts_in.items():
        for chart in charts:
            formatter = chart.figure.xaxis[0].formatter
            if hasattr(formatter, "args"):
                assert formatter.args["locale"] == code


def test_no_text_is_left_in_english(charts_in: dict[str, list[Chart]]) -> None:
    french, english = language("fr"), language("en")
    assert french.gettext("Portfolio") != english.gettext("Portfolio")
    for one, other in zip(charts_in["fr"], charts_in["en"], strict=True):
        assert one.title != other.title
        assert one.summary != other.summary
