"""Messages of the explain contract to plain types, and back."""

from clairscore.common.v1 import record_pb2
from clairscore.explain.v1 import explain_pb2

from frontend.clients import convert
from frontend.clients.explanations import (
    Beeswarm,
    Cohort,
    ComparableClient,
    ComparableClients,
    Contribution,
    Effect,
    Explanation,
    GroupContribution,
    Importance,
    Importances,
    RateBin,
    Reason,
    Swarm,
    Zone,
    ZoneRisk,
)


def to_explanation(message: explain_pb2.ExplainClientResponse) -> Explanation:
    """Reads the explanation of a client."""
    return Explanation(
        score=convert.to_score(message.score),
        base_probability_of_repayment=message.base_probability_of_repayment,
        contributions=tuple(_to_contribution(one) for one in message.contributions),
        families=tuple(_to_group(one) for one in message.families),
        tables=tuple(_to_group(one) for one in message.tables),
        summary=message.summary,
        reasons_for=tuple(Reason(one.feature, one.sentence, one.points) for one in message.reasons_for),
        reasons_against=tuple(Reason(one.feature, one.sentence, one.points) for one in message.reasons_against),
    )


def to_comparable(message: explain_pb2.FindComparableClientsResponse) -> ComparableClients:
    """Reads the comparable clients."""
    return ComparableClients(
        accepted=tuple(_to_comparable_client(one) for one in message.accepted),
        refused=tuple(_to_comparable_client(one) for one in message.refused),
    )


def to_importances(message: explain_pb2.GetImportanceResponse) -> Importances:
    """Reads the importance of all features."""
    return Importances(
        message.clients,
        tuple(
            Importance(one.feature, one.label, one.mean_absolute, one.mean, one.portfolio_mean_absolute)
            for one in message.features
        ),
    )


def to_beeswarm(message: explain_pb2.GetBeeswarmResponse) -> Beeswarm:
    """Reads the swarms of the most important features."""
    return Beeswarm(
        message.clients,
        tuple(Swarm(one.feature, one.label, tuple(one.contributions), tuple(one.ranks)) for one in message.swarms),
    )


def to_effect(message: explain_pb2.GetEffectResponse) -> Effect:
    """Reads how a feature acts on the score."""
    return Effect(
        label=message.label,
        clients=message.clients,
        values=tuple(message.values),
        contributions=tuple(message.contributions),
        categories=tuple(message.categories),
        grid=tuple(message.grid),
        partial_dependence=tuple(message.partial_dependence),
        individual=tuple(message.individual),
        critical_values=tuple(message.critical_values),
        zones=tuple(_to_zone(one) for one in message.zones),
        default_rates=tuple(_to_bin(one) for one in message.default_rates),
        missing=_to_bin(message.missing) if message.HasField("missing") else None,
    )


def from_cohort(cohort: Cohort) -> explain_pb2.Cohort:
    """Writes a cohort."""
    message = explain_pb2.Cohort()
    if cohort.decision is not None:
        message.decision = record_pb2.Decision.Value(f"DECISION_{cohort.decision.name}")
    if cohort.band is not None:
        message.bands.append(record_pb2.RiskBand.Value(f"RISK_BAND_{cohort.band.name}"))
    for condition in cohort.filters:
        filtered = message.filters.add(feature=condition.feature)
        if condition.categories:
            filtered.any_of.values.extend(condition.categories)
        else:
            filtered.range.SetInParent()
            if condition.minimum is not None:
                filtered.range.minimum = condition.minimum
            if condition.maximum is not None:
                filtered.range.maximum = condition.maximum
    return message


def _to_comparable_client(message: explain_pb2.ComparableClient) -> ComparableClient:
    return ComparableClient(message.sk_id_curr, message.probability_of_repayment, message.distance)


def _to_contribution(message: explain_pb2.Contribution) -> Contribution:
    def known(field: str) -> float | None:
        return getattr(message, field) if message.HasField(field) else None  # type: ignore[arg-type]

    return Contribution(
        feature=message.feature,
        label=message.label,
        value=convert.to_value(message.value),
        contribution=message.contribution,
        points=message.points,
        portfolio_median=known("portfolio_median"),
        portfolio_percentile=known("portfolio_percentile"),
        global_importance=known("global_importance"),
        contribution_percentile=known("contribution_percentile"),
        protected=message.protected,
    )


def _to_group(message: explain_pb2.GroupContribution) -> GroupContribution:
    return GroupContribution(message.name, message.label, message.contribution, message.points)


def _to_zone(message: explain_pb2.Zone) -> Zone:
    risk = convert.to_enum(ZoneRisk, explain_pb2.ZoneRisk.Name(message.risk), "ZONE_RISK_")
    return Zone(message.lower, message.upper, message.contribution, risk, message.share)


def _to_bin(message: explain_pb2.RateBin) -> RateBin:
    known = message.HasField("default_rate")
    return RateBin(
        lower=message.lower,
        upper=message.upper,
        category=message.category,
        clients=message.clients,
        known=message.known,
        default_rate=message.default_rate if known else None,
        default_rate_low=message.default_rate_low if known else None,
        default_rate_high=message.default_rate_high if known else None,
        contribution=message.contribution,
    )
