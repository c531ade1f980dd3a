"""What is live: a publication in the portfolio database, and the model version that the registry points to.

The database is the truth. Its transaction switches the publication, and just before its commit the registry's pointer
is switched too; whatever fails or interrupts that, the pointer is made to follow the database afterwards: at once, or,
after a kill, when the next command begins (ADR 4).
"""

import asyncio
import fcntl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from pipeline.registry.registry import Registry
from services.common.errors import FailedPrecondition, Unavailable
from services.portfolio import features as published
from services.portfolio.database import Database, UnitOfWork
from services.portfolio.domain import Publication

# What a features file is called while it is written.
ASIDE = ".partial"
_LOCK = ".publish.lock"
_T = TypeVar("_T")


@contextmanager
def switching(database_url: str, portfolio_dir: Path, registry: Registry | None) -> Iterator[None]:
    """Holds the right to change what is live; before and after, what an interruption has left is put in order.

    The system gives the lock back even when the process is killed.

    Raises:
        FailedPrecondition: another process holds it.
        Unavailable: the database does not answer.
    """
    portfolio_dir.mkdir(parents=True, exist_ok=True)
    with (portfolio_dir / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FailedPrecondition(f"Another publish into {portfolio_dir} is running; wait for its end.") from error
        _put_in_order(database_url, portfolio_dir, registry)
        try:
            yield
        finally:
            # The database alone knows whether an interruption came before or after its commit.
            with suppress(Unavailable):
                _put_in_order(database_url, portfolio_dir, registry)


def put_in_order(database_url: str, portfolio_dir: Path, registry: Registry) -> None:
    """Ends a switch that was killed half-way, if there is one.

    Raises:
        FailedPrecondition: a publish is running.
        Unavailable: the database or the registry does not answer.
    """
    with switching(database_url, portfolio_dir, registry):
        pass


async def switch(unit: UnitOfWork, publication: Publication, registry: Registry | None, keep: int) -> None:
    """Makes a publication live with its model, as the last step of a transaction; ``keep`` publications remain.

    Raises:
        Misconfigured: the registry has no such model version.
        Unavailable: the registry or the database does not answer.
    """
    await unit.publications.go_live(publication)
    await unit.publications.prune(keep)
    if registry is not None:
        registry.go_live(publication.model_version, publication.dictionary.contract)


def live_publication(database_url: str) -> Publication | None:
    """Returns the live publication; None: nothing is published.

    Raises:
        Unavailable: the database does not answer.
    """

    async def read(unit: UnitOfWork) -> Publication | None:
        file = await unit.publications.live_file()
        return None if file is None else await unit.publications.get(file)

    return asyncio.run(_reading(database_url, read))


def _put_in_order(database_url: str, portfolio_dir: Path, registry: Registry | None) -> None:
    live = live_publication(database_url)
    if live is not None and registry is not None:
        _follow(live, registry)
    kept = asyncio.run(_reading(database_url, lambda unit: unit.publications.kept_files()))
    for pattern in (f"*{published.SUFFIX}", f"*{ASIDE}*"):
        for file in portfolio_dir.glob(pattern):
            if file.name not in kept:
                # What cannot be removed now is removed by the next publish.
                with suppress(OSError):
                    file.unlink()


def _follow(live: Publication, registry: Registry) -> None:
    pointer = registry.live()
    # A registry that does not have the version is a new one, which the next publish fills.
    if (pointer is None or pointer.version != live.model_version) and registry.has(live.model_version):
        registry.go_live(live.model_version, live.dictionary.contract)


async def _reading(database_url: str, read: Callable[[UnitOfWork], Awaitable[_T]]) -> _T:
    database = Database(database_url)
    try:
        async with database.reading() as unit:
            return await read(unit)
    finally:
        await database.close()
