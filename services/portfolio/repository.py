"""Publications and clients in the database, as domain types."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Row, ScalarSelect, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pipeline.features.dictionary import FeatureDictionary
from pipeline.model.manifest import Band, Decision
from pipeline.model.validation import Value
from services.portfolio.domain import ClientSummary, Publication, StoredScore
from services.portfolio.search import AnyOf, Filter, Query, Range, id_ranges
from services.portfolio.tables import clients, publications


class Publications:
    """The publications, one of which is live."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def live_file(self) -> str | None:
        """Returns the features file name of the live publication, which identifies it; None: nothing is published."""
        found: str | None = await self._connection.scalar(
            select(publications.c.features_file).where(publications.c.live)
        )
        return found

    async def get(self, features_file: str) -> Publication:
        """Returns the publication with this features file name."""
        row = (
            await self._connection.execute(select(publications).where(publications.c.features_file == features_file))
        ).one()
        return Publication(
            model_version=row.model_version,
            published_at=row.published_at,
            clients=row.clients,
            lowest_id=row.lowest_id,
            highest_id=row.highest_id,
            synthetic=row.synthetic,
            dictionary=FeatureDictionary.model_validate(row.dictionary),
            features_file=row.features_file,
            features_sha256=row.features_sha256,
        )

    async def add(self, publication: Publication) -> None:
        """Adds a publication next to the live one; it is not live and has no clients yet."""
        await self._connection.execute(
            insert(publications).values(
                model_version=publication.model_version,
                published_at=publication.published_at,
                clients=publication.clients,
                lowest_id=publication.lowest_id,
                highest_id=publication.highest_id,
                synthetic=publication.synthetic,
                feature_contract=publication.dictionary.contract,
                dictionary=publication.dictionary.model_dump(mode="json"),
                features_file=publication.features_file,
                features_sha256=publication.features_sha256,
                live=False,
            )
        )

    async def go_live(self, publication: Publication) -> None:
        """Makes a publication the live one."""
        chosen = publications.c.features_file == publication.features_file
        await self._connection.execute(update(publications).where(publications.c.live).values(live=False))
        await self._connection.execute(update(publications).where(chosen).values(live=True))

    async def previous(self) -> Publication | None:
        """Returns the last publication before the live one that is still kept, if there is one."""
        file: str | None = await self._connection.scalar(
            select(publications.c.features_file)
            .where(publications.c.id < _LIVE_ID, _HAS_CLIENTS)
            .order_by(publications.c.id.desc())
            .limit(1)
        )
        return None if file is None else await self.get(file)

    async def kept_files(self) -> set[str]:
        """Returns the features file names of the publications that are kept, the live one's among them."""
        return set(await self._connection.scalars(select(publications.c.features_file).where(_HAS_CLIENTS)))

    async def prune(self, keep: int) -> None:
        """Keeps the live publication and those before it, ``keep`` in all; the others lose their clients."""
        kept = (
            select(publications.c.id)
            .where(publications.c.id <= _LIVE_ID, _HAS_CLIENTS)
            .order_by(publications.c.id.desc())
            .limit(keep)
        )
        ids = list(await self._connection.scalars(kept))
        await self._connection.execute(delete(clients).where(clients.c.publication_id.not_in(ids)))


_LIVE_ID = select(publications.c.id).where(publications.c.live).scalar_subquery()
# Every publication has clients until it is pruned.
_HAS_CLIENTS = select(clients.c.sk_id_curr).where(clients.c.publication_id == publications.c.id).exists()


class Clients:
    """The clients of the publications."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, publication: Publication, rows: Iterable[Sequence[dict[str, Value]]]) -> None:
        """Adds clients in blocks; a row holds the columns of the ``clients`` table but ``publication_id``."""
        publication_id = await self._connection.scalar(select(_id_of(publication)))
        for block in rows:
            await self._connection.execute(
                insert(clients), [{"publication_id": publication_id, **row} for row in block]
            )

    async def score(self, publication: Publication, sk_id_curr: int) -> StoredScore | None:
        """Returns a client's published score; None: there is no such client."""
        statement = select(clients).where(_of(publication), clients.c.sk_id_curr == sk_id_curr)
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else _score(publication, row)

    async def count(self, publication: Publication, query: Query) -> int:
        """Returns how many clients match."""
        if query == Query():
            return publication.clients
        found: int | None = await self._connection.scalar(
            select(func.count()).select_from(clients).where(_of(publication), _matches(publication, query))
        )
        return found or 0

    async def page(self, publication: Publication, query: Query, after: int, size: int) -> list[ClientSummary]:
        """Returns the first ``size`` clients that match and whose identifier is above ``after``, in rising order."""
        statement = (
            select(clients)
            .where(_of(publication), clients.c.sk_id_curr > after, _matches(publication, query))
            .order_by(clients.c.sk_id_curr)
            .limit(size)
        )
        return [
            ClientSummary(
                sk_id_curr=row.sk_id_curr,
                age=row.age,
                income=row.income,
                credit=row.credit,
                contract_type=row.contract_type,
                score=_score(publication, row),
            )
            for row in await self._connection.execute(statement)
        ]


def _id_of(publication: Publication) -> ScalarSelect[int]:
    chosen = publications.c.features_file == publication.features_file
    return select(publications.c.id).where(chosen).scalar_subquery()


def _of(publication: Publication) -> ColumnElement[bool]:
    return clients.c.publication_id == _id_of(publication)


def _matches(publication: Publication, query: Query) -> ColumnElement[bool]:
    ranges = id_ranges(query.id_prefix, publication.lowest_id, publication.highest_id)
    return and_(
        or_(False, *(clients.c.sk_id_curr.between(first, last) for first, last in ranges)),
        *(_satisfies(item) for item in query.filters),
    )


def _satisfies(item: Filter) -> ColumnElement[bool]:
    column = clients.c[item.attribute]
    match item.condition:
        case AnyOf(values):
            return column.in_(values)
        case Range(minimum, maximum):
            sides: list[ColumnElement[bool]] = [column.is_not(None)]
            if minimum is not None:
                sides.append(column >= minimum)
            if maximum is not None:
                sides.append(column <= maximum)
            return and_(*sides)
        case None:
            raise ValueError(f"filter on {item.attribute} has no condition")


def _score(publication: Publication, row: Row[tuple[object, ...]]) -> StoredScore:
    return StoredScore(
        probability_of_default=row.probability_of_default,
        probability_of_repayment=row.probability_of_repayment,
        band=Band(row.band),
        decision=Decision(row.decision),
        model_version=publication.model_version,
        expected_default_rate=row.expected_default_rate,
    )
