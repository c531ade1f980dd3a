"""Small answers of the services, and all charts of them."""

import math

import numpy as np
import pytest

from frontend.analysis.feature_distribution import FeatureDistribution
from frontend.charts.beeswarm import beeswarm_chart
from frontend.charts.chart import Chart
from frontend.charts.comparison import comparison_chart
from frontend.charts.contributions import contributions_chart
from frontend.charts.default_rate import default_rate_chart
from frontend.charts.distribution import distribution_chart
from frontend.charts.effect import dependence_chart, partial_dependence_chart
from frontend.charts.importance import importance_chart
from frontend.clients.explanations import (
    Beeswarm,
    Contribution,
    Effect,
    Explanation,
    Importance,
    Importances,
    RateBin,
    Swarm,
    Zone,
    ZoneRisk,
)
from frontend.clients.types import (
    Band,
    Decision,
    Feature,
    Label,
    Score,
    Unit,
)
from frontend.language import language

NAN = math.nan


@pytest.fixture(scope="session")
def credit() -> Feature:
    return Feature("AMT_CREDIT", Label("Montant du crédit", "Credit amount"), Unit.CURRENCY, {})


@pytest.fixture(scope="session")
def age() -> Feature:
    return Feature("DAYS_BIRTH", Label("Naissance", "Birth"), Unit.DAYS, {})


@pytest.fixture(scope="session")
def status() -> Feature:
    categories = {"Married": Label("Marié", "Married"), "Single": Label("Célibataire", "Single")}
    return Feature("NAME_FAMILY_STATUS", Label("Situation", "Status"), Unit.NONE, categories)


@pytest.fixture(scope="session")
def explanation() -> Explanation:
    points = [0.10, -0.25, 0.02, -0.01, 0.04]
    contributions = [
        Contribution(f"F{k}", f"Feature {k}", float(k), -4 * p, p, global_importance=0.1 if k else None)
        for k, p in enumerate(points)
    ]
    score = Score(0.60 + sum(points), Band.MEDIUM, Decision.REFUSE, "v1")
    return Explanation(score, 0.60, contributions, (), (), "", (), ())


@pytest.fixture(scope="session")
def histogram() -> FeatureDistribution:
    """Two bins; of the 10 clients beyond the ends and those of the first bin too few outcomes are known to be told."""
    edges = np.array([0.0, 250_000.0, 500_000.0])
    counts = np.array([[4, 30, 170, 6], [1, 10, 60, 2], [2, 12, 30, 3]])
    return FeatureDistribution(220, 10, edges, 0.0, (), *counts, 10_000.0 * np.arange(1, 100))


@pytest.fixture(scope="session")
def categories() -> FeatureDistribution:
    counts = np.array([[30, 60], [15, 20], [10, 25]])
    return FeatureDistribution(100, 10, np.empty(0), 0.0, ("Married", "Single"), *counts, np.empty(0))


def rate_bin(
    lower: float, upper: float, rate: float | None, *, category: str = "", contribution: float = 0.0
) -> RateBin:
    known = rate is not None
    low, high = (max(0.0, rate - 0.02), min(1.0, rate + 0.02)) if rate is not None else (None, None)
    return RateBin(lower, upper, category, 50, 40 if known else 0, rate, low, high, contribution)


@pytest.fixture(scope="session")
def effect() -> Effect:
    """Of the age: the young raise the risk."""
    return Effect(
        label="Age",
        clients=1000,
        values=(-20_000.0, -10_000.0, NAN, -8_000.0),
        contributions=(-0.3, 0.2, 0.1, 0.4),
        categories=(),
        grid=(-20_000.0, -14_000.0, -8_000.0),
        partial_dependence=(0.7, 0.6, 0.5),
        individual=(0.8, 0.75, 0.4),
        critical_values=(-14_000.0,),
        zones=(
            Zone(-20_000.0, -14_000.0, -0.2, ZoneRisk.LOWERS, 0.6),
            Zone(-14_000.0, -8_000.0, 0.3, ZoneRisk.RAISES, 0.4),
        ),
        default_rates=(rate_bin(-20_000.0, -14_000.0, 0.05), rate_bin(-14_000.0, -8_000.0, 0.15)),
        missing=rate_bin(0.0, 0.0, None),
    )


@pytest.fixture(scope="session")
def category_effect() -> Effect:
    return Effect(
        label="Status",
        clients=1000,
        values=(0.0, 1.0, 1.0, NAN),
        contributions=(-0.1, 0.2, 0.3, 0.0),
        categories=("Married", "Single"),
        grid=(0.0, 1.0),
        partial_dependence=(0.6, 0.5),
        individual=(),
        critical_values=(),
        zones=(),
        default_rates=(
            rate_bin(0.0, 0.0, 0.04, category="Married", contribution=-0.1),
            rate_bin(0.0, 0.0, 0.12, category="Single", contribution=0.25),
        ),
        missing=None,
    )


@pytest.fixture(scope="session")
def importances() -> Importances:
    return Importances(
        1234,
        [Importance(f"F{k}", f"Feature {k}", 1.0 / (k + 1), 0.1 * (-1) ** k, 0.9 / (k + 1)) for k in range(20)],
    )


@pytest.fixture(scope="session")
def beeswarm() -> Beeswarm:
    return Beeswarm(
        500,
        (
            Swarm("A", "Feature A", (-0.5, 0.0, 0.5, 0.5), (0.1, 0.5, 0.9, NAN)),
            Swarm("B", "Feature B", (0.1, 0.1, 0.1, -0.1), (0.0, 0.2, 1.0, 0.7)),
        ),
    )


@pytest.fixture
def charts_in(
    explanation: Explanation,
    histogram: FeatureDistribution,
    categories: FeatureDistribution,
    effect: Effect,
    category_effect: Effect,
    importances: Importances,
    beeswarm: Beeswarm,
    credit: Feature,
    age: Feature,
    status: Feature,
) -> dict[str, list[Chart]]:
    """Every chart in both languages."""
    return {
        code: [
            contributions_chart(explanation, language(code)),
            comparison_chart(explanation, language(code)),
            distribution_chart(histogram, credit, 300_000.0, language(code)),
            distribution_chart(categories, status, "Single", language(code)),
            dependence_chart(effect, age, -12_000.0, language(code)),
            dependence_chart(category_effect, status, "Married", language(code)),
            partial_dependence_chart(effect, age, None, language(code)),
            default_rate_chart(effect, age, -12_000.0, language(code)),
            default_rate_chart(category_effect, status, None, language(code)),
            importance_chart(importances, language(code).gettext("Refused clients"), language(code)),
            beeswarm_chart(beeswarm, (), language(code)),
        ]
        for code in ("fr", "en")
    }
