"""An officer on the comparison page, without a browser: chooses clients and changes what they earn."""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.officers.protocol import Page

# One action in so many is another client.
_ACTIONS_A_CLIENT = 5


@dataclass
class Seen:
    """What officers have waited for, in seconds, and what went wrong."""

    pages: list[float] = field(default_factory=list)
    choices: list[float] = field(default_factory=list)
    edits: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Officer:
    """One officer with one open page."""

    def __init__(self, host: str, clients: Sequence[int], seen: Seen, seed: int) -> None:
        self._host = host
        self._clients = clients
        self._seen = seen
        self._random = random.Random(seed)
        self._page: Page | None = None
        self._visit = 0

    async def work(self, seconds: float, pause: float) -> None:
        """Opens a page and acts about every ``pause`` seconds for so long; every error is noted."""
        await asyncio.sleep(self._random.uniform(0, pause))
        try:
            await self.arrive()
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                await asyncio.sleep(self._random.uniform(0.5, 1.5) * pause)
                await self.act()
        except Exception as error:
            self._seen.errors.append(repr(error))
        finally:
            await self.leave()

    async def arrive(self) -> None:
        """Opens the page of a client, and waits until it can be worked with."""
        began = time.perf_counter()
        client = self._random.choice(self._clients)
        self._page = await Page.open(self._host, f"/comparaison?client={client}")
        await self._settle(self._page)
        self._seen.pages.append(time.perf_counter() - began)

    async def act(self) -> None:
        """Chooses another client, or changes this one's income."""
        if self._random.random() < 1 / _ACTIONS_A_CLIENT:
            await self.choose()
        else:
            await self.edit()

    async def choose(self) -> None:
        """Another client, until its score and its fields are there."""
        page = self._there()
        began = time.perf_counter()
        page.forget()
        await page.intend("ClientSearch", "choose", str(self._random.choice(self._clients)))
        await page.until(lambda: page.changed(page.model("Drafts"), "key"))
        await self._settle(page)
        self._seen.choices.append(time.perf_counter() - began)

    async def edit(self) -> None:
        """Another income, until its score and what it changes are there."""
        page = self._there()
        gauge, chart = page.model("Gauge", 1), page.model("ChartCard", 0)
        income = str(self._random.randrange(20_000, 400_000, 100))
        self._visit += 1
        told = {"feature": "AMT_INCOME_TOTAL", "text": income, "visit": str(self._visit)}
        began = time.perf_counter()
        page.forget()
        await page.intend("EditForm", "edit", json.dumps(told))
        await page.until(lambda: page.changed(chart, "chart") and _scored(page, gauge))
        self._seen.edits.append(time.perf_counter() - began)

    async def leave(self) -> None:
        """Closes the page."""
        if self._page is not None:
            page, self._page = self._page, None
            await page.close()

    def _there(self) -> Page:
        if self._page is None:
            raise RuntimeError("the officer has no page open")
        return self._page

    async def _settle(self, page: Page) -> None:
        """Says, as the browser does, that it has kept no draft of the client, and waits for score and form."""
        drafts, gauge, form = page.model("Drafts"), page.model("Gauge", 0), page.model("EditForm")
        await page.until(lambda: bool(page.values.get((drafts, "key"))))
        await page.intend("Drafts", "restore", json.dumps({"key": page.values[drafts, "key"]}))
        await page.until(lambda: bool(page.values.get((form, "groups"))) and _scored(page, gauge))


def _scored(page: Page, gauge: str) -> bool:
    # A parameter with its default value is left out of the document.
    return bool(page.values.get((gauge, "score"))) and not page.values.get((gauge, "busy"))
