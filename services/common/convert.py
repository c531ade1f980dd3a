"""Between the messages that several contracts share and plain Python."""

from collections.abc import Mapping

from clairscore.common.v1 import record_pb2
from clairscore.scoring.v1 import scoring_pb2

from pipeline.features.serving import Row
from pipeline.model.manifest import Band, Decision
from pipeline.model.score import Score
from pipeline.model.validation import Value
from services.common.errors import InvalidInput, Violation

BANDS = {band: record_pb2.RiskBand.Value(f"RISK_BAND_{band.name}") for band in Band}
DECISIONS = {decision: record_pb2.Decision.Value(f"DECISION_{decision.name}") for decision in Decision}


def record_from(fields: Mapping[str, record_pb2.FieldValue]) -> dict[str, Value]:
    """Field values by name; one with no kind set is None."""
    return {name: _value_from(value) for name, value in fields.items()}


def application_from(message: scoring_pb2.RawApplication) -> tuple[Row, dict[str, list[Row]]]:
    """The application's row, and the rows of each history table.

    Raises:
        InvalidInput: a history table is given twice.
    """
    histories: dict[str, list[Row]] = {}
    for position, history in enumerate(message.histories):
        if history.table in histories:
            field = f"application.histories[{position}].table"
            raise InvalidInput([Violation(field, f"{history.table!r} is given twice; put all of its rows in one")])
        histories[history.table] = [record_from(row.columns) for row in history.rows]
    return record_from(message.application.columns), histories


def value_to(value: Value) -> record_pb2.FieldValue:
    """A value as a message; None has no kind set."""
    if value is None:
        return record_pb2.FieldValue()
    return record_pb2.FieldValue(text=value) if isinstance(value, str) else record_pb2.FieldValue(number=value)


def score_to(score: Score, model_version: str) -> record_pb2.Score:
    """The score as it is answered."""
    return record_pb2.Score(
        probability_of_default=score.probability_of_default,
        probability_of_repayment=score.probability_of_repayment,
        band=BANDS[score.band],
        decision=DECISIONS[score.decision],
        model_version=model_version,
        expected_default_rate=score.expected_default_rate,
    )


def _value_from(value: record_pb2.FieldValue) -> Value:
    match value.WhichOneof("kind"):
        case "number":
            return value.number
        case "text":
            return value.text
    return None
