"""The main figures of a model's card, from the JSON document that goes with it."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from pipeline.evaluation.result import Interval


class _Part(BaseModel):
    """A part of the document; what this dashboard does not show is skipped."""

    model_config = ConfigDict(frozen=True)


class CalibrationBin(_Part):
    """Clients of similar expected default rate, beside the rate that was observed among them."""

    clients: int
    predicted: float
    observed: Interval


class Calibration(_Part):
    """Expected beside observed default rates, in the order of the expected ones."""

    expected_calibration_error: float
    reliability: Sequence[CalibrationBin]


class Group(_Part):
    """What becomes of a group of clients; ``acceptance_ratio`` compares it with the group of reference."""

    name: str
    clients: int
    acceptance: Interval
    default_rate: Interval
    acceptance_ratio: Interval | None = None
    four_fifths: str | None = None


class Fairness(_Part):
    """The groups of a protected attribute, at the acceptance threshold (on the probability of repayment)."""

    attribute: str
    reference: str
    groups: Sequence[Group]


class Shift(_Part):
    """How far a feature's, or the score's, distribution has moved: population stability index and its alarm."""

    feature: str
    psi: float
    alarm: str


class Drift(_Part):
    """Present clients against those the model was trained on; ``listed`` moved most."""

    reference_clients: int
    current_clients: int
    compared: int
    alarms: int
    score: Shift
    listed: Sequence[Shift]


class Performance(_Part):
    """How well defaults are told from repaid loans, on clients that the model had not seen."""

    clients: int
    defaults: int
    roc_auc: Interval
    gini: Interval
    ks: Interval
    brier: Interval


class CardFigures(_Part):
    """The card's main figures; a part that the card does not have is absent."""

    version: str
    performance: Performance | None = None
    calibration: Calibration | None = None
    fairness: Sequence[Fairness] = ()
    drift: Drift | None = None


def read_figures(document: bytes) -> CardFigures | None:
    """Reads the document; None when there is none."""
    return CardFigures.model_validate_json(document) if document else None
