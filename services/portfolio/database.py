"""The portfolio database: its transactions, and what its failures mean to a caller."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.common import tracing
from services.common.errors import Unavailable
from services.portfolio.application_repository import Applications
from services.portfolio.engines import SQLITE_BEGIN, async_engine, is_sqlite, parse
from services.portfolio.migrations.run import upgrade
from services.portfolio.repository import Clients, Publications
from services.portfolio.scenario_repository import Scenarios

_log = structlog.get_logger("portfolio.database")


class UnitOfWork:
    """The repositories over one transaction: all that is read in it belongs to one moment."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.publications = Publications(connection)
        self.clients = Clients(connection)
        self.scenarios = Scenarios(connection)
        self.applications = Applications(connection)

    async def ping(self) -> None:
        """Makes the database answer."""
        await self._connection.execute(text("SELECT 1"))


class Database:
    """A SQLite file or a PostgreSQL database.

    Its schema is brought up to date before first use, and again after the database was gone: it may come back empty.
    """

    def __init__(self, url: str) -> None:
        """Connects to nothing yet.

        Raises:
            Misconfigured: not the URL of a SQLite file or of a PostgreSQL database.
        """
        self._url = url
        parsed = parse(url)
        self._engine = async_engine(parsed)
        self._snapshot: Mapping[str, Any] = (
            {} if is_sqlite(parsed) else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )
        self._schema_is_current = False
        self._upgrading = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[UnitOfWork]:
        """A transaction that sees one moment of the database, whatever is published meanwhile.

        Raises:
            Unavailable: the database does not answer.
        """
        with tracing.span("SQL transaction", kind="read"):
            async with self._transaction(self._snapshot) as unit:
                yield unit

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[UnitOfWork]:
        """A transaction that is committed at the end, or leaves no trace when the block raises or is interrupted.

        Raises:
            Unavailable: the database does not answer.
        """
        with tracing.span("SQL transaction", kind="write"):
            async with self._transaction({SQLITE_BEGIN: "IMMEDIATE"}) as unit:
                yield unit

    async def close(self) -> None:
        """Closes the connections."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _transaction(self, options: Mapping[str, Any]) -> AsyncIterator[UnitOfWork]:
        try:
            await self._upgrade()
            async with self._engine.connect() as connection:
                await connection.execution_options(**options)
                async with connection.begin():
                    yield UnitOfWork(connection)
        except (OperationalError, InterfaceError, PoolTimeoutError) as error:
            raise self._gone(error) from error
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            raise self._gone(error) from error

    def _gone(self, error: Exception) -> Unavailable:
        self._schema_is_current = False
        _log.warning("database unavailable", error=str(error.__cause__ or error))
        return Unavailable("The client database does not answer; try again in a moment.")

    async def _upgrade(self) -> None:
        if self._schema_is_current:
            return
        async with self._upgrading:
            if not self._schema_is_current:
                await asyncio.to_thread(upgrade, self._url)
                self._schema_is_current = True
