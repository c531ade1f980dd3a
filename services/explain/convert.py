"""Between the explain contract and plain Python."""

from collections.abc import Iterable

from clairscore.explain.v1 import explain_pb2 as pb

from pipeline.model.applicants import Applicant, Applicants
from pipeline.model.score import Score
from services.common.convert import application_from, record_from, score_to, value_to
from services.common.errors import InvalidInput, Violation
from services.explain import local
from services.explain.comparison import Comparison
from services.explain.counterfactual.find import Counterfactual, Found
from services.explain.counterfactual.limits import Limit
from services.explain.explainer import Explainer
from services.explain.local import LocalExplanation
from services.explain.presented import Item, LabelledGroup, Presented
from services.explain.words.catalogue import catalogue
from services.explain.words.nouns import label
from services.explain.words.outcomes import Change, comparison_summary, counterfactual_sentence
from services.explain.words.reasons import Reason


def applicant_from(message: pb.ClientInput, applicants: Applicants, field: str) -> Applicant:
    """The client of a request's field, whose name leads the names of its faults; not ``client``, as in Score.

    Raises:
        InvalidInput: it is not given or has faults.
    """
    overrides = record_from(message.overrides)
    try:
        match message.WhichOneof("input"):
            case "record":
                return applicants.record(record_from(message.record.fields), overrides)
            case "application":
                application, histories = application_from(message.application)
                return applicants.application(application, histories, overrides)
    except InvalidInput as error:
        if field == "client":
            raise
        faults = [Violation(f"{field}.{v.field}", v.description) for v in error.violations]
        raise InvalidInput(faults) from error
    raise InvalidInput([Violation(field, "needs a record or an application")])


def within(value: int, field: str, *, default: int, most: int, least: int = 1) -> int:
    """A count of a request; 0 stands for the default.

    Raises:
        InvalidInput: it is out of its range.
    """
    if value and not least <= value <= most:
        raise InvalidInput([Violation(field, f"must be between {least} and {most}, or 0 for {default}")])
    return value or default


def language(text: str) -> str:
    """The language of a request; an empty one is French.

    Raises:
        InvalidInput: it is not known.
    """
    return catalogue(text).language


def explanation_to(
    explainer: Explainer, explanation: LocalExplanation, presented: Presented
) -> pb.ExplainClientResponse:
    """Writes one client's explanation."""
    return pb.ExplainClientResponse(
        score=score_to(explanation.score, explainer.manifest.version),
        base_value=explainer.base_value,
        margin=explanation.margin,
        base_probability_of_repayment=explainer.base_probability,
        contributions=[_contribution_to(item) for item in presented.items],
        families=[_group_to(group) for group in presented.families],
        tables=[_group_to(group) for group in presented.tables],
        summary=presented.summary,
        reasons_for=[_reason_to(reason) for reason in presented.reasons.speaking_for],
        reasons_against=[_reason_to(reason) for reason in presented.reasons.speaking_against],
    )


def comparison_to(
    explainer: Explainer, before: Score, after: Score, comparison: Comparison, language: str
) -> pb.CompareVersionsResponse:
    """Writes a comparison of two versions, with the sentence that says it.

    Raises:
        InvalidInput: the language is not known.
    """
    features = explainer.model.dictionary.by_name
    said = [Change(features[c.feature], c.before, c.after, c.points_change) for c in comparison.changes]
    threshold = explainer.manifest.threshold
    summary = comparison_summary(
        before.probability_of_repayment, after.probability_of_repayment, threshold, said, language
    )
    return pb.CompareVersionsResponse(
        before=score_to(before, explainer.manifest.version),
        after=score_to(after, explainer.manifest.version),
        margin_before=comparison.margin_before,
        margin_after=comparison.margin_after,
        changes=[
            pb.FieldChange(
                feature=change.feature,
                label=label(features[change.feature], language),
                before=value_to(change.before),
                after=value_to(change.after),
                margin_change=change.margin_change,
                points_change=change.points_change,
            )
            for change in comparison.changes
        ],
        exact=comparison.exact,
        summary=summary,
    )


def limits_from(messages: Iterable[pb.Limit]) -> list[Limit]:
    """Reads what an officer allows."""
    return [
        Limit(
            message.feature,
            message.fixed,
            message.minimum if message.HasField("minimum") else None,
            message.maximum if message.HasField("maximum") else None,
            message.max_relative_change if message.HasField("max_relative_change") else None,
        )
        for message in messages
    ]


def counterfactuals_to(
    explainer: Explainer, score: Score, found: Found, language: str
) -> pb.FindCounterfactualsResponse:
    """Writes counterfactuals, with the sentences that say them.

    Raises:
        InvalidInput: the language is not known.
    """
    return pb.FindCounterfactualsResponse(
        score=score_to(score, explainer.manifest.version),
        counterfactuals=[_counterfactual_to(explainer, score, one, language) for one in found.counterfactuals],
        complete=found.complete,
    )


def _counterfactual_to(explainer: Explainer, score: Score, found: Counterfactual, language: str) -> pb.Counterfactual:
    features = explainer.model.dictionary.by_name
    changed = local.score(explainer, found.version)
    said = [Change(features[c.feature], c.before, c.after) for c in found.changes]
    before, after = score.probability_of_repayment, changed.probability_of_repayment
    return pb.Counterfactual(
        changes=[
            pb.CounterfactualChange(
                feature=change.feature,
                label=label(features[change.feature], language),
                before=value_to(change.before),
                after=value_to(change.after),
            )
            for change in found.changes
        ],
        score=score_to(changed, explainer.manifest.version),
        cost=found.cost,
        plausibility=found.plausibility,
        sentence=counterfactual_sentence(before, after, explainer.manifest.threshold, said, language),
    )


def _contribution_to(item: Item) -> pb.Contribution:
    return pb.Contribution(
        feature=item.feature.name,
        label=item.label,
        value=value_to(item.value),
        contribution=item.contribution,
        points=item.points,
        portfolio_median=item.median,
        portfolio_percentile=item.percentile,
        global_importance=item.importance,
        contribution_percentile=item.contribution_percentile,
        protected=item.feature.protected,
    )


def _group_to(labelled: LabelledGroup) -> pb.GroupContribution:
    group = labelled.group
    return pb.GroupContribution(
        name=group.name, label=labelled.label, contribution=group.contribution, points=group.points
    )


def _reason_to(reason: Reason) -> pb.Reason:
    contribution = reason.contribution
    return pb.Reason(
        feature=contribution.feature.name,
        sentence=reason.sentence,
        contribution=contribution.contribution,
        points=contribution.points,
    )
