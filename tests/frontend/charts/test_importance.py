"""Importance of the features."""

from frontend.charts.importance import importance_chart
from frontend.clients.explanations import Importances
from frontend.language import language

EN = language("en")


def test_the_portfolio_stands_beside_a_cohort(importances: Importances) -> None:
    chart = importance_chart(importances, "Refused clients", EN, top=5)
    cohort, portfolio = (renderer.data_source.data for renderer in chart.figure.renderers)

    assert list(cohort["right"]) == [1.0, 1 / 2, 1 / 3, 1 / 4, 1 / 5]
    assert next(iter(portfolio["right"])) == 0.9
    assert chart.table.header == ["Feature", "Refused clients", "Portfolio", "Mean contribution"]
    assert chart.table.rows[1] == ["Feature 1", "0.5", "0.45", "−0.1"]


def test_the_whole_portfolio_stands_alone(importances: Importances) -> None:
    chart = importance_chart(importances, "", EN, top=5)

    assert len(chart.figure.renderers) == 1
    assert chart.table.header == ["Feature", "Portfolio", "Mean contribution"]


def test_the_twin_holds_every_feature(importances: Importances) -> None:
    assert len(importance_chart(importances, "", EN, top=5).table.rows) == 20
