"""Engines for the portfolio database: a SQLite file, or PostgreSQL."""

from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from services.common.errors import Misconfigured

# The execution option that says how a SQLite transaction begins: DEFERRED reads, IMMEDIATE takes the write lock.
SQLITE_BEGIN = "sqlite_begin"

# How long to wait for a connection, or for another writer of a SQLite file, in seconds.
_CONNECT_SECONDS = 5
_SQLITE_BUSY_SECONDS = 30


def parse(url: str) -> URL:
    """Reads a database URL: ``sqlite:///var/portfolio.db`` or ``postgresql://user@host/name``.

    Raises:
        Misconfigured: another scheme, or no file; says what is expected without repeating a password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Misconfigured("DATABASE_URL is not a URL; it looks like sqlite:///var/portfolio.db") from error
    match parsed.drivername:
        # Hosting platforms give the second spelling.
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return parsed
        case "sqlite":
            raise Misconfigured("DATABASE_URL must name a file: sqlite:///var/portfolio.db")
        case other:
            raise Misconfigured(f"DATABASE_URL must begin with sqlite:/// or postgresql://, not {other}://")


def with_password(url: str, password: str) -> str:
    """Puts a password into a PostgreSQL URL that names a user and has none.

    Raises:
        ValueError: the URL has a password already, or is not one that takes one.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        # Refused with a better reason where it is used.
        return url
    if parsed.password is not None:
        raise ValueError("has a password of its own, and DATABASE_PASSWORD_FILE names another: leave one of them out")
    if not parsed.username:
        raise ValueError("names no user that the password of DATABASE_PASSWORD_FILE could belong to")
    return parsed.set(password=password).render_as_string(hide_password=False)


def is_sqlite(url: URL) -> bool:
    """Whether the database is a SQLite file."""
    return url.get_backend_name() == "sqlite"


def async_engine(url: URL) -> AsyncEngine:
    """Returns the engine that the service works with; it connects when it is used."""
    if is_sqlite(url):
        # No pool: a kept connection would go on reading a file that has been removed or replaced. Opening takes 1 ms.
        engine = create_async_engine(
            url.set(drivername="sqlite+aiosqlite"), poolclass=NullPool, connect_args={"timeout": _SQLITE_BUSY_SECONDS}
        )
        _prepare_sqlite(engine.sync_engine)
        return engine
    # The ping before each use replaces connections that a restart of the server has cut.
    return create_async_engine(
        url, pool_pre_ping=True, pool_timeout=_CONNECT_SECONDS, connect_args={"connect_timeout": _CONNECT_SECONDS}
    )


def sync_engine(url: URL) -> Engine:
    """Returns an engine for migrations, without a pool; makes the folder of a SQLite file."""
    if not is_sqlite(url):
        return create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": _CONNECT_SECONDS})
    file = Path(url.database or "")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"DATABASE_URL: the folder {file.parent} cannot be made: {error.strerror}") from error
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _SQLITE_BUSY_SECONDS})
    _prepare_sqlite(engine)
    return engine


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # Python's sqlite3 begins transactions late (not for reads) and ends them early (for DDL): we begin them.
        connection.isolation_level = None
        cursor = connection.cursor()
        # Readers go on with the state they began with while another process writes.
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        how = connection.get_execution_options().get(SQLITE_BEGIN, "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {how}")
