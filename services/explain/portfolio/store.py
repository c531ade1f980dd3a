"""One publication, every client of it explained by one model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.features.dictionary import FeatureDictionary
from pipeline.features.store import ID
from services.common.errors import FailedPrecondition
from services.explain.portfolio.cohort import AnyOf, Cohort, FeatureFilter, Missing, Range, Similar, check
from services.explain.portfolio.drift import Measured, Reference, measure
from services.explain.portfolio.neighbours import Neighbours
from services.explain.portfolio.parts import (
    BAND,
    DECISION,
    EVERYBODY,
    Condition,
    Parts,
    contribution_of,
    identifier,
    one_of,
)
from services.explain.portfolio.ranks import Importance, Ranks

COMPLETE = "complete.json"
RANKS = "ranks.npz"


class Complete(BaseModel):
    """What a folder of explanations is of; its file is written last, so that a folder without it is not complete."""

    model_config = ConfigDict(frozen=True)

    # Of how explanations are kept; those of another one are computed again.
    layout: int
    model_version: str
    # SHA-256 of the model's trees.
    model_sha256: str
    publication: str
    # The model's, in the order of its contributions.
    features: tuple[str, ...]
    clients: int

    @classmethod
    def read(cls, folder: Path) -> "Complete | None":
        """Returns what a folder is of; None: it is not complete, or not one of ours."""
        try:
            return cls.model_validate_json((folder / COMPLETE).read_bytes())
        except (OSError, ValidationError):
            return None


@dataclass(frozen=True, slots=True)
class Selection:
    """The clients of a cohort: how many, and which."""

    clients: int
    condition: Condition


class ExplainedPortfolio:
    """Reads a complete folder of explanations. Blocking, and safe to call from several threads at once.

    Columns are features of the dictionary, ``SK_ID_CURR``, ``TARGET``, ``probability_of_repayment``, ``margin``,
    ``band``, ``decision``, and ``contribution_of(name)`` of the model's features.
    """

    def __init__(self, folder: Path, dictionary: FeatureDictionary, *, threads: int = 1) -> None:
        """Opens a folder; ``threads`` answer one call.

        Raises:
            FileNotFoundError: it is not complete.
        """
        about = Complete.read(folder)
        if about is None:
            raise FileNotFoundError(f"{folder} holds no complete explanations")
        self.about = about
        self.clients = about.clients
        self.features = about.features
        self.ranks = Ranks.load(folder / RANKS)
        self.neighbours = Neighbours.load(folder)
        self._dictionary = dictionary
        self._parts = Parts(folder, threads=threads)

    def select(self, cohort: Cohort) -> Selection:
        """Finds the clients of a cohort.

        Raises:
            InvalidInput: a condition makes no sense; names every such condition.
            FailedPrecondition: nobody satisfies the conditions.
        """
        check(cohort, self._dictionary)
        condition = _condition(cohort)
        if cohort.similar is not None:
            ids = self._nearest(cohort.similar, condition)
            condition = one_of(ids)
            clients = len(ids)
        elif condition == EVERYBODY:
            clients = self.clients
        else:
            ((clients,),) = self._parts.rows("count(*)", condition)
        if not clients:
            raise FailedPrecondition("No client satisfies the conditions of the cohort.", cohort_clients="0")
        return Selection(clients, condition)

    def read(self, selection: Selection, columns: Sequence[str], *, sample: int | None = None) -> pa.Table:
        """Returns columns of the selected clients, ordered by identifier; missing is null.

        Numbers are float64, contributions float32, categories strings. With ``sample`` at most so many clients, drawn
        by a hash of their identifiers: always the same ones of the same cohort.
        """
        if sample is not None and sample < selection.clients:
            return self._parts.sample(columns, selection.condition, sample)
        return self._parts.table(columns, selection.condition)

    def importance(self, selection: Selection) -> Importance:
        """Mean absolute and mean contributions of the selected clients; of all clients they are known in advance."""
        if selection.condition == EVERYBODY:
            return self.ranks.whole
        return Importance.of(self._parts, self.features, selection.condition)

    def drift(self, reference: Reference) -> tuple[int, tuple[Measured, ...]]:
        """How many new clients there are, and how far they have drifted from the training clients."""
        return measure(reference, self._parts)

    def _nearest(self, similar: Similar, condition: Condition) -> list[int]:
        # By one scan, and so exact whatever the other conditions leave.
        columns = (identifier(contribution_of(name)) for name in self.features)
        distance = " + ".join(f"({column} - ?::DOUBLE) ** 2" for column in columns)
        parameters = [*similar.contributions, similar.count]
        rows = self._parts.rows(ID, condition, f"ORDER BY {distance}, {ID} LIMIT ?", parameters)
        return [row[0] for row in rows]


def _condition(cohort: Cohort) -> Condition:
    """What a cohort's conditions but ``similar`` are in SQL."""
    found = [_filter(item) for item in cohort.filters]
    if cohort.decision is not None:
        found.append(Condition(f"{DECISION} = ?", (cohort.decision.value,)))
    if cohort.bands:
        found.append(_any_of(BAND, [band.value for band in cohort.bands]))
    if not found:
        return EVERYBODY
    return Condition(" AND ".join(c.sql for c in found), tuple(p for c in found for p in c.parameters))


def _filter(item: FeatureFilter) -> Condition:
    column = identifier(item.feature)
    match item.condition:
        case AnyOf(values):
            return _any_of(column, values)
        case Range(minimum, maximum):
            low = float("-inf") if minimum is None else minimum
            high = float("inf") if maximum is None else maximum
            return Condition(f"{column} BETWEEN ?::DOUBLE AND ?::DOUBLE", (low, high))
        case Missing(missing):
            return Condition(f"{column} IS {'' if missing else 'NOT '}NULL")
        case None:
            raise ValueError(f"filter on {item.feature} has no condition")


def _any_of(column: str, values: Sequence[str]) -> Condition:
    return Condition(f"{column} IN ({', '.join('?' * len(values))})", tuple(values))
