"""Many officers at once, and many one after the other: errors, waiting, CPU, memory."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from rich.progress import Progress

from benchmarks.officers.officer import Officer, Seen
from benchmarks.officers.report import Figure, milliseconds
from benchmarks.officers.stack import Stack

# Sessions that open at once in the soak.
_AT_ONCE = 20
# Those before the soak: as many as are kept at once in it, since a closed one is kept for some seconds.
_FIRST = 80
# The dashboard looks for sessions without a connection every 5 s and drops those that have had none for 15 s.
_DROPPED = 25.0


async def together(
    stack: Stack, clients: Sequence[int], sessions: int, seconds: float, pause: float, bars: Progress
) -> tuple[list[Figure], list[str]]:
    """Sessions that are all open at once, each acting about every ``pause`` seconds; figures, and every error."""
    seen = Seen()
    before, began = stack.cpu(), time.monotonic()
    officers = [Officer(stack.host, clients, seen, seed) for seed in range(sessions)]
    async with _clock(bars, f"{sessions} sessions at once", seconds + 1.5 * pause):
        await asyncio.gather(*(officer.work(seconds, pause) for officer in officers))
    passed, after = time.monotonic() - began, stack.cpu()
    actions = len(seen.edits) + len(seen.choices)
    name = f"{sessions} sessions"
    figures = [
        milliseconds(f"{name}: page opened, to its document and form", seen.pages),
        milliseconds(f"{name}: another client", seen.choices),
        milliseconds(f"{name}: an edit", seen.edits, 300),
        Figure(f"{name}: errors in {actions} actions", [len(seen.errors)], "", 0),
        *(
            Figure(f"{name}: CPU of the {part}", [100 * (after[part] - before[part]) / passed], "% of a core")
            for part in before
        ),
        Figure(
            f"{name}: CPU of the dashboard an action, pages included",
            [1000 * (after["dashboard"] - before["dashboard"]) / max(1, actions)],
            "ms",
        ),
    ]
    return [figure for figure in figures if figure.values], seen.errors


async def soak(stack: Stack, clients: Sequence[int], sessions: int, bars: Progress) -> tuple[list[Figure], list[str]]:
    """Sessions that are opened, used and closed, some at once; what of their memory is given back."""
    seen = Seen()
    await _batches(stack, clients, _AT_ONCE, seen, bars)
    await _wait(bars, "first sessions dropped", _DROPPED)
    none_open = stack.megabytes
    open_at_once = await _batches(stack, clients, _AT_ONCE, seen, bars)
    await _batches(stack, clients, _FIRST - 2 * _AT_ONCE, seen, bars)
    await _wait(bars, "more sessions dropped", _DROPPED)
    before = stack.megabytes
    most = await _batches(stack, clients, sessions, seen, bars)
    await _wait(bars, "last sessions dropped", _DROPPED)
    after = stack.megabytes
    name = f"soak of {sessions} sessions"
    return [
        Figure(f"memory of a session while {_AT_ONCE} are open", [(open_at_once - none_open) / _AT_ONCE], "MB"),
        Figure(f"{name}: dashboard before, after {_FIRST} others", [before], "MB"),
        Figure(f"{name}: dashboard at most", [most], "MB"),
        Figure(f"{name}: dashboard after", [after], "MB"),
        Figure(f"{name}: kept of each session", [1024 * (after - before) / sessions], "kB", 100),
        Figure(f"{name}: errors", [len(seen.errors)], "", 0),
    ], seen.errors


async def _batches(stack: Stack, clients: Sequence[int], sessions: int, seen: Seen, bars: Progress) -> float:
    """Sessions, so many at once; the most memory (MB) that the dashboard had when one of the lots was open."""
    most = 0.0
    task = bars.add_task(f"{sessions} sessions one after the other", total=sessions)
    for begun in range(0, sessions, _AT_ONCE):
        count = min(_AT_ONCE, sessions - begun)
        most = max(most, await _batch(stack, clients, count, seen))
        bars.update(task, advance=count)
    return most


async def _batch(stack: Stack, clients: Sequence[int], count: int, seen: Seen) -> float:
    """Officers who come, choose and edit, and go; the dashboard's memory (MB) just before they go."""
    officers = [Officer(stack.host, clients, seen, seed) for seed in range(count)]

    async def visit(officer: Officer) -> None:
        try:
            await officer.arrive()
            await officer.edit()
            await officer.choose()
            await officer.edit()
        except Exception as error:
            seen.errors.append(repr(error))

    await asyncio.gather(*(visit(officer) for officer in officers))
    memory = stack.megabytes
    await asyncio.gather(*(officer.leave() for officer in officers), return_exceptions=True)
    return memory


async def _wait(bars: Progress, name: str, seconds: float) -> None:
    async with _clock(bars, name, seconds):
        await asyncio.sleep(seconds)


@asynccontextmanager
async def _clock(bars: Progress, name: str, seconds: float) -> AsyncIterator[None]:
    """A bar that follows the time while its block runs."""
    task, began = bars.add_task(name, total=seconds), time.monotonic()

    async def tick() -> None:
        while True:
            bars.update(task, completed=time.monotonic() - began)
            await asyncio.sleep(0.5)

    ticking = asyncio.create_task(tick())
    try:
        yield
    finally:
        ticking.cancel()
        bars.update(task, completed=seconds)
