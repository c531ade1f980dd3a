"""Between the scoring contract and plain Python."""

import numpy as np
from clairscore.scoring.v1 import scoring_pb2

from pipeline.model.encoding import Matrix
from pipeline.model.manifest import ONNX, Band, CostOptimum, Decision, Manifest
from services.common.convert import BANDS, DECISIONS
from services.common.errors import InvalidInput, Violation
from services.scoring.scorer import Scores

_BANDS_BY_POSITION = np.array([BANDS[band] for band in Band])
_DECISIONS_BY_ACCEPTED = np.array([DECISIONS[Decision.REFUSE], DECISIONS[Decision.ACCEPT]])


def vector(message: scoring_pb2.FeatureVector) -> Matrix:
    """The vector as one row, shape (1, values)."""
    return np.array(message.values, dtype=np.float32).reshape(1, -1)


def block(message: scoring_pb2.ScoreBatchRequest, width: int) -> Matrix:
    """The block's rows, shape (rows, width).

    Raises:
        InvalidInput: the number of values is not rows × width.
    """
    if len(message.values) != message.rows * width:
        expected = f"{message.rows} rows × {width} model inputs = {message.rows * width} values"
        raise InvalidInput([Violation("values", f"must hold {expected}, not {len(message.values)}")])
    return np.array(message.values, dtype=np.float32).reshape(message.rows, width)


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
                band=BANDS[band.band],
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
