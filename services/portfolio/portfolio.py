"""The portfolio as its callers see it; free of any transport."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from pipeline.features.dictionary import Role
from services.common.errors import FailedPrecondition, InvalidInput, NotFound, Unavailable, Violation
from services.portfolio import metrics, paging, search
from services.portfolio.database import Database, UnitOfWork
from services.portfolio.distribution import Distribution
from services.portfolio.domain import Block, Client, Page, Publication
from services.portfolio.features import PublishedFeatures

DEFAULT_BINS = 40
MAX_BINS = 500
MAX_COLUMNS = 2000
# The databases' largest integer; no client is beyond it.
_MAX_ID = 2**63 - 1
_SHOWN = 100

_log = structlog.get_logger("portfolio")


@dataclass(frozen=True, slots=True)
class _Live:
    publication: Publication
    features: PublishedFeatures


class Portfolio:
    """Clients and features of the live publication; a new one is noticed with the next call.

    Every method raises ``Unavailable`` when the database does not answer and ``FailedPrecondition`` when nothing has
    been published yet.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        """Takes the database and the folder of the published features."""
        self._database = database
        self._folder = folder
        self._live: _Live | None = None
        self._opening = asyncio.Lock()

    async def client(self, sk_id_curr: int) -> Client:
        """Returns one client.

        Raises:
            InvalidInput: the identifier is not positive.
            NotFound: there is no such client.
        """
        _check_id(sk_id_curr)
        async with self._snapshot() as (unit, live):
            score = await unit.clients.score(live.publication, sk_id_curr)
        values = None if score is None else await asyncio.to_thread(live.features.row, sk_id_curr)
        if score is None or values is None:
            raise _no_client(sk_id_curr)
        derived = {f.name for f in live.publication.dictionary.features if f.role is Role.DERIVED}
        return Client(
            sk_id_curr=sk_id_curr,
            record={name: value for name, value in values.items() if name not in derived},
            derived={name: value for name, value in values.items() if name in derived},
            score=score,
        )

    async def publication_of(self, sk_id_curr: int) -> Publication:
        """Returns what is live, if this client is part of it.

        Raises:
            InvalidInput: the identifier is not positive.
            NotFound: there is no such client.
        """
        _check_id(sk_id_curr)
        async with self._snapshot() as (unit, live):
            if await unit.clients.score(live.publication, sk_id_curr) is None:
                raise _no_client(sk_id_curr)
            return live.publication

    async def search(self, query: search.Query, page_size: int = 0, page_token: str = "") -> Page:
        """Returns a page of the clients that match, ordered by identifier; size 0 and token "" are the defaults.

        Raises:
            InvalidInput: query, size or token are wrong; names every faulty field.
        """
        size = search.check(query, page_size)
        async with self._snapshot() as (unit, live):
            name = live.publication.features_file
            if page_token:
                start = paging.decode(page_token, query, name)
            else:
                start = paging.Position(0, await unit.clients.count(live.publication, query))
            # One more than asked for tells whether there is another page.
            found = await unit.clients.page(live.publication, query, start.after, size + 1)
        clients = tuple(found[:size])
        following = ""
        if len(found) > size:
            following = paging.encode(paging.Position(clients[-1].sk_id_curr, start.total), query, name)
        return Page(clients, following, start.total)

    async def publication(self) -> Publication:
        """Returns what is live, the feature dictionary included."""
        async with self._snapshot() as (_, live):
            return live.publication

    async def distribution(self, feature: str, bins: int = 0) -> Distribution:
        """Returns how a feature is distributed; ``bins`` 0 means 40, and is not used for a category.

        Raises:
            InvalidInput: too many bins.
            NotFound: there is no such feature.
        """
        if not 0 <= bins <= MAX_BINS:
            raise InvalidInput([Violation("bins", f"must be between 1 and {MAX_BINS}, or 0 for {DEFAULT_BINS}")])
        async with self._snapshot() as (_, live):
            pass
        if feature not in live.publication.dictionary.by_name:
            # The caller's own text: as much of it as an error can carry.
            raise NotFound(f"There is no feature {feature[:_SHOWN]!r}.", feature=feature[:_SHOWN])
        return await asyncio.to_thread(live.features.distribution, feature, bins or DEFAULT_BINS)

    async def columns(self, names: Sequence[str], after: int = 0, publication: str = "") -> AsyncGenerator[Block, None]:
        """Gives whole columns, block by block, ordered by identifier; all blocks are of one publication.

        Args:
            names: features, ``SK_ID_CURR``, ``TARGET`` or columns of the published score, each once.
            after: only clients with a larger identifier.
            publication: the one to read, by its identifier; empty for the live one.

        Raises:
            InvalidInput: no names, too many, or one twice.
            NotFound: there is no such column.
            FailedPrecondition: ``publication`` is not the live one, or was made without a column.
        """
        _check_columns(names)
        async with self._snapshot() as (_, live):
            pass
        identifier = live.publication.identifier
        if publication not in ("", identifier):
            raise FailedPrecondition("Another publication is live now.", live_publication=identifier)
        for name in names:
            if not live.features.knows(name):
                raise NotFound(f"There is no column {name[:_SHOWN]!r}.", column=name[:_SHOWN])
        blocks = live.features.blocks(names, min(after, _MAX_ID))
        while (block := await asyncio.to_thread(next, blocks, None)) is not None:
            yield Block(block, live.publication)

    async def ready(self) -> bool:
        """Whether the database answers."""
        try:
            async with self._database.reading() as unit:
                await unit.ping()
        except Unavailable:
            return False
        return True

    async def close(self) -> None:
        """Closes the database."""
        await self._database.close()

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[tuple[UnitOfWork, _Live]]:
        """A read transaction, and the publication that is live in it."""
        missing: str | None = None
        while True:
            async with self._database.reading() as unit:
                file = await unit.publications.live_file()
                if file is None:
                    raise FailedPrecondition("Nothing has been published yet: run `clairscore publish`.")
                try:
                    live = await self._open(unit, file)
                except FileNotFoundError as error:
                    # Superseded since the transaction began: the next one sees what took over. But not twice.
                    if file == missing:
                        _log.error("published features are missing", file=str(self._folder / file))
                        raise Unavailable("The features of the portfolio are not there.", retry_after=5) from error
                    missing = file
                    continue
                yield unit, live
                return

    async def _open(self, unit: UnitOfWork, file: str) -> _Live:
        async with self._opening:
            if self._live is None or self._live.publication.features_file != file:
                publication = await unit.publications.get(file)
                features = await asyncio.to_thread(PublishedFeatures, self._folder / file, publication.dictionary)
                self._live = _Live(publication, features)
                metrics.observe(publication)
                _log.info("publication opened", model_version=publication.model_version, clients=publication.clients)
            return self._live


def _check_id(sk_id_curr: int) -> None:
    if sk_id_curr < 1:
        raise InvalidInput([Violation("sk_id_curr", "must be positive")])
    if sk_id_curr > _MAX_ID:
        raise _no_client(sk_id_curr)


def _no_client(sk_id_curr: int) -> NotFound:
    return NotFound(f"There is no client {sk_id_curr}.", sk_id_curr=str(sk_id_curr))


def _check_columns(names: Sequence[str]) -> None:
    if not 1 <= len(names) <= MAX_COLUMNS:
        raise InvalidInput([Violation("columns", f"must be 1 to {MAX_COLUMNS}")])
    twice = {name for name, count in Counter(names).items() if count > 1}
    if twice:
        raise InvalidInput(
            [Violation(f"columns[{k}]", "is asked for twice") for k, name in enumerate(names) if name in twice]
        )
