"""A client's contributions beside the usual ones."""

from frontend.charts.comparison import comparison_chart
from frontend.clients.explanations import Explanation
from frontend.language import language


def test_sides_are_told_apart_and_an_unknown_mean_is_left_out(explanation: Explanation) -> None:
    chart = comparison_chart(explanation, language("en"))
    raises, lowers, portfolio = (renderer.data_source.data for renderer in chart.figure.renderers)

    assert list(raises["label"]) == ["Feature 1", "Feature 3"]
    assert list(lowers["label"]) == ["Feature 0", "Feature 4", "Feature 2"]
    assert all(length > 0 for source in (raises, lowers) for length in source["right"])
    assert "Feature 0" not in portfolio["label"]
    assert [row[2] for row in chart.table.rows if row[0] == "Feature 0"] == ["–"]


def test_what_is_unusually_strong_is_said(explanation: Explanation) -> None:
    assert "More than twice as strong as usual: Feature 1." in comparison_chart(explanation, language("en")).summary
