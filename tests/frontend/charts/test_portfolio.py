"""Charts of the portfolio and of the model's card: sentences, twins and files."""

import csv
import io

import numpy as np
import pytest

from frontend.analyses import Decisions
from frontend.analysis.distribution import by_category, score_bins
from frontend.analysis.outcomes import outcomes
from frontend.analysis.threshold import cost_difference, curve, simulate
from frontend.charts.card import calibration_chart, groups_chart
from frontend.charts.cost import cost_chart
from frontend.charts.portfolio import bands_chart, score_distribution_chart
from frontend.clients.model_card import Calibration, CalibrationBin, Fairness, Group, read_figures
from frontend.clients.types import Band, BandRange, CostOptimum, Model
from frontend.components.decision_figures import decisions_html, difference_sentence
from frontend.language import language
from pipeline.evaluation.result import Interval

_ENGLISH = language("en")
_EDGES = [0.0, 0.133, 0.244, 0.52, 0.649, 0.793, 0.855, 1.0]
_MODEL = Model(
    "1", "", 0.52,
    tuple(
        BandRange(band, low, high, Interval(value=0.5, low=0.45, high=0.55))
        for band, low, high in zip(Band, _EDGES[:-1], _EDGES[1:], strict=True)
    ),
    CostOptimum(10, Interval(value=0.5, low=0.4, high=0.6)),
)  # fmt: skip


@pytest.fixture(scope="module")
def portfolio():
    random = np.random.default_rng(2)
    scores = random.random(5000).astype(np.float32)
    target = (random.random(5000) > scores).astype(np.float32)
    target[::10] = np.nan
    return target, scores


def test_score_distribution(portfolio):
    target, scores = portfolio
    chart = score_distribution_chart(score_bins(target, scores), outcomes(target, scores), _MODEL, _ENGLISH)
    assert "the threshold lies at 52%" in chart.summary
    assert f"About {round(100 * np.mean(scores >= 0.52))}% of the clients lie above it" in chart.summary
    assert sum(int(row[1].replace(",", "")) for row in chart.table.rows) == 5000


def test_bands_that_differ_are_named(portfolio):
    target, scores = portfolio
    codes = (np.digitize(scores, _EDGES) - 1).astype(np.float32)
    found = by_category(codes, [band.value for band in Band], target, scores)
    chart = bands_chart(found, _MODEL, _ENGLISH)
    # Half of the clients with a score around a half default, as expected; of the others more or fewer.
    assert "very high risk" in chart.summary
    assert "very low risk" in chart.summary
    assert len(chart.table.rows) == 7
    rows = list(csv.DictReader(io.StringIO(chart.csv.decode("utf-8-sig"))))
    assert sum(int(row["clients"]) for row in rows) == 5000
    assert {row["expected_default_rate"] for row in rows} == {"0.5"}


def test_no_rate_of_a_few_clients():
    target, scores = np.ones(5, np.float32), np.full(5, 0.1, np.float32)
    chart = bands_chart(by_category(np.zeros(5), ["very_high"], target, scores), _MODEL, _ENGLISH)
    assert chart.table.rows[0][3] == "too few outcomes"


def _decisions(portfolio, tried):
    target, scores = portfolio
    return Decisions(
        simulate(target, scores, tried, 10),
        simulate(target, scores, 0.52, 10),
        cost_difference(target, scores, tried, 0.52, 10),
        curve(target, scores, [k / 100 for k in range(1, 100)], 10),
    )


def test_cost_chart_and_figures(portfolio):
    decisions = _decisions(portfolio, 0.9)
    chart = cost_chart(decisions, 10, _ENGLISH)
    # A default is ten times as dear as a good client: accept from a chance of repayment of 10 in 11.
    best = chart.table.rows[int(np.nanargmin(decisions.curve.cost))][0]
    assert float(best.rstrip("%")) == pytest.approx(91, abs=5)
    assert f"cheapest threshold is {best}" in chart.summary
    sentence = difference_sentence(decisions, _ENGLISH)
    assert "fewer clients are accepted" in sentence
    assert "cheaper" in sentence
    html = decisions_html(decisions, _MODEL, _ENGLISH)
    assert "90%" in html
    assert "52%" in html


def test_the_present_threshold_changes_nothing(portfolio):
    decisions = _decisions(portfolio, 0.52)
    assert difference_sentence(decisions, _ENGLISH) == ""
    assert cost_chart(decisions, 10, _ENGLISH).title


def test_calibration():
    observed = Interval(value=0.12, low=0.1, high=0.14)
    bins = [CalibrationBin(clients=100, predicted=0.1, observed=observed)]
    chart = calibration_chart(Calibration(expected_calibration_error=0.02, reliability=bins), _ENGLISH)
    assert chart.summary == "Observed default rates differ from the expected ones by 2.0% on average."
    assert chart.table.rows == [("10.0%", "12.0% (10.0% to 14.0%)", "100")]


@pytest.mark.parametrize(("verdict", "named"), [("not_met", True), ("uncertain", False), ("met", False)])
def test_groups(verdict, named):
    share = Interval(value=0.5, low=0.4, high=0.6)
    groups = [
        Group(name="F", clients=10, acceptance=share, default_rate=share),
        Group(name="M", clients=10, acceptance=share, default_rate=share, four_fifths=verdict),
    ]
    chart = groups_chart(Fairness(attribute="gender", reference="F", groups=groups), _ENGLISH)
    assert ("(Women): Men" in chart.summary) == named
    assert [row[0] for row in chart.table.rows] == ["Women", "Men"]


def test_a_model_without_a_card_has_no_figures():
    assert read_figures(b"") is None
    assert read_figures(b'{"version": "1", "something": {"new": 1}}').drift is None


def test_one_client_fewer_is_one_client() -> None:
    target, scores = np.array([0, 1, 0], np.float32), np.array([0.9, 0.55, 0.3], np.float32)
    sentences = {code: difference_sentence(_decisions((target, scores), 0.6), language(code)) for code in ("fr", "en")}
    assert sentences["en"].startswith("At 60%, 1 fewer client is accepted.")
    assert "1 client de moins est accepté." in sentences["fr"]
