"""The one tree of errors: what can go wrong for a caller, free of any transport.

Pipeline, services and front end raise and catch these; ``services.common.status`` maps them to gRPC once.
A message is written for the person who has to act on it; it never holds internals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One faulty field: where it is (``"overrides[AMT_CREDIT]"``, ``"bureau.csv: DAYS_CREDIT, row 7"``) and why."""

    field: str
    description: str


class ClairscoreError(Exception):
    """Root of the tree. ``details`` are machine-readable facts about the error."""

    reason = "INTERNAL"

    def __init__(self, message: str, **details: str) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, str] = details


class InvalidInput(ClairscoreError):
    """The input is wrong and will stay wrong; every faulty field is named."""

    reason = "INVALID_INPUT"

    def __init__(self, violations: Sequence[Violation]) -> None:
        if not violations:
            raise ValueError("InvalidInput needs at least one violation")
        super().__init__("; ".join(f"{v.field}: {v.description}" for v in violations))
        self.violations = tuple(violations)


class NotFound(ClairscoreError):
    """What was asked for does not exist."""

    reason = "NOT_FOUND"


class FailedPrecondition(ClairscoreError):
    """The system is not in the state that the call needs (nothing published, another model version live)."""

    reason = "FAILED_PRECONDITION"


class ResourceExhausted(ClairscoreError):
    """A limit is reached: message or batch too large, queue full. ``retry_after`` in seconds, if it helps."""

    reason = "RESOURCE_EXHAUSTED"

    def __init__(self, message: str, *, retry_after: float | None = None, **details: str) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class Unavailable(ClairscoreError):
    """A part that is needed does not answer now. ``retry_after`` in seconds."""

    reason = "UNAVAILABLE"

    def __init__(self, message: str, *, retry_after: float = 1.0, **details: str) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class DeadlineExceeded(ClairscoreError):
    """The answer did not come, or could not be made, in the time that the caller gave."""

    reason = "DEADLINE_EXCEEDED"


class Misconfigured(ClairscoreError):
    """The program cannot start: a setting, a model folder or a port is wrong. Says which."""

    reason = "MISCONFIGURED"
