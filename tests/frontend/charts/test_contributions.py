"""The waterfall leads from the base to the client's probability."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.charts.contributions import contributions_chart, steps
from frontend.clients.explanations import Contribution, Explanation
from frontend.clients.types import Band, Decision, Score
from frontend.language import language

EN = language("en")


@given(st.lists(st.floats(-0.05, 0.05), min_size=1, max_size=30), st.integers(1, 12))
def test_each_bar_begins_where_the_one_before_ends(points: list[float], top: int) -> None:
    contributions = [Contribution(f"F{k}", f"F{k}", None, -p, p) for k, p in enumerate(points)]
    score = Score(0.5 + sum(points), Band.MEDIUM, Decision.ACCEPT, "v")
    bars = steps(Explanation(score, 0.5, contributions, (), (), "", (), ()), EN, top)

    assert bars[0].end == 0.5
    for before, after in pairwise(bars[:-1]):
        assert after.start == pytest.approx(before.end)
    assert bars[-2].end == pytest.approx(score.probability_of_repayment)
    assert bars[-1].end == score.probability_of_repayment
    strengths = [abs(bar.points) for bar in bars[1:-1]][:top]
    assert strengths == pytest.approx(sorted(strengths, reverse=True))


def test_what_is_not_shown_stands_in_one_bar(explanation: Explanation) -> None:
    chart = contributions_chart(explanation, EN, top=3)

    assert [row[0] for row in chart.table.rows] == [
        "Average of the model",
        "Feature 1",
        "Feature 0",
        "Feature 4",
        "2 other features",
        "This client",
    ]
    assert [row[1] for row in chart.table.rows[1:5]] == [
        "−25.0\u00a0pts",
        "+10.0\u00a0pts",
        "+4.0\u00a0pts",
        "+1.0\u00a0pts",
    ]
    assert chart.table.rows[-1][2] == "50.0%"
    assert chart.summary == "From the average of 60.0% to 50.0%. The strongest feature: Feature 1 (−25.0\u00a0pts)."


def test_the_file_holds_every_contribution(explanation: Explanation) -> None:
    lines = contributions_chart(explanation, EN, top=2).csv.decode("utf-8-sig").splitlines()

    assert len(lines) == 1 + len(explanation.contributions)
    assert lines[2].split(",")[-1] == "-0.25"
