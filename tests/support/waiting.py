"""Waiting for what can only be asked: another process, or a state that nothing tells of."""

import asyncio
import time
from collections.abc import Callable


def until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Asks again and again, with short pauses, until the condition holds; False when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


async def eventually(condition: Callable[[], object], *, seconds: float) -> None:
    """Asks again and again while other tasks go on, until the condition holds; TimeoutError if it does not in time."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)
