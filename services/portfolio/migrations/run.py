"""Brings the schema of a portfolio database up to date, from code: an installed service carries its migrations."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text

from services.common.errors import Misconfigured
from services.portfolio.engines import SQLITE_BEGIN, is_sqlite, parse, sync_engine

# Any number that no other program uses for an advisory lock in the same database.
_LOCK = 50_054


def upgrade(url: str) -> None:
    """Applies the migrations that are missing, all or none. Several processes may call it at once.

    Raises:
        Misconfigured: the URL is wrong, or the database was made by a later version of Clairscore.
        sqlalchemy.exc.OperationalError: the database does not answer.
    """
    parsed = parse(url)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    engine = sync_engine(parsed)
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == _head(config):
            return
    with engine.connect().execution_options(**{SQLITE_BEGIN: "IMMEDIATE"}) as connection, connection.begin():
        if not is_sqlite(parsed):
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise Misconfigured(f"the database in DATABASE_URL does not fit this version: {error}") from error


def _head(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()
