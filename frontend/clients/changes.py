"""Changes of a client as the services tell of them: compared, proposed, saved. Free of any transport."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from frontend.clients.types import Score, Value


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A changed base feature; ``points`` is its part in the change of the probability of repayment, 0..1."""

    feature: str
    label: str
    before: Value
    after: Value
    points: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions of a client; the points of the changes add up to the change of the probability.

    ``exact`` is False where so many features differ that their parts are estimated (and still add up).
    """

    before: Score
    after: Score
    changes: Sequence[FieldChange]
    exact: bool
    summary: str


@dataclass(frozen=True, slots=True)
class Limit:
    """What an officer allows for one feature: ``fixed``, or at most this relative change (0..1); None: any."""

    feature: str
    fixed: bool = False
    max_relative_change: float | None = None


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """A part of a counterfactual."""

    feature: str
    label: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Changes that would have the client accepted, and how plausible (0..1) a client like that is."""

    changes: Sequence[ProposedChange]
    score: Score
    plausibility: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Counterfactuals:
    """The answers found, the cheapest first; not ``complete``: the time was over first."""

    answers: Sequence[Counterfactual]
    complete: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """Saved changes of a client under a name; ``obsolete`` ones are not accepted any more."""

    identifier: str
    name: str
    overrides: Mapping[str, Value]
    obsolete: Sequence[str]
    saved_at: str

    @property
    def usable(self) -> dict[str, Value]:
        """The changes that still can be made."""
        return {name: value for name, value in self.overrides.items() if name not in self.obsolete}
