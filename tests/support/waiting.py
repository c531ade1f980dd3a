"""Waiting for another process, which can only be asked."""

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
