"""Where a client's value stands among those of the other clients, as the end of a sentence."""

from dataclasses import dataclass

from pipeline.features.dictionary import Feature
from pipeline.tables.layout import Unit
from services.explain.words.catalogue import Catalogue
from services.explain.words.measures import Measure, is_discrete, measure_of
from services.explain.words.nouns import noun_of
from services.explain.words.statements import has_frame

# A percentile no further than this from one half is in the middle.
_MIDDLE = 0.05
# No client is said to lie above all the others.
_LARGEST_SHARE = 0.99
# These are negative in the data: what is lower is older or longer.
_REVERSED = frozenset({Measure.AGE, Measure.ELAPSED})


@dataclass(frozen=True, slots=True)
class Standing:
    """The portfolio's median, and the share (0..1) of its clients with a lower value, ties counting half."""

    median: float
    percentile: float


def beside_others(text: str, feature: Feature, value: float, standing: Standing, words: Catalogue) -> str:
    """The statement with its comparison: "…, plus élevé que chez 87 % des clients".

    Where many clients have the same value a percentile would claim too much: it says what the median alone proves.
    """
    if is_discrete(feature) or _is_frequent(feature, value):
        if value == standing.median:
            return words.text("beside.same" if _is_an_end(feature, value) else "beside.middle", statement=text)
        return _compared("beside.majority", text, feature, value, value > standing.median, words)
    if abs(standing.percentile - 0.5) <= _MIDDLE:
        return words.text("beside.middle", statement=text)
    above = standing.percentile > 0.5
    share = min(max(standing.percentile, 1 - standing.percentile), _LARGEST_SHARE)
    # Rounded down: never more clients than there are.
    percent = words.numerals.percent(int(share * 100 + 1e-9) / 100, 0)
    return _compared("beside.share", text, feature, value, above, words, share=percent)


def _compared(key: str, text: str, feature: Feature, value: float, above: bool, words: Catalogue, **places: str) -> str:
    measure = measure_of(feature)
    side = "higher" if above != (measure in _REVERSED) else "lower"
    form = words.text(f"beside.{side}.{_kind(feature, measure, value, words)}", noun_of(feature, words).agreement)
    return words.text(key, statement=text, form=form, **places)


def _kind(feature: Feature, measure: Measure, value: float, words: Catalogue) -> str:
    if has_frame(feature, words):
        return {Measure.COUNT: "number", Measure.HOUR: "time"}.get(measure, "part")
    if measure is Measure.SHARE_OF_ROWS and (value <= 0 or value >= 1):
        return "part"
    if measure is Measure.DATE:
        return "past" if value <= 0 else "future"
    return {Measure.ELAPSED: "length", Measure.HOUR: "hour"}.get(measure, "amount")


def _is_frequent(feature: Feature, value: float) -> bool:
    """Nothing, and all of it, are values that many clients share."""
    return value == 0 or (feature.unit is Unit.SHARE and value == 1)


def _is_an_end(feature: Feature, value: float) -> bool:
    """Whether no value can lie beyond this one, so that a median there is the value of at least half of the clients."""
    measure = measure_of(feature)
    if measure is Measure.SHARE_OF_ROWS and value >= 1:
        return True
    not_negative = feature.minimum is not None and feature.minimum >= 0
    return value == 0 and (not_negative or measure in (Measure.COUNT, Measure.SHARE_OF_ROWS))
