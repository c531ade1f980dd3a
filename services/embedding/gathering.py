"""Gathers the texts of concurrent calls into rounds that are computed together.

A call waits at most the gathering time before its first texts are computed, and for the round that is being computed
when it comes. Each round gives every waiting call an equal share, so that a call of one text does not wait for the end
of one of thousands. A call's texts are taken longest first: those of a round are of like length.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from time import monotonic

import numpy as np
from prometheus_client import Counter, Gauge, Histogram

from services.common import tracing
from services.common.errors import ResourceExhausted
from services.embedding.encoder import Embedded

_waiting = Gauge("clairscore_embedding_waiting_texts", "Texts that wait to be computed.")
_texts = Counter("clairscore_embedding_texts", "Texts that were embedded.")
_truncated = Counter("clairscore_embedding_truncated_texts", "Texts whose end was not read.")
_round_texts = Histogram(
    "clairscore_embedding_round_texts", "Texts that were computed together.", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256)
)

_LEAST_RETRY_SECONDS = 0.1
# What a text is taken to need before the first round has shown it: a small model on one core.
_SECONDS_PER_TEXT = 0.01
# How much the last round counts in what a text is said to take.
_SMOOTHING = 0.2


class _Call:
    """One call: which of its texts are not begun yet, and what is known of the others."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.arrived = monotonic()
        self.left = sorted(range(len(texts)), key=lambda position: len(texts[position]))
        self.missing = len(texts)
        self.parts: list[tuple[list[int], Embedded]] = []
        self.done: asyncio.Future[Embedded] = asyncio.get_running_loop().create_future()

    def take(self, count: int) -> list[int]:
        """The positions of the longest that are left."""
        taken = self.left[len(self.left) - count :]
        del self.left[len(self.left) - count :]
        return taken

    def receive(self, positions: list[int], embedded: Embedded) -> None:
        """Keeps a part; with the last one the call is done."""
        self.parts.append((positions, embedded))
        self.missing -= len(positions)
        if self.missing == 0 and not self.done.done():
            self.done.set_result(self._whole())

    def _whole(self) -> Embedded:
        width = self.parts[0][1].vectors.shape[1]
        vectors = np.empty((len(self.texts), width), dtype=np.float32)
        truncated = np.empty(len(self.texts), dtype=np.bool_)
        for positions, embedded in self.parts:
            vectors[positions], truncated[positions] = embedded.vectors, embedded.truncated
        return Embedded(vectors, truncated)


class Gatherer:
    """One model's queue. To be used in one event loop."""

    def __init__(
        self,
        embed: Callable[[Sequence[str]], Embedded],
        pool: Executor,
        *,
        gather_seconds: float,
        round_texts: int,
        max_waiting: int,
    ) -> None:
        """Takes the function that embeds texts in a thread of the pool, and the limits.

        Args:
            embed: any number of texts to vectors.
            pool: whose threads compute.
            gather_seconds: longest time that a text waits for others although nothing is being computed.
            round_texts: most texts that are computed together.
            max_waiting: most texts that wait.
        """
        self._embed = embed
        self._pool = pool
        self._gather_seconds = gather_seconds
        self._round_texts = round_texts
        self._max_waiting = max_waiting
        self._calls: list[_Call] = []
        self._waiting = 0
        self._full = asyncio.Event()
        self._work: asyncio.Task[None] | None = None
        self._seconds_per_text = _SECONDS_PER_TEXT

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """Embeds texts, at least one; cancelled, it leaves what it has not begun.

        Raises:
            ResourceExhausted: too many texts wait already; says after how many seconds to try again.
        """
        if self._waiting + len(texts) > self._max_waiting:
            raise ResourceExhausted(
                f"{self._waiting} texts are waiting already; try again later",
                retry_after=max(_LEAST_RETRY_SECONDS, self._seconds_per_text * self._waiting),
            )
        call = _Call(texts)
        self._calls.append(call)
        self._count(len(texts))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._rounds())
        try:
            with tracing.span("embed", texts=len(texts)):
                return await call.done
        finally:
            if call in self._calls:
                self._calls.remove(call)
            self._count(-len(call.left))
            call.left.clear()

    def _count(self, change: int) -> None:
        self._waiting += change
        _waiting.inc(change)
        if self._waiting >= self._round_texts:
            self._full.set()
        else:
            self._full.clear()

    async def _rounds(self) -> None:
        while self._calls:
            await self._gather()
            await self._round()

    async def _gather(self) -> None:
        """Waits for more texts, unless there are enough or the oldest call has waited long enough."""
        rest = min(call.arrived for call in self._calls) + self._gather_seconds - monotonic()
        if rest > 0:
            try:
                await asyncio.wait_for(self._full.wait(), rest)
            except TimeoutError:
                return

    async def _round(self) -> None:
        calls = list(self._calls)
        counts = shares([len(call.left) for call in calls], self._round_texts)
        taken = [(call, call.take(count)) for call, count in zip(calls, counts, strict=False)]
        self._calls = [call for call in self._calls if call.left]
        texts = [call.texts[position] for call, positions in taken for position in positions]
        if not texts:
            return
        self._count(-len(texts))
        started = monotonic()
        try:
            embedded = await asyncio.get_running_loop().run_in_executor(self._pool, self._embed, texts)
        except Exception as error:  # whatever it is, it belongs to the calls, and must not end the rounds
            for call, _ in taken:
                if not call.done.done():
                    call.done.set_exception(error)
            return
        self._observe(embedded, monotonic() - started)
        start = 0
        for call, positions in taken:
            end = start + len(positions)
            call.receive(positions, Embedded(embedded.vectors[start:end], embedded.truncated[start:end]))
            start = end

    def _observe(self, embedded: Embedded, seconds: float) -> None:
        count = len(embedded.truncated)
        _round_texts.observe(count)
        _texts.inc(count)
        _truncated.inc(int(embedded.truncated.sum()))
        self._seconds_per_text += _SMOOTHING * (seconds / count - self._seconds_per_text)


def shares(left: Sequence[int], most: int) -> list[int]:
    """How many texts each of the first calls gives to a round: equal shares, what one does not need goes to others.

    Args:
        left: texts that each call has left, the oldest call first.
        most: texts of a round, together; calls beyond so many wait for the next one.
    """
    given = [0] * min(len(left), most)
    room = most
    order = sorted(range(len(given)), key=lambda position: left[position])
    for place, position in enumerate(order):
        given[position] = min(left[position], room // (len(order) - place))
        room -= given[position]
    return given
