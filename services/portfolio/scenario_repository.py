"""The scenarios in the database, as domain types."""

from sqlalchemy import ColumnElement, Row, and_, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from services.portfolio.domain import Scenario
from services.portfolio.tables import scenarios


class Scenarios:
    """Every client's scenarios."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def save(self, scenario: Scenario) -> str:
        """Saves a scenario under its name; returns its identifier, which one of the same name hands on."""
        insert = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        values = {
            "id": scenario.identifier,
            "sk_id_curr": scenario.sk_id_curr,
            "name": scenario.name,
            "overrides": dict(scenario.overrides),
            "saved_at": scenario.saved_at,
        }
        statement = (
            insert(scenarios)
            .values(values)
            .on_conflict_do_update(
                index_elements=[scenarios.c.sk_id_curr, scenarios.c.name],
                set_={name: values[name] for name in ("overrides", "saved_at")},
            )
            .returning(scenarios.c.id)
        )
        saved: str = (await self._connection.execute(statement)).scalar_one()
        return saved

    async def others(self, sk_id_curr: int, name: str) -> int:
        """Returns how many scenarios of other names a client has."""
        other = and_(scenarios.c.sk_id_curr == sk_id_curr, scenarios.c.name != name)
        found: int | None = await self._connection.scalar(select(func.count()).select_from(scenarios).where(other))
        return found or 0

    async def of(self, sk_id_curr: int) -> list[Scenario]:
        """Returns a client's scenarios, the last saved first."""
        statement = (
            select(scenarios)
            .where(scenarios.c.sk_id_curr == sk_id_curr)
            .order_by(scenarios.c.saved_at.desc(), scenarios.c.name)
        )
        return [_scenario(row) for row in await self._connection.execute(statement)]

    async def get(self, sk_id_curr: int, identifier: str) -> Scenario | None:
        """Returns a scenario of a client; None: it has no such one."""
        row = (await self._connection.execute(select(scenarios).where(_one(sk_id_curr, identifier)))).one_or_none()
        return None if row is None else _scenario(row)

    async def delete(self, sk_id_curr: int, identifier: str) -> None:
        """Removes a scenario of a client, if it has it."""
        await self._connection.execute(delete(scenarios).where(_one(sk_id_curr, identifier)))


def _one(sk_id_curr: int, identifier: str) -> ColumnElement[bool]:
    return and_(scenarios.c.id == identifier, scenarios.c.sk_id_curr == sk_id_curr)


def _scenario(row: Row[tuple[object, ...]]) -> Scenario:
    return Scenario(
        identifier=row.id,
        sk_id_curr=row.sk_id_curr,
        name=row.name,
        overrides=row.overrides,
        saved_at=row.saved_at,
    )
