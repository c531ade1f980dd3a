"""One client's explanation as it is read: beside the portfolio, in groups and in words."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.features.dictionary import Feature, Kind
from pipeline.model.validation import Value
from services.explain.explainer import Explainer
from services.explain.local import Group, LocalExplanation, grouped
from services.explain.portfolio.ranks import Ranks
from services.explain.words import groups, outcomes
from services.explain.words import reasons as words
from services.explain.words.nouns import label
from services.explain.words.standing import Standing


@dataclass(frozen=True, slots=True)
class Item:
    """A feature's contribution; what compares it with the portfolio is None where that is not known.

    ``percentile`` and ``contribution_percentile`` are shares of clients below (0..1), ties counting half.
    """

    feature: Feature
    label: str
    value: Value
    contribution: float
    points: float
    median: float | None = None
    percentile: float | None = None
    importance: float | None = None
    contribution_percentile: float | None = None


@dataclass(frozen=True, slots=True)
class LabelledGroup:
    """A group of features with its label."""

    group: Group
    label: str


@dataclass(frozen=True, slots=True)
class Presented:
    """The largest absolute contribution first, in everything."""

    items: tuple[Item, ...]
    families: tuple[LabelledGroup, ...]
    tables: tuple[LabelledGroup, ...]
    summary: str
    reasons: words.Reasons


def present(
    explainer: Explainer, explanation: LocalExplanation, ranks: Ranks | None, language: str, most_reasons: int
) -> Presented:
    """Puts an explanation into a language; ``ranks`` is None as long as the portfolio is not explained.

    Raises:
        InvalidInput: the language is not known.
    """
    repayment = explanation.score.probability_of_repayment
    summary = outcomes.decision_summary(repayment, explainer.manifest.threshold, explanation.score.band, language)
    features = explanation.applicant.features
    items = tuple(_item(explainer, explanation, k, features, ranks, language) for k in explanation.by_weight)
    return Presented(
        items,
        _labelled(explainer, explanation, groups.family_of, groups.family_label, language),
        _labelled(explainer, explanation, groups.table_of, groups.table_label, language),
        summary,
        words.reasons([_said(item) for item in items], language, most_reasons),
    )


def _item(
    explainer: Explainer,
    explanation: LocalExplanation,
    place: int,
    features: dict[str, Value],
    ranks: Ranks | None,
    language: str,
) -> Item:
    feature = explainer.features[place]
    name, value = feature.name, features[feature.name]
    contribution = float(explanation.contributions[place])
    number = feature.kind is Kind.NUMBER
    return Item(
        feature,
        label(feature, language),
        value,
        contribution,
        float(explanation.points[place]),
        median=ranks.median(name) if ranks and number else None,
        percentile=ranks.percentile(name, float(value)) if ranks and number and value is not None else None,
        importance=ranks.importance(name) if ranks else None,
        contribution_percentile=ranks.contribution_percentile(name, contribution) if ranks else None,
    )


def _said(item: Item) -> words.Contribution:
    standing = None if item.median is None or item.percentile is None else Standing(item.median, item.percentile)
    return words.Contribution(item.feature, item.value, item.contribution, item.points, standing)


def _labelled(
    explainer: Explainer,
    explanation: LocalExplanation,
    group_of: Callable[[Feature], str],
    label_of: Callable[[str, str], str],
    language: str,
) -> tuple[LabelledGroup, ...]:
    found = grouped(explanation, map(group_of, explainer.features))
    return tuple(LabelledGroup(group, label_of(group.name, language)) for group in found)
