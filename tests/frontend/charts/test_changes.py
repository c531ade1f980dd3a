"""The chart of changes: its bars, its twin, its words."""

import csv
import io

import pytest

from frontend.charts.changes import changes_chart
from frontend.clients.changes import Comparison, FieldChange
from frontend.clients.types import Band, Decision, Feature, FeatureDictionary, Label, Score, Unit
from frontend.language import language

FR, EN = language("fr"), language("en")
NAMES = [f"AMT_{number}" for number in range(20)]
DICTIONARY = FeatureDictionary(
    {name: Feature(name, Label(f"Montant {name}", f"Amount {name}"), Unit.CURRENCY, {}) for name in NAMES}, "c"
)


def comparison(*points: float, exact: bool = True) -> Comparison:
    changes = [
        FieldChange(name, f"Amount {name}", 1000.0, None if k == 1 else 2000.5, part)
        for k, (name, part) in enumerate(zip(NAMES, points, strict=False))
    ]
    before = Score(0.46, Band.MEDIUM, Decision.REFUSE, "m")
    after = Score(0.46 + sum(points), Band.MEDIUM, Decision.ACCEPT, "m")
    return Comparison(before, after, changes, exact, "In words.")


def bars(chart):
    return chart.figure.renderers[0].data_source.data


def test_the_bars_are_the_parts_of_the_change() -> None:
    chart = changes_chart(comparison(0.07, -0.02, 0.01), DICTIONARY, EN)

    assert bars(chart)["right"] == [0.07, -0.02, 0.01]
    assert bars(chart)["text"] == ["+7.0\u00a0pts", "−2.0\u00a0pts", "+1.0\u00a0pts"]
    assert len(set(bars(chart)["color"])) == 2
    assert "46.0%" in chart.summary
    assert "+6.0" in chart.summary
    low, high = chart.figure.x_range.start, chart.figure.x_range.end
    assert low < -0.02 < 0.07 < high


def test_the_twin_says_before_and_after_in_human_units() -> None:
    chart = changes_chart(comparison(0.07, -0.02), DICTIONARY, FR)

    assert len(chart.table.header) == 4
    (first, second) = chart.table.rows
    assert first[0] == "Amount AMT_0"
    assert first[1].replace("\u202f", " ").replace("\u00a0", " ") == "1 000 €"
    assert second[2] == "non renseigné"


def test_many_changes_share_the_last_bar_and_the_twin_has_them_all() -> None:
    parts = [0.02] * 15
    chart = changes_chart(comparison(*parts), DICTIONARY, EN)

    assert sum(bars(chart)["right"]) == pytest.approx(sum(parts))
    assert len(bars(chart)["right"]) == 13
    assert bars(chart)["label"][-1] == "3 other fields"
    assert len(chart.table.rows) == 15
    assert len(list(csv.reader(io.StringIO(chart.csv.decode("utf-8-sig"))))) == 16


@pytest.mark.parametrize("points", [0.0, 1e-7, -1e-7, 0.002, -0.002])
def test_a_change_without_effect_is_not_blown_up(points: float) -> None:
    axis = changes_chart(comparison(points), DICTIONARY, EN).figure.x_range
    assert axis.start < min(0.0, points)
    assert max(0.0, points) < axis.end
    assert axis.end - axis.start >= 0.01


def test_estimated_parts_are_said_to_be() -> None:
    assert "estimated" in changes_chart(comparison(0.1, exact=False), DICTIONARY, EN).summary
    assert "estimated" not in changes_chart(comparison(0.1), DICTIONARY, EN).summary
