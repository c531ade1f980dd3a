"""Decisions, changed decisions and advice: one sentence each."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.features.dictionary import Feature
from pipeline.model.manifest import Band
from services.common.errors import InvalidInput, Violation
from services.explain.words.catalogue import Catalogue, catalogue
from services.explain.words.measures import Value
from services.explain.words.statements import change, condition

# Changes that a sentence names.
_NAMED_CHANGES = 2
# A second change is named when it does at least this share of what the first does.
_NOTABLE = 0.25


@dataclass(frozen=True, slots=True)
class Change:
    """One feature that differs between two versions; ``points`` of the probability of repayment, 0..1."""

    feature: Feature
    before: Value
    after: Value
    points: float = 0.0


def decision_summary(repayment: float, threshold: float, band: Band, language: str) -> str:
    """The decision with score and threshold, both probabilities of repayment.

    Raises:
        InvalidInput: the language is not known.
    """
    words = catalogue(language)
    text = words.text(
        "decision.accept" if repayment >= threshold else "decision.refuse",
        repayment=words.numerals.percent_beside(repayment, threshold),
        band=words.text(f"band.{band.value}"),
        threshold=words.numerals.percent(threshold),
    )
    return words.sentence(text)


def comparison_summary(before: float, after: float, threshold: float, changes: Sequence[Change], language: str) -> str:
    """How the probability of repayment changes between two versions, and by which features above all.

    Args:
        before: probability of repayment.
        after: probability of repayment.
        threshold: of acceptance.
        changes: every feature that differs, with its share of the change; none: the versions are equal.
        language: "fr" or "en"; empty means French.

    Raises:
        InvalidInput: the language is not known.
    """
    words = catalogue(language)
    old, new = _two_percents(before, after, threshold, words)
    if not changes or old == new:
        key = "comparison.unchanged" if changes else "comparison.identical"
        return words.sentence(words.text(key, after=new))
    return words.sentence(
        words.text(
            "comparison.changed",
            before=old,
            after=new,
            crossing=_crossing(before, after, threshold, words),
            reason=_because(_main(changes, after - before), len(changes), words),
        )
    )


def counterfactual_sentence(
    before: float, after: float, threshold: float, changes: Sequence[Change], language: str
) -> str:
    """Advice: what would have to change for the client to be accepted. At least one change.

    Raises:
        InvalidInput: the language is not known, or a change is none that a customer can make; names the feature.
    """
    forbidden = [c.feature.name for c in changes if c.feature.protected or not c.feature.actionable]
    if forbidden:
        raise InvalidInput(
            [Violation(name, "No advice can be given on it: it is not actionable.") for name in forbidden]
        )
    words = catalogue(language)
    *first, last = (condition(c.feature, c.before, c.after, words) for c in changes)
    old, new = _two_percents(before, after, threshold, words)
    return words.sentence(
        words.text(
            "advice.sentence",
            conditions=words.text("advice.last").join([words.text("advice.next").join(first), last]) if first else last,
            before=old,
            after=new,
            threshold=words.numerals.percent(threshold),
        )
    )


def _two_percents(before: float, after: float, threshold: float, words: Catalogue) -> tuple[str, str]:
    numerals = words.numerals
    return numerals.percent_beside(before, threshold), numerals.percent_beside(after, threshold)


def _crossing(before: float, after: float, threshold: float, words: Catalogue) -> str:
    if (before >= threshold) == (after >= threshold):
        return ""
    key = "comparison.to_accept" if after >= threshold else "comparison.to_refuse"
    return words.text(key, threshold=words.numerals.percent(threshold))


def _main(changes: Sequence[Change], total: float) -> list[Change]:
    """The changes that do the most in the direction of the whole change."""
    ordered = sorted(changes, key=lambda c: (-c.points if total > 0 else c.points, c.feature.name))
    first = abs(ordered[0].points)
    helping = [c for c in ordered if c.points * total > 0 and abs(c.points) >= _NOTABLE * first]
    return helping[:_NAMED_CHANGES] or ordered[:1]


def _because(named: Sequence[Change], of: int, words: Catalogue) -> str:
    texts = [change(c.feature, c.before, c.after, words) for c in named]
    key = "comparison.because_only" if len(named) == of else "comparison.because"
    return words.text(key, changes=words.text("comparison.because_next").join(texts))
