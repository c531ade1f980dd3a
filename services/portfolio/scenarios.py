"""Named changes of clients that officers keep; free of any transport."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from pipeline.features.dictionary import FeatureDictionary, Role
from pipeline.model.validation import RecordValidator, Value
from services.common.errors import InvalidInput, NotFound, ResourceExhausted, Violation
from services.portfolio.database import Database
from services.portfolio.domain import Scenario
from services.portfolio.portfolio import Portfolio

MAX_NAME = 80
MAX_OVERRIDES = 300
MAX_PER_CLIENT = 50
_SHOWN = 60


class SavedScenarios:
    """The scenarios of the clients of the live publication.

    Every method raises ``InvalidInput`` for an identifier that is none, ``NotFound`` for a client that is not
    published, ``FailedPrecondition`` when nothing is, and ``Unavailable`` when the database does not answer.
    """

    def __init__(self, database: Database, portfolio: Portfolio) -> None:
        self._database = database
        self._portfolio = portfolio

    async def save(self, sk_id_curr: int, name: str, overrides: Mapping[str, Value]) -> Scenario:
        """Saves changes of a client under a name; those of the same name are replaced, and keep their identifier.

        Raises:
            InvalidInput: the name or an override is wrong; names all of them.
            ResourceExhausted: the client has as many scenarios as it may have.
        """
        dictionary = (await self._portfolio.publication_of(sk_id_curr)).dictionary
        _check(name, overrides, dictionary)
        scenario = Scenario(uuid4().hex, sk_id_curr, name, overrides, datetime.now(UTC))
        async with self._database.writing() as unit:
            # Two officers who save at the same moment may pass together: the limit keeps lists short, no more.
            if await unit.scenarios.others(sk_id_curr, name) >= MAX_PER_CLIENT:
                raise ResourceExhausted(
                    f"Client {sk_id_curr} has {MAX_PER_CLIENT} scenarios already: delete one, or save under its name."
                )
            identifier = await unit.scenarios.save(scenario)
        return replace(scenario, identifier=identifier)

    async def of(self, sk_id_curr: int) -> list[Scenario]:
        """Returns a client's scenarios, the last saved first."""
        dictionary = (await self._portfolio.publication_of(sk_id_curr)).dictionary
        async with self._database.reading() as unit:
            return [read(scenario, dictionary) for scenario in await unit.scenarios.of(sk_id_curr)]

    async def get(self, sk_id_curr: int, identifier: str) -> Scenario:
        """Returns a scenario of a client.

        Raises:
            NotFound: the client has no such scenario.
        """
        dictionary = (await self._portfolio.publication_of(sk_id_curr)).dictionary
        async with self._database.reading() as unit:
            scenario = await unit.scenarios.get(sk_id_curr, identifier)
        if scenario is None:
            raise NotFound(f"Client {sk_id_curr} has no such scenario.", scenario_id=identifier[:_SHOWN])
        return read(scenario, dictionary)

    async def delete(self, sk_id_curr: int, identifier: str) -> None:
        """Forgets a scenario of a client, if it has it."""
        await self._portfolio.publication_of(sk_id_curr)
        async with self._database.writing() as unit:
            await unit.scenarios.delete(sk_id_curr, identifier)


def read(scenario: Scenario, dictionary: FeatureDictionary) -> Scenario:
    """A scenario with what a dictionary does not accept (any more) named as obsolete."""
    return replace(scenario, obsolete=tuple(sorted(name for name, _ in _faults(scenario.overrides, dictionary))))


def _check(name: str, overrides: Mapping[str, Value], dictionary: FeatureDictionary) -> None:
    violations = []
    if not 1 <= len(name) <= MAX_NAME or name != name.strip() or not name.isprintable():
        violations.append(Violation("name", f"must be 1 to {MAX_NAME} characters that can be seen, no spaces around"))
    if not 1 <= len(overrides) <= MAX_OVERRIDES:
        violations.append(Violation("overrides", f"must be 1 to {MAX_OVERRIDES}"))
    else:
        faults = _faults(overrides, dictionary)
        violations += [Violation(f"overrides[{feature[:_SHOWN]}]", fault) for feature, fault in faults]
    if violations:
        raise InvalidInput(violations)


def _faults(overrides: Mapping[str, Value], dictionary: FeatureDictionary) -> Iterator[tuple[str, str]]:
    records = RecordValidator(dictionary)
    for name, value in overrides.items():
        feature = dictionary.by_name.get(name)
        if feature is None:
            yield name, "is not a feature"
        elif feature.role is Role.DERIVED:
            yield name, "is a derived feature: it is always computed, leave it out"
        elif not feature.editable:
            yield name, "may not be changed"
        elif (fault := records.fault(name, value)) is not None:
            yield name, fault
