"""Reasons for and against a client: the strongest contributions, each as a full sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.features.dictionary import Feature
from services.explain.words.catalogue import Catalogue, catalogue
from services.explain.words.measures import Measure, Value, is_missing, measure_of
from services.explain.words.standing import Standing, beside_others
from services.explain.words.statements import statement

# One step of the last digit that is written.
_LEAST_POINTS = 0.1


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature does to a client's score.

    ``contribution`` is in log-odds of default (positive raises the risk), ``points`` of the probability of repayment,
    0..1 (positive raises it). ``standing`` is null for a category and where the portfolio is not known.
    """

    feature: Feature
    value: Value
    contribution: float
    points: float
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A contribution in words."""

    contribution: Contribution
    sentence: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """What speaks for the client and what against, the strongest first."""

    speaking_for: tuple[Reason, ...]
    speaking_against: tuple[Reason, ...]


def reasons(contributions: Sequence[Contribution], language: str, most: int) -> Reasons:
    """Chooses the strongest contributions on each side and says them.

    Args:
        contributions: in any order; equal ones keep theirs by the feature's name.
        language: "fr" or "en"; empty means French.
        most: reasons on each side.

    Raises:
        InvalidInput: the language is not known.
    """
    ordered = sorted(contributions, key=lambda c: (-abs(c.contribution), c.feature.name))
    speaking_for = [c for c in ordered if c.contribution < 0][:most]
    against = [c for c in ordered if c.contribution > 0][:most]
    return Reasons(
        tuple(Reason(c, reason_sentence(c, language)) for c in speaking_for),
        tuple(Reason(c, reason_sentence(c, language)) for c in against),
    )


def reason_sentence(contribution: Contribution, language: str) -> str:
    """The value of the feature, how it compares and what it does to the score, in one sentence.

    Raises:
        InvalidInput: the language is not known.
    """
    words = catalogue(language)
    feature, value = contribution.feature, contribution.value
    text = statement(feature, value, words)
    comparable = not is_missing(value) and measure_of(feature) is not Measure.FLAG
    if comparable and isinstance(value, (int, float)) and contribution.standing is not None:
        text = beside_others(text, feature, value, contribution.standing, words)
    return words.sentence(_with_effect(text, contribution.points, words))


def _with_effect(text: str, points: float, words: Catalogue) -> str:
    key = "effect.raises" if points > 0 else "effect.lowers" if points < 0 else "effect.none"
    return words.text(key, statement=text, points=_points(abs(points) * 100, words))


def _points(points: float, words: Catalogue) -> str:
    rounded = round(points, 1)
    if rounded < _LEAST_POINTS:
        return words.text("less_than_one_tenth")
    return words.counted("point", rounded, number=words.numerals.decimal(rounded, 1))
