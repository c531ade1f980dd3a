"""What the services tell the dashboard, free of any transport."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.evaluation.result import Interval

# A number in the unit of the feature dictionary, a category as the data spells it, or None: missing.
Value = float | str | None


class Service(StrEnum):
    """The services that a page depends on."""

    PORTFOLIO = "portfolio"
    SCORING = "scoring"
    EXPLAIN = "explain"
    EMBEDDING = "embedding"


class Band(StrEnum):
    """The seven risk bands, from the least to the most probable repayment."""

    VERY_HIGH = "very_high"
    HIGH = "high"
    SLIGHTLY_HIGH = "slightly_high"
    MEDIUM = "medium"
    SLIGHTLY_LOW = "slightly_low"
    LOW = "low"
    VERY_LOW = "very_low"


class Decision(StrEnum):
    """What a score proposes."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class Unit(StrEnum):
    """Units of features, as in the contract."""

    NONE = "none"
    CURRENCY = "currency"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"
    COUNT = "count"
    SHARE = "share"
    FLAG = "flag"
    HOUR = "hour"
    VARIANCE = "variance"


@dataclass(frozen=True, slots=True)
class Score:
    """A score; probability and rate lie in 0..1.

    ``expected_default_rate`` is the share of such clients that defaults, None where that was not known.
    """

    probability_of_repayment: float
    band: Band
    decision: Decision
    model_version: str
    expected_default_rate: float | None = None


@dataclass(frozen=True, slots=True)
class BandRange:
    """The probabilities of repayment of one band: ``lower <= p < upper``.

    ``default_rate`` was observed on clients that the model had not seen; None where there were none.
    """

    band: Band
    lower: float
    upper: float
    default_rate: Interval | None = None


@dataclass(frozen=True, slots=True)
class CostOptimum:
    """A missed default costs as much as ``cost_ratio`` refused good clients; the threshold that is then cheapest."""

    cost_ratio: float
    threshold: Interval


@dataclass(frozen=True, slots=True)
class InputRange:
    """The values of a feature that a model accepts, inclusive; None: no limit."""

    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """The model that gives the scores. ``threshold`` is the least probability of repayment that is accepted.

    ``inputs`` has every feature that it uses, by name.
    """

    version: str
    created_at: str
    threshold: float
    bands: Sequence[BandRange]
    cost_optimum: CostOptimum | None = None
    inputs: Mapping[str, InputRange] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Client:
    """A client: base features (what is scored) and derived ones, by name."""

    sk_id_curr: int
    record: Mapping[str, Value]
    derived: Mapping[str, Value]

    def value(self, feature: str) -> Value:
        """The client's value of any feature; None when it is missing."""
        return self.record[feature] if feature in self.record else self.derived.get(feature)


@dataclass(frozen=True, slots=True)
class ClientSummary:
    """A client in a list of results: age in years, amounts in the currency of the data; None where unknown.

    ``score`` is that of the publication; ``contract_type`` is empty where unknown.
    """

    sk_id_curr: int
    age: float | None
    income: float | None
    credit: float | None
    contract_type: str
    score: Score


@dataclass(frozen=True, slots=True)
class SearchResults:
    """A page of the clients that match, ordered by identifier, and how many match in all.

    ``next_page`` leads to the page after it; empty on the last one.
    """

    clients: Sequence[ClientSummary]
    total: int
    next_page: str = ""


@dataclass(frozen=True, slots=True)
class AttributeFilter:
    """A condition on an attribute of the search: one of some categories, or a range whose absent side is open."""

    attribute: str
    categories: Sequence[str] = ()
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A name in the languages of the feature dictionary."""

    fr: str
    en: str

    def of(self, language: str) -> str:
        """The name in French or, for any other language, in English."""
        return self.fr if language == "fr" else self.en


class Role(StrEnum):
    """Where a feature comes from."""

    APPLICATION = "application"
    HISTORY = "history"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Feature:
    """An entry of the feature dictionary, as the contract describes it; the range is None where there is none."""

    name: str
    label: Label
    unit: Unit
    categories: Mapping[str, Label]
    role: Role = Role.APPLICATION
    source_table: str = ""
    source_column: str = ""
    aggregation: str = ""
    minimum: float | None = None
    maximum: float | None = None
    median: float | None = None
    missing_rate: float = 0.0
    editable: bool = False
    protected: bool = False
    actionable: bool = False

    @property
    def is_age(self) -> bool:
        """Whether its days since birth are what a person calls an age."""
        return self.name == "DAYS_BIRTH"


@dataclass(frozen=True, slots=True)
class FeatureDictionary:
    """The features by name, and the hash of the contract that they belong to."""

    features: Mapping[str, Feature]
    contract: str


@dataclass(frozen=True, slots=True)
class Publication:
    """What the portfolio holds: number of clients, whether the data is made up, the contract of its features.

    ``identifier`` is another one with every publication.
    """

    clients: int
    synthetic: bool
    published_at: str
    feature_contract: str
    identifier: str = ""
