"""The gauge of the probability of repayment: a half circle of seven bands, the threshold, the client's place."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import param

from frontend import theme
from frontend.clients.types import Model, Score
from frontend.components.base import Component, styles
from frontend.components.outcome_table import bounds, bounds_header
from frontend.components.table_file import file_html
from frontend.components.wording import band_name
from frontend.language import Language

# Drawing units of the SVG: centre of the half circle, outer and inner radius of the ring.
CENTRE = (170.0, 158.0)
OUTER = 124.0
INNER = 94.0
# Empty share of the scale between two bands.
_GAP = 0.003


def angle(probability: float) -> float:
    """Degrees clockwise from the top of the half circle: 0 is -90 (left end), 0.5 is 0, 1 is 90 (right end)."""
    return -90 + 180 * min(1.0, max(0.0, probability))


def point(probability: float, radius: float) -> tuple[float, float]:
    """Where a probability lies on a half circle of this radius."""
    radians = math.radians(angle(probability))
    return CENTRE[0] + radius * math.sin(radians), CENTRE[1] - radius * math.cos(radians)


def arc(lower: float, upper: float) -> str:
    """The SVG path of the ring's piece between two probabilities."""
    outer = (point(lower, OUTER), point(upper, OUTER))
    inner = (point(upper, INNER), point(lower, INNER))
    return (
        f"M{_xy(outer[0])}A{OUTER:g} {OUTER:g} 0 0 1 {_xy(outer[1])}"
        f"L{_xy(inner[0])}A{INNER:g} {INNER:g} 0 0 0 {_xy(inner[1])}Z"
    )


def bands(model: Model, language: Language) -> list[dict[str, object]]:
    """The seven bands as the drawing and its table need them."""
    percent = language.format.percent_short
    gap = _GAP / 2
    return [
        {
            "key": band.band.value,
            "path": arc(band.lower + gap, band.upper - gap),
            "fill": theme.BANDS[band.band],
            "name": band_name(band.band, language),
            "range": language.gettext("{lower} to {upper}").format(
                lower=percent(band.lower), upper=percent(band.upper)
            ),
        }
        for band in model.bands
    ]


class Gauge(Component):
    """Shows one score; without a score, an empty scale."""

    label = param.String(doc="Accessible name")
    texts = param.Dict({}, doc="Headings of the table: summary, band, range, here")
    bands = param.List([], doc="See ``bands``")
    threshold = param.Dict({}, doc="Line (x1, y1, x2, y2), label and its place (x, y)")
    score = param.Dict({}, doc="Percent, text, angle, band, name; empty: no score")
    busy = param.Boolean(False, doc="The score is on its way")
    file = param.String(doc="HTML: the bands as a file")

    _esm = Path(__file__).with_name("gauge.js")
    _stylesheets = styles("gauge")

    def __init__(self, language: Language, title: str = "", **params: Any) -> None:
        """Takes the card's title where "probability of repayment" would not tell two gauges apart."""
        name = language.gettext("Probability of repayment")
        super().__init__(
            label=f"{name}, {title}" if title else name,
            texts={
                "title": title or name,
                "summary": language.gettext("The seven risk bands"),
                "band": language.gettext("Risk band"),
                "range": language.gettext("Probability of repayment"),
                "here": language.gettext("this client"),
                "none": language.gettext("no score"),
            },
            **params,
        )
        self._language = language

    def display(self, model: Model | None, score: Score | None, text: str, *, busy: bool) -> None:
        """Shows the model's scale, and a score on it with the sentence that says it."""
        if model is None:
            self.param.update(score={}, busy=busy)
            return
        language = self._language
        (x1, y1), (x2, y2) = point(model.threshold, INNER - 5), point(model.threshold, OUTER + 7)
        x, y = point(model.threshold, OUTER + 19)
        label = language.gettext("threshold {percent}").format(percent=language.format.percent_short(model.threshold))
        self.param.update(
            bands=bands(model, language),
            threshold={"x1": x1, "y1": y1, "x2": x2, "y2": y2, "x": x, "y": y + 4, "label": label},
            score={} if score is None else _score(score, model, text, language),
            busy=busy,
            file=_file(model, language),
        )


def _file(model: Model, language: Language) -> str:
    header = ("band", "lower", "upper", *bounds_header("default_rate"))
    rows = [(one.band.value, one.lower, one.upper, *bounds(one.default_rate)) for one in model.bands]
    return str(file_html("bands", language.gettext("The seven risk bands"), header, rows, language))


def _score(score: Score, model: Model, text: str, language: Language) -> dict[str, object]:
    probability = score.probability_of_repayment
    return {
        "percent": language.format.percent_beside(probability, model.threshold),
        "now": round(100 * probability, 1),
        "text": text,
        "angle": angle(probability),
        "band": score.band.value,
        "name": band_name(score.band, language),
    }


def _xy(place: Sequence[float]) -> str:
    return f"{place[0]:.2f} {place[1]:.2f}"
