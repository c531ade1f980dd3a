"""Where explaining is done: in threads, each told to stop when its caller has gone or has no more time."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

import structlog

from services.common import tracing
from services.explain.explainer import NotAdditive

_T = TypeVar("_T")

_log = structlog.get_logger("explain")


@dataclass(frozen=True, slots=True)
class Stop:
    """Says when a piece of work is to end with what it has.

    ``deadline`` is a ``time.monotonic`` value.
    """

    deadline: float = float("inf")
    _gone: Event = field(default_factory=Event)

    def __call__(self) -> bool:
        """True: nobody waits any more, or the time is over."""
        return self._gone.is_set() or time.monotonic() >= self.deadline

    def now(self) -> None:
        """Tells the work that its caller has gone."""
        self._gone.set()


class Work:
    """Runs blocking functions beside the event loop."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool

    async def run(self, function: Callable[[Stop], _T], *, seconds: float | None = None) -> _T:
        """Runs a function, which should look at its ``Stop`` now and then.

        Args:
            function: the work.
            seconds: when its ``Stop`` says that the time is over; None: never.
        """
        stop = Stop() if seconds is None else Stop(time.monotonic() + seconds)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, tracing.carried(function), stop)
        except NotAdditive as error:
            _log.error("explanation refused", error=error.message)
            raise
        finally:
            # After the end it says nothing to anybody.
            stop.now()
