"""Turns pages into PDF files off the event loop: a few at once, each in a process of its own, within a deadline."""

import asyncio
import sys

import structlog

from frontend.letter import press
from services.common.errors import ClairscoreError, DeadlineExceeded, Misconfigured, ResourceExhausted

# What Debian calls what WeasyPrint needs besides its own package.
PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core")
# More than that would wait beyond any deadline.
_MOST_WAITING = 8
_log = structlog.get_logger("dashboard")


class Printer:
    """Prints at most ``at_once`` pages at the same time; ``deadline`` in seconds, waiting for a turn included."""

    def __init__(self, at_once: int, deadline: float) -> None:
        self._deadline = deadline
        self._most = at_once + _MOST_WAITING
        self._turns = asyncio.Semaphore(at_once)
        self._asked = 0

    async def print(self, page: str) -> bytes:
        """The page as a PDF file. Given up with the task that waits for it.

        Raises:
            Misconfigured: what printing needs is not installed here.
            ResourceExhausted: too many pages wait already.
            DeadlineExceeded: it took too long.
            ClairscoreError: the page cannot be printed; the log says why.
        """
        if self._asked >= self._most:
            raise ResourceExhausted("Too many letters are being printed.", retry_after=self._deadline)
        self._asked += 1
        try:
            async with asyncio.timeout(self._deadline), self._turns:
                return await _print(page)
        except TimeoutError as error:
            raise DeadlineExceeded(f"The letter was not printed within {self._deadline:g} seconds.") from error
        finally:
            self._asked -= 1


async def _print(page: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        press.__name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        file, said = await process.communicate(page.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == 0:
        return file
    _log.error("letter not printed", code=process.returncode, said=said.decode(errors="replace")[-2000:])
    if process.returncode == press.NOT_INSTALLED:
        raise Misconfigured(f"Letters cannot be printed: WeasyPrint needs {', '.join(PACKAGES)}.")
    raise ClairscoreError("The letter cannot be printed.")
