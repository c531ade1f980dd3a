"""Between the portfolio's types and the messages of its contract."""

from datetime import UTC, datetime

import pyarrow as pa
from clairscore.common.v1 import record_pb2
from clairscore.portfolio.v1 import portfolio_pb2 as pb

from pipeline.features.dictionary import Feature
from pipeline.model.manifest import Band, Decision
from pipeline.model.validation import Value
from services.portfolio.applications import GivenScore
from services.portfolio.distribution import Distribution, Histogram
from services.portfolio.domain import (
    Application,
    ApplicationSummary,
    Block,
    Client,
    ClientSummary,
    Page,
    Publication,
    Scenario,
    StoredScore,
)
from services.portfolio.search import AnyOf, Filter, Query, Range


def query_from(request: pb.SearchClientsRequest) -> Query:
    """Reads which clients are searched for."""
    return Query(request.id_prefix, tuple(_filter_from(item) for item in request.filters))


def client_to(client: Client) -> pb.Client:
    """Writes one client."""
    message = pb.Client(sk_id_curr=client.sk_id_curr, published_score=_score_to(client.score))
    for name, value in client.record.items():
        message.record.fields[name].CopyFrom(_value_to(value))
    for name, value in client.derived.items():
        message.derived[name].CopyFrom(_value_to(value))
    return message


def page_to(page: Page) -> pb.SearchClientsResponse:
    """Writes a page of a search."""
    return pb.SearchClientsResponse(
        clients=[_summary_to(client) for client in page.clients],
        next_page_token=page.next_page_token,
        total=page.total,
    )


def features_to(publication: Publication) -> pb.ListFeaturesResponse:
    """Writes the feature dictionary."""
    return pb.ListFeaturesResponse(
        features=[_feature_to(feature) for feature in publication.dictionary.features],
        feature_contract=publication.dictionary.contract,
    )


def distribution_to(distribution: Distribution) -> pb.GetDistributionResponse:
    """Writes a distribution."""
    message = pb.GetDistributionResponse(clients=distribution.clients, missing=distribution.missing)
    if isinstance(distribution.shape, Histogram):
        shape = distribution.shape
        message.histogram.CopyFrom(
            pb.Histogram(edges=shape.edges, counts=shape.counts, mean=shape.mean, percentiles=shape.percentiles)
        )
    else:
        counts = [pb.CategoryCount(value=value, clients=clients) for value, clients in distribution.shape.items()]
        message.categories.CopyFrom(pb.CategoryCounts(counts=counts))
    return message


def publication_to(publication: Publication) -> pb.GetPublicationResponse:
    """Writes what is published."""
    return pb.GetPublicationResponse(
        model_version=publication.model_version,
        published_at=_instant_to(publication.published_at),
        clients=publication.clients,
        synthetic=publication.synthetic,
        feature_contract=publication.dictionary.contract,
        publication=publication.identifier,
    )


def block_to(block: Block) -> pb.ReadColumnsResponse:
    """Writes a block of columns."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, block.columns.schema) as stream:
        stream.write_batch(block.columns)
    return pb.ReadColumnsResponse(
        arrow=sink.getvalue().to_pybytes(),
        publication=block.publication.identifier,
        clients=block.publication.clients,
    )


def scenario_to(scenario: Scenario) -> pb.Scenario:
    """Writes a scenario."""
    message = pb.Scenario(
        scenario_id=scenario.identifier,
        sk_id_curr=scenario.sk_id_curr,
        name=scenario.name,
        obsolete=scenario.obsolete,
        saved_at=_instant_to(scenario.saved_at),
    )
    for name, value in scenario.overrides.items():
        message.overrides[name].CopyFrom(_value_to(value))
    return message


def score_from(message: record_pb2.Score) -> GivenScore:
    """Reads a score that a caller was given."""
    bands = {record_pb2.RiskBand.Value(f"RISK_BAND_{band.name}"): band for band in Band}
    decisions = {record_pb2.Decision.Value(f"DECISION_{decision.name}"): decision for decision in Decision}
    return GivenScore(
        probability_of_default=message.probability_of_default,
        probability_of_repayment=message.probability_of_repayment,
        band=bands.get(message.band),
        decision=decisions.get(message.decision),
        model_version=message.model_version,
        expected_default_rate=message.expected_default_rate if message.HasField("expected_default_rate") else None,
    )


def application_to(application: Application) -> pb.Application:
    """Writes an application."""
    message = pb.Application(
        application_id=application.identifier,
        reference=application.reference,
        score=_score_to(application.score),
        stored_at=_instant_to(application.stored_at),
        obsolete=application.obsolete,
    )
    for name, value in application.record.items():
        message.record.fields[name].CopyFrom(_value_to(value))
    return message


def application_summary_to(application: ApplicationSummary) -> pb.ApplicationSummary:
    """Writes a line of the list of applications."""
    return pb.ApplicationSummary(
        application_id=application.identifier,
        reference=application.reference,
        stored_at=_instant_to(application.stored_at),
        income=application.income,
        credit=application.credit,
        score=_score_to(application.score),
    )


def _instant_to(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _filter_from(message: pb.AttributeFilter) -> Filter:
    condition: AnyOf | Range | None = None
    match message.WhichOneof("condition"):
        case "any_of":
            condition = AnyOf(tuple(message.any_of.values))
        case "range":
            limits = message.range
            condition = Range(
                limits.minimum if limits.HasField("minimum") else None,
                limits.maximum if limits.HasField("maximum") else None,
            )
    return Filter(message.attribute, condition)


def _value_to(value: Value) -> record_pb2.FieldValue:
    if value is None:
        return record_pb2.FieldValue()
    if isinstance(value, str):
        return record_pb2.FieldValue(text=value)
    return record_pb2.FieldValue(number=value)


def _score_to(score: StoredScore) -> record_pb2.Score:
    return record_pb2.Score(
        probability_of_default=score.probability_of_default,
        probability_of_repayment=score.probability_of_repayment,
        band=record_pb2.RiskBand.Value(f"RISK_BAND_{score.band.name}"),
        decision=record_pb2.Decision.Value(f"DECISION_{score.decision.name}"),
        model_version=score.model_version,
        expected_default_rate=score.expected_default_rate,
    )


def _summary_to(client: ClientSummary) -> pb.ClientSummary:
    return pb.ClientSummary(
        sk_id_curr=client.sk_id_curr,
        age=client.age,
        income=client.income,
        credit=client.credit,
        contract_type=client.contract_type or "",
        published_score=_score_to(client.score),
    )


def _feature_to(feature: Feature) -> pb.Feature:
    return pb.Feature(
        name=feature.name,
        label_fr=feature.label_fr,
        label_en=feature.label_en,
        kind=pb.FeatureKind.Value(f"FEATURE_KIND_{feature.kind.name}"),
        role=pb.FeatureRole.Value(f"FEATURE_ROLE_{feature.role.name}"),
        unit=pb.Unit.Value(f"UNIT_{feature.unit.name}"),
        source_table=feature.source_table,
        source_column=feature.source_column,
        aggregation=feature.aggregation,
        categories=[
            pb.Category(value=category.value, label_fr=category.label_fr, label_en=category.label_en)
            for category in feature.categories
        ],
        minimum=feature.minimum,
        maximum=feature.maximum,
        median=feature.median,
        missing_rate=feature.missing_rate,
        editable=feature.editable,
        protected=feature.protected,
        actionable=feature.actionable,
        direction=pb.Direction.Value(f"DIRECTION_{feature.direction.name if feature.direction else 'UNSPECIFIED'}"),
        step=feature.step,
    )
