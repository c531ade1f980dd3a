"""Whole columns of the portfolio: read from its service once, kept for all sessions."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from clairscore.portfolio.v1.portfolio_pb2 import ReadColumnsRequest
from clairscore.portfolio.v1.portfolio_pb2_grpc import PortfolioServiceStub
from numpy.typing import NDArray

from frontend.clients.portfolio import PortfolioClient
from services.common.client import Connection, outgoing

TARGET = "TARGET"
REPAYMENT = "probability_of_repayment"
BAND = "band"
DECISION = "decision"


@dataclass(frozen=True, eq=False, slots=True)
class Column:
    """A value for each client, in the order of the identifiers: float32, NaN where missing, read only.

    A category's value is its position in ``categories``, which are in alphabetical order; empty for a number.
    """

    values: NDArray[np.float32]
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Columns:
    """Columns of one publication, all of the same length."""

    publication: str
    clients: int
    by_name: Mapping[str, Column]

    def __getitem__(self, name: str) -> Column:
        return self.by_name[name]


class ColumnsClient:
    """Reads columns from the portfolio service. Every method raises ``ClairscoreError``."""

    def __init__(self, address: str, deadline: float) -> None:
        self._connection = Connection(address, PortfolioServiceStub)
        self._deadline = deadline

    async def read(self, names: Sequence[str], publication: str) -> dict[str, Column]:
        """Reads columns of a publication.

        Raises:
            NotFound: there is no such column.
            FailedPrecondition: nothing is published, or something else.
        """
        request = ReadColumnsRequest(columns=names, publication=publication)
        blocks: list[bytes] = []
        method = self._connection.stub.ReadColumns
        with outgoing(method) as metadata:
            async for message in method(request, timeout=self._deadline, metadata=metadata):
                blocks.append(message.arrow)
        return await asyncio.to_thread(to_columns, names, blocks)


class ColumnStore:
    """Columns of the live publication, shared by all sessions; the least recently used go when they are too large.

    A column that several ask for at once is read once. Columns that somebody still holds live on outside of the store.
    """

    def __init__(self, portfolio: PortfolioClient, client: ColumnsClient, most_bytes: int) -> None:
        self._portfolio = portfolio
        self._client = client
        self._most_bytes = most_bytes
        self._publication = ""
        self._kept: OrderedDict[str, Column] = OrderedDict()
        self._reading: dict[str, asyncio.Task[dict[str, Column]]] = {}

    @property
    def size(self) -> int:
        """Bytes of the columns that are kept."""
        return sum(column.values.nbytes for column in self._kept.values())

    async def columns(self, names: Iterable[str]) -> Columns:
        """Gives columns of what is published now. Raises ``ClairscoreError``, see ``ColumnsClient.read``."""
        published = await self._portfolio.publication()
        if published.identifier != self._publication:
            self._publication = published.identifier
            self._kept.clear()
            self._reading.clear()
        wanted = list(dict.fromkeys(names))
        found = {name: self._kept[name] for name in wanted if name in self._kept}
        for name in found:
            self._kept.move_to_end(name)
        unread = [name for name in wanted if name not in found and name not in self._reading]
        if unread:
            task = asyncio.create_task(self._read(unread, published.identifier))
            self._reading.update(dict.fromkeys(unread, task))
        for task in {self._reading[name] for name in wanted if name not in found}:
            # Who goes away must not take the columns from the others who wait for them.
            found.update(await asyncio.shield(task))
        return Columns(published.identifier, published.clients, {name: found[name] for name in wanted})

    async def _read(self, names: Sequence[str], publication: str) -> dict[str, Column]:
        try:
            read = await self._client.read(names, publication)
        finally:
            if publication == self._publication:
                for name in names:
                    del self._reading[name]
        if publication == self._publication:
            self._kept.update(read)
            while self.size > self._most_bytes and len(self._kept) > 1:
                self._kept.popitem(last=False)
        return read


def to_columns(names: Sequence[str], blocks: Sequence[bytes]) -> dict[str, Column]:
    """Puts blocks of Arrow (an IPC stream each) together; the columns are in the order of ``names``."""
    tables = [pa.ipc.open_stream(block).read_all() for block in blocks]
    if not tables:
        return {name: Column(_fixed(np.empty(0, np.float32))) for name in names}
    table = pa.concat_tables(tables)
    return {name: _to_column(table.column(position)) for position, name in enumerate(names)}


def _to_column(values: pa.ChunkedArray) -> Column:
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return Column(_fixed(values.cast(pa.float64()).to_numpy().astype(np.float32)))
    coded = values.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    spellings = coded.dictionary.to_pylist()
    ordered = sorted(spellings)
    place = {spelling: position for position, spelling in enumerate(ordered)}
    # The last entry stands for a missing category, whose code is -1.
    places = np.array([*(place[spelling] for spelling in spellings), np.nan], np.float32)
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return Column(_fixed(places[codes]), tuple(ordered))


def _fixed(values: NDArray[np.float32]) -> NDArray[np.float32]:
    values.flags.writeable = False
    return values
