"""Where things lie on the gauge, and what it says."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend import theme
from frontend.clients.types import Band, BandRange, Decision, Model, Score
from frontend.components import gauge
from frontend.components.wording import band_name, score_sentence
from frontend.language import language

EDGES = (0.0, 0.25, 0.4, 0.52, 0.62, 0.74, 0.86, 1.0)
MODEL = Model("v1", "2026-11-22T00:00:00Z", 0.52, tuple(map(BandRange, Band, EDGES[:-1], EDGES[1:])))


@pytest.mark.parametrize(("probability", "degrees"), [(0, -90), (0.25, -45), (0.5, 0), (1, 90), (-1, -90), (2, 90)])
def test_the_scale_runs_from_left_to_right(probability: float, degrees: float) -> None:
    assert gauge.angle(probability) == degrees


@given(st.floats(0, 1), st.floats(1, 200))
def test_a_point_lies_on_its_circle_above_the_base(probability: float, radius: float) -> None:
    x, y = gauge.point(probability, radius)

    assert math.dist((x, y), gauge.CENTRE) == pytest.approx(radius)
    assert y <= gauge.CENTRE[1] + 1e-9


def test_an_arc_goes_along_both_circles() -> None:
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", gauge.arc(0, 1))]
    left, right = numbers[0:2], numbers[7:9]

    assert left == [gauge.CENTRE[0] - gauge.OUTER, gauge.CENTRE[1]]
    assert right == [gauge.CENTRE[0] + gauge.OUTER, gauge.CENTRE[1]]
    assert numbers[9:11] == [gauge.CENTRE[0] + gauge.INNER, gauge.CENTRE[1]]


@pytest.mark.parametrize("code", ["fr", "en"])
def test_the_seven_bands_have_a_name_and_a_colour_each(code: str) -> None:
    bands = gauge.bands(MODEL, language(code))

    assert [band["key"] for band in bands] == [band.value for band in Band]
    assert len({band["name"] for band in bands}) == len({band["fill"] for band in bands}) == 7
    assert set(theme.BANDS) == set(Band)


def test_the_component_shows_a_score_with_the_sentence_as_its_value_text() -> None:
    french = language("fr")
    score = Score(0.648, Band.SLIGHTLY_LOW, Decision.ACCEPT, "v1")
    component = gauge.Gauge(french)
    component.display(MODEL, score, score_sentence(score, MODEL, french), busy=False)

    assert component.score["now"] == 64.8
    assert component.score["angle"] == pytest.approx(-90 + 180 * 0.648)
    assert plain(component.score["text"]) == (
        "Probabilité de remboursement : 64,8 %, risque plutôt faible, au-dessus du seuil d’acceptation de 52 %."
    )
    assert plain(component.threshold["label"]) == "seuil 52 %"


def test_without_a_score_the_gauge_is_empty() -> None:
    component = gauge.Gauge(language("en"))
    component.display(MODEL, None, "", busy=True)

    assert component.score == {}
    assert len(component.bands) == 7


def test_a_refusal_is_said_below_the_threshold() -> None:
    score = Score(0.5199, Band.SLIGHTLY_HIGH, Decision.REFUSE, "v1")

    assert score_sentence(score, MODEL, language("en")) == (
        "Probability of repayment: 51.99%, slightly high risk, below the acceptance threshold of 52%."
    )


def test_bands_are_named_as_the_lender_names_them() -> None:
    assert [band_name(band, language("fr")) for band in (Band.VERY_HIGH, Band.VERY_LOW)] == [
        "risque très élevé",
        "risque très faible",
    ]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")
