"""Messages of the contracts to plain types, and back."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from clairscore.common.v1 import record_pb2
from clairscore.portfolio.v1 import portfolio_pb2
from clairscore.scoring.v1 import scoring_pb2

from frontend.clients.types import (
    AttributeFilter,
    Band,
    BandRange,
    Client,
    ClientSummary,
    CostOptimum,
    Decision,
    Feature,
    FeatureDictionary,
    InputRange,
    Label,
    Model,
    Publication,
    Role,
    Score,
    SearchResults,
    Unit,
    Value,
)
from pipeline.evaluation.result import Interval
from services.common.errors import ClairscoreError

_E = TypeVar("_E", bound=StrEnum)


def to_score(message: record_pb2.Score) -> Score:
    """Reads a score."""
    return Score(
        probability_of_repayment=message.probability_of_repayment,
        band=to_enum(Band, record_pb2.RiskBand.Name(message.band), "RISK_BAND_"),
        decision=to_enum(Decision, record_pb2.Decision.Name(message.decision), "DECISION_"),
        model_version=message.model_version,
        expected_default_rate=message.expected_default_rate if message.HasField("expected_default_rate") else None,
    )


def from_score(score: Score) -> record_pb2.Score:
    """Writes a score that a service gave."""
    return record_pb2.Score(
        probability_of_default=1 - score.probability_of_repayment,
        probability_of_repayment=score.probability_of_repayment,
        band=record_pb2.RiskBand.Value(f"RISK_BAND_{score.band.name}"),
        decision=record_pb2.Decision.Value(f"DECISION_{score.decision.name}"),
        model_version=score.model_version,
        expected_default_rate=score.expected_default_rate,
    )


def to_model(message: scoring_pb2.Model) -> Model:
    """Reads the model's description."""
    bands = tuple(
        BandRange(to_enum(Band, record_pb2.RiskBand.Name(b.band), "RISK_BAND_"), b.lower, b.upper, _to_band_rate(b))
        for b in message.bands
    )
    costs = message.cost_optimum if message.HasField("cost_optimum") else None
    optimum = costs and CostOptimum(costs.cost_ratio, Interval(value=costs.threshold, low=costs.low, high=costs.high))
    inputs = {
        i.feature: InputRange(
            i.minimum if i.HasField("minimum") and not i.category else None,
            i.maximum if i.HasField("maximum") and not i.category else None,
        )
        for i in message.inputs
    }
    return Model(message.version, message.created_at, message.threshold, bands, optimum, inputs)


def _to_band_rate(message: scoring_pb2.BandRange) -> Interval | None:
    if not message.HasField("default_rate"):
        return None
    return Interval(value=message.default_rate, low=message.default_rate_low, high=message.default_rate_high)


def to_client(message: portfolio_pb2.Client) -> Client:
    """Reads a client."""
    return Client(
        sk_id_curr=message.sk_id_curr,
        record={name: to_value(value) for name, value in message.record.fields.items()},
        derived={name: to_value(value) for name, value in message.derived.items()},
    )


def to_results(message: portfolio_pb2.SearchClientsResponse) -> SearchResults:
    """Reads a page of search results."""
    clients = tuple(
        ClientSummary(
            sk_id_curr=c.sk_id_curr,
            age=c.age if c.HasField("age") else None,
            income=c.income if c.HasField("income") else None,
            credit=c.credit if c.HasField("credit") else None,
            contract_type=c.contract_type,
            score=to_score(c.published_score),
        )
        for c in message.clients
    )
    return SearchResults(clients, message.total, message.next_page_token)


def from_filter(condition: AttributeFilter) -> portfolio_pb2.AttributeFilter:
    """Writes a condition of a search."""
    if condition.categories:
        any_of = portfolio_pb2.Categories(values=condition.categories)
        return portfolio_pb2.AttributeFilter(attribute=condition.attribute, any_of=any_of)
    limits = portfolio_pb2.Range(minimum=condition.minimum, maximum=condition.maximum)
    return portfolio_pb2.AttributeFilter(attribute=condition.attribute, range=limits)


def to_dictionary(message: portfolio_pb2.ListFeaturesResponse) -> FeatureDictionary:
    """Reads the feature dictionary."""
    features = {
        f.name: Feature(
            name=f.name,
            label=Label(f.label_fr, f.label_en),
            unit=to_enum(Unit, portfolio_pb2.Unit.Name(f.unit), "UNIT_"),
            categories={c.value: Label(c.label_fr, c.label_en) for c in f.categories},
            role=to_enum(Role, portfolio_pb2.FeatureRole.Name(f.role), "FEATURE_ROLE_"),
            source_table=f.source_table,
            source_column=f.source_column,
            aggregation=f.aggregation,
            minimum=f.minimum if f.HasField("minimum") else None,
            maximum=f.maximum if f.HasField("maximum") else None,
            median=f.median if f.HasField("median") else None,
            missing_rate=f.missing_rate,
            editable=f.editable,
            protected=f.protected,
            actionable=f.actionable,
        )
        for f in message.features
    }
    return FeatureDictionary(features, message.feature_contract)


def to_publication(message: portfolio_pb2.GetPublicationResponse) -> Publication:
    """Reads what is published."""
    return Publication(
        message.clients, message.synthetic, message.published_at, message.feature_contract, message.publication
    )


def from_record(record: Mapping[str, Value]) -> record_pb2.ClientRecord:
    """Writes a client's base features for scoring; a missing value travels as a FieldValue with no kind."""
    return record_pb2.ClientRecord(fields={name: _from_value(value) for name, value in record.items()})


def to_value(message: record_pb2.FieldValue) -> Value:
    """Reads a value; no kind set means missing."""
    match message.WhichOneof("kind"):
        case "number":
            return message.number
        case "text":
            return message.text
        case _:
            return None


def _from_value(value: Value) -> record_pb2.FieldValue:
    match value:
        case None:
            return record_pb2.FieldValue()
        case str():
            return record_pb2.FieldValue(text=value)
        case _:
            return record_pb2.FieldValue(number=value)


def to_enum(kind: type[_E], name: str, prefix: str) -> _E:
    """A value of a contract's enumeration, which must not be UNSPECIFIED: that is a fault of the service."""
    try:
        return kind(name.removeprefix(prefix).lower())
    except ValueError as error:
        raise ClairscoreError(f"a service sent {name}, which this version of the dashboard does not know") from error
