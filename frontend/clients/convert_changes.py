"""Messages about changes of a client to plain types, and back."""

from collections.abc import Sequence

from clairscore.explain.v1 import explain_pb2
from clairscore.portfolio.v1 import portfolio_pb2

from frontend.clients import convert
from frontend.clients.changes import (
    Comparison,
    Counterfactual,
    Counterfactuals,
    FieldChange,
    Limit,
    ProposedChange,
    Scenario,
)


def to_comparison(message: explain_pb2.CompareVersionsResponse) -> Comparison:
    """Reads the comparison of two versions."""
    return Comparison(
        before=convert.to_score(message.before),
        after=convert.to_score(message.after),
        changes=tuple(
            FieldChange(
                one.feature, one.label, convert.to_value(one.before), convert.to_value(one.after), one.points_change
            )
            for one in message.changes
        ),
        exact=message.exact,
        summary=message.summary,
    )


def to_counterfactuals(message: explain_pb2.FindCounterfactualsResponse) -> Counterfactuals:
    """Reads what would change the decision."""
    return Counterfactuals(tuple(_to_counterfactual(one) for one in message.counterfactuals), message.complete)


def from_limits(limits: Sequence[Limit]) -> list[explain_pb2.Limit]:
    """Writes what the officer allows."""
    return [
        explain_pb2.Limit(feature=one.feature, fixed=one.fixed, max_relative_change=one.max_relative_change)
        for one in limits
    ]


def to_scenario(message: portfolio_pb2.Scenario) -> Scenario:
    """Reads a saved scenario."""
    return Scenario(
        identifier=message.scenario_id,
        name=message.name,
        overrides={name: convert.to_value(value) for name, value in message.overrides.items()},
        obsolete=tuple(message.obsolete),
        saved_at=message.saved_at,
    )


def _to_counterfactual(message: explain_pb2.Counterfactual) -> Counterfactual:
    return Counterfactual(
        changes=tuple(
            ProposedChange(one.feature, one.label, convert.to_value(one.before), convert.to_value(one.after))
            for one in message.changes
        ),
        score=convert.to_score(message.score),
        plausibility=message.plausibility,
        sentence=message.sentence,
    )
