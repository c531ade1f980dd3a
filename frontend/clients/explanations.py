"""What the explain service tells the dashboard, free of any transport.

Contributions are log-odds of default, positive raises the risk; points are of the probability of repayment (1 is
100 points on the officer's scale), positive raises it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from frontend.clients.types import Band, Decision, Score, Value


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature does to the score of a client; the comparisons with the portfolio are None where unknown."""

    feature: str
    label: str
    value: Value
    contribution: float
    points: float
    portfolio_median: float | None = None
    portfolio_percentile: float | None = None
    global_importance: float | None = None
    contribution_percentile: float | None = None
    protected: bool = False


@dataclass(frozen=True, slots=True)
class GroupContribution:
    """The sum over a family of features, or over a source table."""

    name: str
    label: str
    contribution: float
    points: float


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason in words."""

    feature: str
    sentence: str
    points: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a client has this score: base probability plus all points is the client's probability of repayment."""

    score: Score
    base_probability_of_repayment: float
    contributions: Sequence[Contribution]
    families: Sequence[GroupContribution]
    tables: Sequence[GroupContribution]
    summary: str
    reasons_for: Sequence[Reason]
    reasons_against: Sequence[Reason]

    @property
    def compared(self) -> bool:
        """Whether it says how the client compares with the portfolio; not while the portfolio is being explained."""
        return any(one.global_importance is not None for one in self.contributions)

    def of(self, feature: str) -> Contribution | None:
        """The contribution of a feature; None when the model does not use it."""
        return next((one for one in self.contributions if one.feature == feature), None)


@dataclass(frozen=True, slots=True)
class ComparableClient:
    """Another client; ``distance`` is that of the contributions (Euclidean, log-odds), 0: explained in the same way."""

    sk_id_curr: int
    probability_of_repayment: float
    distance: float


@dataclass(frozen=True, slots=True)
class ComparableClients:
    """The accepted and the refused clients whose scores are explained most alike, the nearest first."""

    accepted: Sequence[ComparableClient]
    refused: Sequence[ComparableClient]


@dataclass(frozen=True, slots=True)
class FeatureFilter:
    """A condition on a feature: a range with both ends included (None: open), or one of some categories."""

    feature: str
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cohort:
    """Clients that satisfy every condition that is given; none given: the whole portfolio."""

    decision: Decision | None = None
    band: Band | None = None
    filters: tuple[FeatureFilter, ...] = ()


PORTFOLIO = Cohort()


@dataclass(frozen=True, slots=True)
class Importance:
    """How much a feature weighs: mean absolute contributions over a cohort and over the portfolio."""

    feature: str
    label: str
    mean_absolute: float
    mean: float
    portfolio_mean_absolute: float


@dataclass(frozen=True, slots=True)
class Importances:
    """Every feature that the model uses, the most important for the cohort first, and the cohort's clients."""

    clients: int
    features: Sequence[Importance]


@dataclass(frozen=True, slots=True)
class Swarm:
    """Contributions of a feature by client, and the ranks of the values among the portfolio's, 0..1; NaN: missing."""

    feature: str
    label: str
    contributions: Sequence[float]
    ranks: Sequence[float]


@dataclass(frozen=True, slots=True)
class Beeswarm:
    """The most important features of a cohort; all swarms are of the same clients, drawn from so many."""

    clients: int
    swarms: Sequence[Swarm]


class ZoneRisk(StrEnum):
    """What a zone of values does to the risk."""

    LOWERS = "lowers"
    NEUTRAL = "neutral"
    RAISES = "raises"


@dataclass(frozen=True, slots=True)
class Zone:
    """An interval of values with one level of risk; ``share`` of the cohort's clients lie in it, 0..1."""

    lower: float
    upper: float
    contribution: float
    risk: ZoneRisk
    share: float


@dataclass(frozen=True, slots=True)
class RateBin:
    """Clients whose values lie together; the default rate is absent without a known outcome.

    Numbers: ``lower <= value < upper``, the last bin including its upper edge. ``category`` is empty for a number.
    """

    lower: float
    upper: float
    category: str
    clients: int
    known: int
    default_rate: float | None
    default_rate_low: float | None
    default_rate_high: float | None
    contribution: float


@dataclass(frozen=True, slots=True)
class Effect:
    """How a feature acts on the score. Values of a category are positions in ``categories``; NaN: missing."""

    label: str
    clients: int
    values: Sequence[float]
    contributions: Sequence[float]
    categories: Sequence[str]
    grid: Sequence[float]
    partial_dependence: Sequence[float]
    individual: Sequence[float]
    critical_values: Sequence[float]
    zones: Sequence[Zone]
    default_rates: Sequence[RateBin]
    missing: RateBin | None
