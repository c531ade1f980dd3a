"""Between the contract's calls that look at the portfolio and plain Python."""

from collections.abc import Callable, Sequence

import numpy as np
from clairscore.explain.v1 import explain_pb2 as pb

from pipeline.features.dictionary import FeatureDictionary
from pipeline.model.applicants import Applicant
from services.common.convert import BANDS, DECISIONS
from services.common.errors import InvalidInput, Violation
from services.explain.effects.effect import Effect
from services.explain.effects.rates import RateBin
from services.explain.effects.zones import Risk, Zone
from services.explain.explainer import Explainer
from services.explain.interaction.grid import Axis
from services.explain.interaction.interaction import Interaction
from services.explain.portfolio.cohort import DEFAULT_SIMILAR, AnyOf, Cohort, FeatureFilter, Missing, Range, Similar
from services.explain.portfolio.live import Progress
from services.explain.portfolio.neighbours import Neighbour
from services.explain.portfolio.ranks import Importance
from services.explain.portfolio.swarm import Swarm
from services.explain.words.nouns import label

_BANDS = {number: band for band, number in BANDS.items()}
_DECISIONS = {number: decision for decision, number in DECISIONS.items()}
_RISKS = {
    Risk.LOWERS: pb.ZONE_RISK_LOWERS,
    Risk.NEUTRAL: pb.ZONE_RISK_NEUTRAL,
    Risk.RAISES: pb.ZONE_RISK_RAISES,
}


def cohort_from(message: pb.Cohort, explainer: Explainer, applicant: Callable[[pb.ClientInput], Applicant]) -> Cohort:
    """Reads a cohort; ``applicant`` reads the client that it may be similar to.

    Raises:
        InvalidInput: an enumeration has an unknown value, or that client has faults.
    """
    if message.decision not in (0, *_DECISIONS):
        raise InvalidInput([Violation("cohort.decision", f"{message.decision} is not a decision")])
    unknown = [k for k, band in enumerate(message.bands) if band not in _BANDS]
    if unknown:
        raise InvalidInput([Violation(f"cohort.bands[{k}]", f"{message.bands[k]} is not a band") for k in unknown])
    similar = None
    if message.HasField("similar"):
        vector = applicant(message.similar.client).vector
        contributions = tuple(explainer.contributions(vector)[0].tolist())
        similar = Similar(contributions, message.similar.count or DEFAULT_SIMILAR)
    return Cohort(
        _DECISIONS.get(message.decision),
        tuple(_BANDS[band] for band in message.bands),
        tuple(FeatureFilter(item.feature, _condition_from(item)) for item in message.filters),
        similar,
    )


def importance_to(
    explainer: Explainer, clients: int, cohort: Importance, whole: Importance, language: str
) -> pb.GetImportanceResponse:
    """Writes the importances of a cohort beside those of the whole portfolio."""
    dictionary = explainer.model.dictionary
    return pb.GetImportanceResponse(
        clients=clients,
        features=[
            pb.Importance(
                feature=cohort.features[k],
                label=label(dictionary.by_name[cohort.features[k]], language),
                mean_absolute=cohort.mean_absolute[k],
                mean=cohort.mean[k],
                portfolio_mean_absolute=whole.mean_absolute[k],
            )
            for k in np.argsort(-cohort.mean_absolute, kind="stable")
        ],
    )


def swarms_to(
    swarms: Sequence[Swarm], clients: int, dictionary: FeatureDictionary, language: str
) -> pb.GetBeeswarmResponse:
    """Writes a beeswarm."""
    return pb.GetBeeswarmResponse(
        clients=clients,
        swarms=[
            pb.Swarm(
                feature=swarm.feature,
                label=label(dictionary.by_name[swarm.feature], language),
                contributions=swarm.contributions.tolist(),
                ranks=swarm.ranks.tolist(),
            )
            for swarm in swarms
        ],
    )


def effect_to(effect: Effect, language: str) -> pb.GetEffectResponse:
    """Writes a feature's effect."""
    return pb.GetEffectResponse(
        label=label(effect.feature, language),
        clients=effect.clients,
        values=effect.values.tolist(),
        contributions=effect.contributions.tolist(),
        categories=[category.value for category in effect.feature.categories],
        grid=effect.grid.tolist(),
        partial_dependence=effect.partial_dependence.tolist(),
        individual=effect.individual.tolist(),
        critical_values=effect.critical_values,
        zones=[_zone_to(zone) for zone in effect.zones],
        default_rates=[_rate_to(one) for one in effect.default_rates],
        missing=None if effect.missing is None else _rate_to(effect.missing),
    )


def interaction_to(interaction: Interaction, language: str) -> pb.GetInteractionResponse:
    """Writes how two features act together."""
    return pb.GetInteractionResponse(
        clients=interaction.clients,
        x=_axis_to(interaction.x, language),
        y=_axis_to(interaction.y, language),
        cells=[
            pb.InteractionCell(
                clients=cell.clients,
                interaction=cell.interaction,
                default_rate=cell.default_rate,
                probability_of_repayment=cell.probability_of_repayment,
            )
            for cell in interaction.cells
        ],
        strength=interaction.strength,
        sampled=interaction.sampled,
    )


def comparable_to(
    accepted: Sequence[Neighbour], refused: Sequence[Neighbour], *, approximate: bool
) -> pb.FindComparableClientsResponse:
    """Writes comparable clients."""
    return pb.FindComparableClientsResponse(
        accepted=[pb.ComparableClient(**one._asdict()) for one in accepted],
        refused=[pb.ComparableClient(**one._asdict()) for one in refused],
        approximate=approximate,
    )


def progress_to(model_version: str, progress: Progress) -> pb.GetProgressResponse:
    """Writes how far the portfolio's explanations are."""
    return pb.GetProgressResponse(
        model_version=model_version,
        state=pb.GetProgressResponse.State.Value(f"STATE_{progress.state.name}"),
        progress=progress.share,
        clients_done=progress.clients_done,
        clients=progress.clients,
    )


def _condition_from(message: pb.FeatureFilter) -> AnyOf | Range | Missing | None:
    match message.WhichOneof("condition"):
        case "any_of":
            return AnyOf(tuple(message.any_of.values))
        case "range":
            limits = message.range
            return Range(
                limits.minimum if limits.HasField("minimum") else None,
                limits.maximum if limits.HasField("maximum") else None,
            )
        case "missing":
            return Missing(message.missing)
    return None


def _zone_to(zone: Zone) -> pb.Zone:
    return pb.Zone(
        lower=zone.lower,
        upper=zone.upper,
        contribution=zone.contribution,
        risk=_RISKS[zone.risk],
        share=zone.share,
    )


def _rate_to(one: RateBin) -> pb.RateBin:
    rate = one.default_rate
    return pb.RateBin(
        lower=one.lower or 0.0,
        upper=one.upper or 0.0,
        category=one.category or "",
        clients=one.clients,
        known=one.known,
        default_rate=None if rate is None else rate.value,
        default_rate_low=None if rate is None else rate.low,
        default_rate_high=None if rate is None else rate.high,
        contribution=one.contribution,
    )


def _axis_to(axis: Axis, language: str) -> pb.Axis:
    return pb.Axis(
        feature=axis.feature.name,
        label=label(axis.feature, language),
        edges=axis.edges.tolist(),
        categories=[category.value for category in axis.feature.categories],
    )
