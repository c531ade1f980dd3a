"""A value that comes from a service: not asked for, on its way, there, or refused; and the call that brings it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.common.errors import ClairscoreError, InvalidInput, NotFound

T = TypeVar("T")
_T_co = TypeVar("_T_co", covariant=True)

# The same call would fail again. Everything else passes: the service starts again, the portfolio is published.
LASTING = (InvalidInput, NotFound)


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nothing was asked for."""


NOT_ASKED = NotAsked()


@dataclass(frozen=True, slots=True)
class Pending:
    """The answer is on its way."""


@dataclass(frozen=True, slots=True)
class Ready(Generic[_T_co]):
    """The answer."""

    value: _T_co


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer. Unless the error is a lasting one, the call is being tried again."""

    error: ClairscoreError

    @property
    def retrying(self) -> bool:
        """Whether the call goes on by itself."""
        return not isinstance(self.error, LASTING)


Remote = NotAsked | Pending | Ready[T] | Failed


class LatestCall(Generic[T]):
    """Makes a call until it succeeds, and forgets it as soon as another one is started.

    ``publish`` receives every state of the newest call, and never one of an older call: a call that is replaced is
    cancelled, and what it may still bring carries an old number.
    """

    def __init__(self, publish: Callable[[Remote[T]], None], retry_after: float = 1.0) -> None:
        self._publish = publish
        self._retry_after = retry_after
        self._number = 0
        self._task: asyncio.Task[None] | None = None

    def start(self, call: Callable[[], Awaitable[T]]) -> None:
        """Asks anew; until the answer comes the value is pending."""
        self.cancel()
        self._publish(Pending())
        self._run(call, refreshing=False)

    def renew(self, shown: Remote[T], call: Callable[[], Awaitable[T]]) -> None:
        """Asks again; an answer that is shown stays until the next one comes, also while the service is away.

        Anything else gives way: an error that is shown would hide that another one is the reason now.
        """
        if isinstance(shown, Ready):
            self.cancel()
            self._run(call, refreshing=True)
        else:
            self.start(call)

    def cancel(self) -> None:
        """Gives up the call under way, if any."""
        self._number += 1
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _run(self, call: Callable[[], Awaitable[T]], *, refreshing: bool) -> None:
        self._task = asyncio.create_task(self._call(call, self._number, refreshing=refreshing))

    async def _call(self, call: Callable[[], Awaitable[T]], number: int, *, refreshing: bool) -> None:
        while True:
            state: Remote[T]
            try:
                state = Ready(await call())
            except ClairscoreError as error:
                state = Failed(error)
            passing = isinstance(state, Failed) and state.retrying
            if number == self._number and not (refreshing and passing):
                self._publish(state)
            if not passing:
                return
            await asyncio.sleep(self._retry_after)
