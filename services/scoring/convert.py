"""Between the scoring contract and plain Python."""

from collections.abc import Mapping

import numpy as np
from clairscore.common.v1 import record_pb2
from clairscore.scoring.v1 import scoring_pb2

from pipeline.features.serving import Row
from pipeline.model.encoding import Matrix
from pipeline.model.manifest import ONNX, Band, CostOptimum, Decision, Manifest
from pipeline.model.validation import Value
from services.common.errors import InvalidInput, Violation
from services.scoring.scorer import Score, Scores

_BANDS = {band: record_pb2.RiskBand.Value(f"RISK_BAND_{band.name}") for band in Band}
_DECISIONS = {decision: record_pb2.Decision.Value(f"DECISION_{decision.name}") for decision in Decision}
_BANDS_BY_POSITION = np.array([_BANDS[band] for band in Band])
_DECISIONS_BY_ACCEPTED = np.array([_DECISIONS[Decision.REFUSE], _DECISIONS[Decision.ACCEPT]])


def record(fields: Mapping[str, record_pb2.FieldValue]) -> dict[str, Value]:
    """Field values by name; one with no kind set is None."""
    return {name: _value(value) for name, value in fields.items()}


def vector(message: scoring_pb2.FeatureVector) -> Matrix:
    """The vector as one row, shape (1, values)."""
    return np.array(message.values, dtype=np.float32).reshape(1, -1)


def application(message: scoring_pb2.RawApplication) -> tuple[Row, dict[str, list[Row]]]:
    """The application's row, and the rows of each history table.

    Raises:
        InvalidInput: a history table is given twice.
    """
    histories: dict[str, list[Row]] = {}
    for position, history in enumerate(message.histories):
        if history.table in histories:
            field = f"application.histories[{position}].table"
            raise InvalidInput([Violation(field, f"{history.table!r} is given twice; put all of its rows in one")])
        histories[history.table] = [record(row.columns) for row in history.rows]
    return record(message.application.columns), histories


def block(message: scoring_pb2.ScoreBatchRequest, width: int) -> Matrix:
    """The block's rows, shape (rows, width).

    Raises:
        InvalidInput: the number of values is not rows × width.
    """
    if len(message.values) != message.rows * width:
        expected = f"{message.rows} rows × {width} model inputs = {message.rows * width} values"
        raise InvalidInput([Violation("values", f"must hold {expected}, not {len(message.values)}")])
    return np.array(message.values, dtype=np.float32).reshape(message.rows, width)


def score_message(score: Score, model_version: str) -> record_pb2.Score:
    """The score as it is answered."""
    return record_pb2.Score(
        probability_of_default=score.probability_of_default,
        probability_of_repayment=score.probability_of_repayment,
        band=_BANDS[score.band],
        decision=_DECISIONS[score.decision],
        model_version=model_version,
        expected_default_rate=score.expected_default_rate,
    )


def batch_response(scores: Scores, model_version: str) -> scoring_pb2.ScoreBatchResponse:
    """A block's scores as they are answered."""
    return scoring_pb2.ScoreBatchResponse(
        probability_of_default=scores.probability_of_default.tolist(),
        probability_of_repayment=scores.probability_of_repayment.tolist(),
        band=_BANDS_BY_POSITION[scores.band].tolist(),
        decision=_DECISIONS_BY_ACCEPTED[scores.accepted.astype(np.intp)].tolist(),
        model_version=model_version,
        expected_default_rate=scores.expected_default_rate.tolist(),
    )


def model_message(manifest: Manifest) -> scoring_pb2.Model:
    """The live model as GetModel describes it."""
    return scoring_pb2.Model(
        version=manifest.version,
        created_at=manifest.created_at,
        sha256=manifest.files[ONNX],
        threshold=manifest.threshold,
        bands=[
            scoring_pb2.BandRange(
                band=_BANDS[band.band],
                lower=band.lower,
                upper=band.upper,
                default_rate=band.default_rate,
                default_rate_low=band.default_rate_low,
                default_rate_high=band.default_rate_high,
            )
            for band in manifest.bands
        ],
        inputs=[
            scoring_pb2.ModelInput(
                name=model_input.name,
                feature=model_input.feature,
                category=model_input.category or "",
                required=model_input.required,
                minimum=model_input.minimum,
                maximum=model_input.maximum,
            )
            for model_input in manifest.inputs
        ],
        metrics=manifest.metrics,
        synthetic=manifest.training_data.origin.synthetic,
        training_rows=manifest.training_data.rows,
        training_data_sha256=manifest.training_data.sha256,
        feature_contract=manifest.feature_contract,
        cost_optimum=_cost_optimum(manifest.cost_optimum),
    )


def _cost_optimum(found: CostOptimum | None) -> scoring_pb2.CostOptimum | None:
    return None if found is None else scoring_pb2.CostOptimum(**found.model_dump())


def _value(value: record_pb2.FieldValue) -> Value:
    match value.WhichOneof("kind"):
        case "number":
            return value.number
        case "text":
            return value.text
    return None
