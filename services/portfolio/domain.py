"""What the portfolio holds: publications, clients and their published scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from pipeline.features.dictionary import FeatureDictionary
from pipeline.model.manifest import Band, Decision
from pipeline.model.validation import Value


@dataclass(frozen=True, slots=True)
class Publication:
    """One filling of the portfolio: every client of a features file, scored by one model.

    ``lowest_id`` and ``highest_id`` bound the clients' identifiers. ``features_file`` is a name in the portfolio
    folder, never used twice; ``features_sha256`` is the hash of the features file that it was made from.
    """

    model_version: str
    published_at: datetime
    clients: int
    lowest_id: int
    highest_id: int
    synthetic: bool
    dictionary: FeatureDictionary
    features_file: str
    features_sha256: str

    @property
    def identifier(self) -> str:
        """What tells this publication from every other one."""
        return self.features_file.partition(".")[0]


@dataclass(frozen=True, slots=True)
class StoredScore:
    """A score as it was given: to a client when the portfolio was published, to an application before it was stored.

    Probabilities and rate in 0..1. The probabilities are on the score's scale; ``expected_default_rate`` is the share
    of such clients that defaults, None where an earlier version of Clairscore published.
    """

    probability_of_default: float
    probability_of_repayment: float
    band: Band
    decision: Decision
    model_version: str
    expected_default_rate: float | None = None


@dataclass(frozen=True, slots=True)
class ClientSummary:
    """What a list of clients shows: age in years, amounts in the portfolio's currency; None where missing."""

    sk_id_curr: int
    age: float | None
    income: float | None
    credit: float | None
    contract_type: str | None
    score: StoredScore


@dataclass(frozen=True, slots=True)
class Client:
    """One client: base features (what a score needs), the derived ones that follow from them, and the score."""

    sk_id_curr: int
    record: Mapping[str, Value]
    derived: Mapping[str, Value]
    score: StoredScore


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a search; ``next_page_token`` is empty on the last one, ``total`` counts all pages."""

    clients: tuple[ClientSummary, ...]
    next_page_token: str
    total: int


@dataclass(frozen=True, slots=True)
class Block:
    """Columns of some clients, and the publication that they are of."""

    columns: pa.RecordBatch
    publication: Publication


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named set of changes of one client: base features that replace its own, as they were saved.

    ``obsolete`` names those that the live dictionary does not accept (any more).
    """

    identifier: str
    sk_id_curr: int
    name: str
    overrides: Mapping[str, Value]
    saved_at: datetime
    obsolete: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Application:
    """The application of a person who is not in the portfolio: base features and the score that they were given.

    ``reference`` is what the officer calls it, perhaps nothing. ``obsolete`` names features with a value that the live
    dictionary does not accept (any more).
    """

    identifier: str
    reference: str
    record: Mapping[str, Value]
    score: StoredScore
    stored_at: datetime
    obsolete: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicationSummary:
    """What a list of applications shows: amounts in the portfolio's currency; ``number`` is its place, it rises."""

    number: int
    identifier: str
    reference: str
    stored_at: datetime
    income: float | None
    credit: float | None
    score: StoredScore
