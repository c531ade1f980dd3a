"""New applications as the portfolio service keeps them, free of any transport; and the messages that say them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clairscore.portfolio.v1 import portfolio_pb2

from frontend.clients import convert
from frontend.clients.types import Score, Value


@dataclass(frozen=True, slots=True)
class Application:
    """The application of a person who is not in the portfolio, with the score of the model that was live then.

    ``obsolete`` features are not accepted any more.
    """

    identifier: str
    reference: str
    record: Mapping[str, Value]
    score: Score
    stored_at: str
    obsolete: Sequence[str] = ()

    @property
    def given(self) -> dict[str, Value]:
        """The values that were known."""
        return {name: value for name, value in self.record.items() if value is not None}

    @property
    def usable(self) -> dict[str, Value]:
        """Those of them that can still be scored."""
        return {name: value for name, value in self.given.items() if name not in self.obsolete}


@dataclass(frozen=True, slots=True)
class ApplicationSummary:
    """An application in a list; amounts in the currency of the data."""

    identifier: str
    reference: str
    stored_at: str
    income: float | None
    credit: float | None
    score: Score


def to_application(message: portfolio_pb2.Application) -> Application:
    """Reads an application."""
    return Application(
        identifier=message.application_id,
        reference=message.reference,
        record={name: convert.to_value(value) for name, value in message.record.fields.items()},
        score=convert.to_score(message.score),
        stored_at=message.stored_at,
        obsolete=tuple(message.obsolete),
    )


def to_summary(message: portfolio_pb2.ApplicationSummary) -> ApplicationSummary:
    """Reads a line of the list of applications."""
    return ApplicationSummary(
        identifier=message.application_id,
        reference=message.reference,
        stored_at=message.stored_at,
        income=message.income if message.HasField("income") else None,
        credit=message.credit if message.HasField("credit") else None,
        score=convert.to_score(message.score),
    )
