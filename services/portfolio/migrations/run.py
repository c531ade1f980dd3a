"""Brings the schema of a portfolio database up to date, from code: an installed service carries its migrations.

A revision is called ``NNNN``; from one on that takes away what earlier code needs, ``NNNN_since_MMMM``, where MMMM is
the oldest revision whose code still works with it (ADR 10). So code knows of a later revision whether it may go on.
"""

import re
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

_REVISION = re.compile(r"\d{4}(?:_since_(?P<since>\d{4}))?")


def upgrade(url: str) -> tuple[str | None, str]:
    """Applies the migrations that are missing, all or none. Several processes may call it at once.

    A schema of a later version that this one still works with stays as it is.

    Returns:
        The schema's revision before (None: there was no schema) and after.

    Raises:
        Misconfigured: the URL is wrong, or the database has a schema that this version cannot work with.
        sqlalchemy.exc.OperationalError: the database does not answer.
    """
    parsed = parse(url)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    engine = sync_engine(parsed)
    revisions = ScriptDirectory.from_config(config)
    (head,) = revisions.get_heads()
    known = {script.revision for script in revisions.walk_revisions()}
    with engine.connect() as connection:
        before = MigrationContext.configure(connection).get_current_revision()
    if before == head:
        return before, head
    if before is not None and before not in known:
        if not works_with(head, before):
            raise Misconfigured(
                f"the database in DATABASE_URL has schema {before} of another version, and this one, made for "
                f"{head}, does not work with it: run that version"
            )
        return before, before
    with engine.connect().execution_options(**{SQLITE_BEGIN: "IMMEDIATE"}) as connection, connection.begin():
        if not is_sqlite(parsed):
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        # Another process may have been first.
        before = MigrationContext.configure(connection).get_current_revision()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise Misconfigured(f"the database in DATABASE_URL does not fit this version: {error}") from error
    return before, head


def works_with(code: str, schema: str) -> bool:
    """Whether code made for one revision works with the schema of a later one, by the name of the later one."""
    later = _REVISION.fullmatch(schema)
    return later is not None and _number(schema) >= _number(code) >= int(later["since"] or 0)


def _number(revision: str) -> int:
    return int(revision.partition("_")[0])
