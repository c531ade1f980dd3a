"""Applications of persons who are not in the portfolio; free of any transport."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from pipeline.features.dictionary import FeatureDictionary
from pipeline.model.manifest import Band, Decision
from pipeline.model.validation import RecordValidator, Value
from services.common.errors import InvalidInput, NotFound, Violation
from services.portfolio.database import Database
from services.portfolio.domain import Application, ApplicationSummary, StoredScore
from services.portfolio.portfolio import Portfolio

MAX_REFERENCE = 80
MAX_REQUEST_ID = 64
MAX_VERSION = 200
DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
# The two probabilities of one score add up to one but for rounding.
_TOLERANCE = 1e-6
_SHOWN = 60
_LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class GivenScore:
    """A score as a caller hands it over; None: it says no band or no decision."""

    probability_of_default: float
    probability_of_repayment: float
    band: Band | None
    decision: Decision | None
    model_version: str
    expected_default_rate: float | None = None


class StoredApplications:
    """The applications; none of them belongs to a publication.

    Every method raises ``Unavailable`` when the database does not answer; those that need the live dictionary raise
    ``FailedPrecondition`` when nothing is published.
    """

    def __init__(self, database: Database, portfolio: Portfolio) -> None:
        self._database = database
        self._portfolio = portfolio

    async def save(
        self, request_id: str, reference: str, record: Mapping[str, Value], score: GivenScore
    ) -> Application:
        """Stores an application; a request that was stored already gives what was stored then.

        Raises:
            InvalidInput: request, reference, record or score are wrong, all faults are named; or another record was
                stored with this request.
        """
        dictionary = (await self._portfolio.publication()).dictionary
        violations = [
            *_text_faults(request_id, reference),
            *_record_faults(record, dictionary),
            *_score_faults(score),
        ]
        if violations or score.band is None or score.decision is None:
            raise InvalidInput(violations)
        kept = StoredScore(
            score.probability_of_default,
            score.probability_of_repayment,
            score.band,
            score.decision,
            score.model_version,
            score.expected_default_rate,
        )
        application = Application(uuid4().hex, reference, record, kept, datetime.now(UTC))
        async with self._database.writing() as unit:
            stored = await unit.applications.add(application, request_id)
        if stored.record != record:
            raise InvalidInput([Violation("request_id", "another record was stored with it: choose a new one")])
        return stored

    async def get(self, identifier: str) -> Application:
        """Returns an application, with what the live dictionary no longer accepts named as obsolete.

        Raises:
            NotFound: there is no such application.
        """
        dictionary = (await self._portfolio.publication()).dictionary
        async with self._database.reading() as unit:
            found = await unit.applications.get(identifier)
        if found is None:
            raise NotFound("There is no such application.", application_id=identifier[:_SHOWN])
        return read(found, dictionary)

    async def page(self, page_size: int = 0, page_token: str = "") -> tuple[list[ApplicationSummary], str]:
        """Returns a page of all applications, the last stored first, and the next page's token, "" on the last page.

        Raises:
            InvalidInput: size or token are wrong.
        """
        violations = []
        if not 0 <= page_size <= MAX_PAGE_SIZE:
            text = f"must be between 1 and {MAX_PAGE_SIZE}, or 0 for {DEFAULT_PAGE_SIZE}"
            violations.append(Violation("page_size", text))
        before = _number(page_token)
        if page_token and before is None:
            violations.append(Violation("page_token", "is not one of ours: leave it empty for the first page"))
        if violations:
            raise InvalidInput(violations)
        size = page_size or DEFAULT_PAGE_SIZE
        async with self._database.reading() as unit:
            # One more than asked for tells whether there is another page.
            found = await unit.applications.page(before, size + 1)
        return found[:size], str(found[size - 1].number) if len(found) > size else ""


def read(application: Application, dictionary: FeatureDictionary) -> Application:
    """An application with the values named that a dictionary does not accept (any more)."""
    records, base = RecordValidator(dictionary), {feature.name for feature in dictionary.base}
    obsolete = (
        name
        for name, value in application.record.items()
        if value is not None and (name not in base or records.fault(name, value) is not None)
    )
    return replace(application, obsolete=tuple(sorted(obsolete)))


def _text_faults(request_id: str, reference: str) -> Iterator[Violation]:
    if not 1 <= len(request_id) <= MAX_REQUEST_ID or not request_id.isprintable():
        yield Violation("request_id", f"must be 1 to {MAX_REQUEST_ID} characters, for example a UUID")
    if len(reference) > MAX_REFERENCE or reference != reference.strip() or not reference.isprintable():
        text = f"must be at most {MAX_REFERENCE} characters that can be seen, no spaces around"
        yield Violation("reference", text)


def _record_faults(record: Mapping[str, Value], dictionary: FeatureDictionary) -> Iterator[Violation]:
    try:
        RecordValidator(dictionary).validate(record)
    except InvalidInput as error:
        yield from (Violation(f"record[{fault.field}]", fault.description) for fault in error.violations)


def _score_faults(score: GivenScore) -> Iterator[Violation]:
    shares = {
        "probability_of_default": score.probability_of_default,
        "probability_of_repayment": score.probability_of_repayment,
        "expected_default_rate": score.expected_default_rate,
    }
    faulty = [name for name, share in shares.items() if share is not None and not 0 <= share <= 1]
    for name in faulty:
        yield Violation(f"score.{name}", "must lie in 0..1")
    total = score.probability_of_default + score.probability_of_repayment
    if not faulty and not math.isclose(total, 1, abs_tol=_TOLERANCE):
        yield Violation("score.probability_of_repayment", "must be 1 - probability_of_default")
    for name, value in (("band", score.band), ("decision", score.decision)):
        if value is None:
            yield Violation(f"score.{name}", "must be set")
    if not 1 <= len(score.model_version) <= MAX_VERSION or not score.model_version.isprintable():
        yield Violation("score.model_version", "must be the version of the model that gave the score")


def _number(token: str) -> int | None:
    """The number that a page token holds; None: it is none."""
    if not (token.isascii() and token.isdigit() and len(token) <= len(str(_LARGEST_NUMBER))):
        return None
    return min(int(token), _LARGEST_NUMBER)
