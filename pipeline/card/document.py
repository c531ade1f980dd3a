"""The model card as a document: every figure that the page shows, and nothing that depends on a language."""

from enum import StrEnum
from typing import Literal

from pipeline.evaluation.bands import Bands
from pipeline.evaluation.calibration import Brier, ReliabilityBin
from pipeline.evaluation.discrimination import Confusion, Curve, Decile, KolmogorovSmirnov, Stability
from pipeline.evaluation.drift import Drift
from pipeline.evaluation.fairness import Fairness
from pipeline.evaluation.result import Interval, Result
from pipeline.evaluation.threshold import CostCurve, OperatingPoint


class Data(Result):
    """What the model was trained on."""

    rows: int
    default_rate: float
    synthetic: bool
    tables: tuple[str, ...]
    # Input tables of the layout that were not there.
    absent_tables: tuple[str, ...]


class Importance(Result):
    """A feature's share (0..1) of the loss that all splits of the model saved (gain)."""

    feature: str
    protected: bool
    share: float


class FeatureLabel(Result):
    """A feature's label in each language."""

    fr: str
    en: str


class Inputs(Result):
    """What the model reads. A feature with categories is several inputs."""

    inputs: int
    features: int
    # Inputs that were left out because the ranking of the clients does not need them.
    deselected: int
    # Clients whom inputs and hyper-parameters were chosen on, where that was a sample; None: all.
    chosen_on: int | None
    top: tuple[Importance, ...]
    # Features among all inputs that law or decency protects: age, gender, family.
    protected: tuple[str, ...]


class ScoreDistribution(Result):
    """Share of the repaid loans, and of the defaults, in equal bins of the probability of repayment."""

    edges: tuple[float, ...]
    repaid: tuple[float, ...]
    defaults: tuple[float, ...]


class Performance(Result):
    """Discrimination, on clients that the scoring model had not seen."""

    clients: int
    defaults: int
    roc_auc: Interval
    gini: Interval
    ks: Interval
    average_precision: Interval
    brier: Interval
    ks_at: KolmogorovSmirnov
    roc: Curve
    precision_recall: Curve
    deciles: tuple[Decile, ...]
    distribution: ScoreDistribution


class Calibration(Result):
    """How the probabilities were calibrated, and how true they are after (and before) it."""

    method: str
    log_loss: dict[str, float]
    brier: Brier
    expected_calibration_error: float
    reliability: tuple[ReliabilityBin, ...]
    reliability_before: tuple[ReliabilityBin, ...]


class Operation(Result):
    """A threshold, by the part that it plays, with what it does."""

    role: str
    point: OperatingPoint
    confusion: Confusion


class Acceptance(Result):
    """The acceptance threshold in use, and others to compare it with; the first operation is the one in use."""

    cost: CostCurve
    operations: tuple[Operation, ...]


class Drifts(Result):
    """Training clients against new ones: the score, and the most drifted of the features; every alarm is among them."""

    reference_clients: int
    current_clients: int
    compared: int
    alarms: int
    score: Drift
    listed: tuple[Drift, ...]


class OutOfTime(Result):
    """How a model that learned from the older applications does on the newest ones.

    ``predicted`` is the mean calibrated probability of default of the newest clients, ``default_rate`` what came.
    """

    trained_until: str
    clients: int
    predicted: float
    default_rate: Interval
    roc_auc: Interval
    ks: Interval
    average_precision: Interval
    brier: Interval


class LimitCode(StrEnum):
    """A limit of the model that follows from the figures or from the kind of data."""

    SYNTHETIC = "synthetic"
    ACCEPTED_ONLY = "accepted_only"
    NOT_OUT_OF_TIME = "not_out_of_time"
    ABSENT_TABLES = "absent_tables"
    FEW_DEFAULTS = "few_defaults"
    PROTECTED_INPUTS = "protected_inputs"
    BANDS_NOT_MONOTONE = "bands_not_monotone"
    FOUR_FIFTHS = "four_fifths"
    CALIBRATION_BY_GROUP = "calibration_by_group"
    DRIFT = "drift"


class Limit(Result):
    """A limit, and what it concerns: tables, features, or ``attribute=group``."""

    code: LimitCode
    names: tuple[str, ...] = ()


class ModelCard(Result):
    """Everything that the card of one model version says."""

    version: str
    created_at: str
    feature_contract: str
    data_sha256: str
    data: Data
    inputs: Inputs
    performance: Performance
    calibration: Calibration
    acceptance: Acceptance
    bands: Bands
    stability: Stability
    # None where the data has no dates.
    out_of_time: OutOfTime | None
    fairness: tuple[Fairness, ...]
    drift: Drifts | None
    limits: tuple[Limit, ...]
    # Labels of every feature that is named anywhere in the card.
    labels: dict[str, FeatureLabel]
    libraries: dict[str, str]
    files: dict[str, str]

    def label(self, feature: str, language: Literal["fr", "en"]) -> str:
        """A feature's label, or its name if the card holds none."""
        found = self.labels.get(feature)
        return feature if found is None else found.fr if language == "fr" else found.en
