"""What one officer's page asks of the services, and the state that the page shows. Knows nothing of Panel."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from frontend.clients.health import HealthMonitor
from frontend.clients.portfolio import PortfolioClient
from frontend.clients.scoring import ScoringClient
from frontend.clients.types import (
    Client,
    FeatureDictionary,
    Model,
    Publication,
    Score,
    SearchResults,
    Service,
)
from frontend.remote import NOT_ASKED, Failed, LatestCall, Pending, Ready, Remote
from services.common.errors import FailedPrecondition

_RESULTS = 20
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What is published, and how to read it."""

    publication: Publication
    dictionary: FeatureDictionary


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the page shows at one moment.

    ``choice`` is what the officer asked for, as written; ``query`` is the text that ``results`` belong to.
    """

    choice: str = ""
    query: str = ""
    results: Remote[SearchResults] = NOT_ASKED
    portfolio: Remote[Portfolio] = NOT_ASKED
    model: Remote[Model] = NOT_ASKED
    client: Remote[Client] = NOT_ASKED
    score: Remote[Score] = NOT_ASKED
    silent: frozenset[Service] = frozenset()

    @property
    def choice_is_valid(self) -> bool:
        """Whether the choice can be an identifier at all."""
        return parse_id(self.choice) is not None

    @property
    def outages(self) -> frozenset[Service]:
        """Services that don't answer: to the health check, or to a call that the page is waiting for."""
        waits = {
            Service.PORTFOLIO: (self.portfolio, self.client, self.results),
            Service.SCORING: (self.model, self.score),
        }
        failing = {
            service
            for service, values in waits.items()
            if any(isinstance(value, Failed) and value.retrying and not _unpublished(value) for value in values)
        }
        return self.silent | failing

    @property
    def nothing_published(self) -> bool:
        """Whether the portfolio service answers, but has no clients yet."""
        return isinstance(self.portfolio, Failed) and _unpublished(self.portfolio)


def parse_id(text: str) -> int | None:
    """Reads a client identifier; None when the text is not a positive whole number that the contract can carry."""
    if not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if 0 < number <= _LARGEST_ID else None


def _unpublished(value: Failed) -> bool:
    return isinstance(value.error, FailedPrecondition)


class Session:
    """One open page: keeps its view up to date and, once attached, gives every new view to the page."""

    def __init__(self, portfolio: PortfolioClient, scoring: ScoringClient, monitor: HealthMonitor) -> None:
        self._portfolio = portfolio
        self._scoring = scoring
        self._monitor = monitor
        self._show: Callable[[View], None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self.view = View()
        self._calls_portfolio = LatestCall[Portfolio](lambda value: self._set(portfolio=value))
        self._calls_model = LatestCall[Model](lambda value: self._set(model=value))
        self._calls_client = LatestCall[Client](self._client_came)
        self._calls_score = LatestCall[Score](self._score_came)
        self._calls_results = LatestCall[SearchResults](lambda value: self._set(results=value))

    def start(self, choice: str) -> None:
        """Begins to ask, in the running event loop."""
        self._calls_portfolio.start(self._ask_portfolio)
        self._calls_model.start(self._scoring.model)
        self._watching = asyncio.create_task(self._watch())
        self.choose(choice)

    def attach(self, show: Callable[[View], None]) -> None:
        """Shows the view of now, and from now on every change of it."""
        self._show = show
        show(self.view)

    def close(self) -> None:
        """Gives up every call; the page is gone."""
        for calls in (
            self._calls_portfolio,
            self._calls_model,
            self._calls_client,
            self._calls_score,
            self._calls_results,
        ):
            calls.cancel()
        if self._watching is not None:
            self._watching.cancel()

    def choose(self, choice: str) -> None:
        """Shows another client; calls for the one before are given up. An empty choice shows none."""
        if choice == self.view.choice:
            return
        self._calls_client.cancel()
        self._calls_score.cancel()
        sk_id_curr = parse_id(choice)
        self._set(choice=choice, client=NOT_ASKED, score=NOT_ASKED)
        if sk_id_curr is not None:
            self._calls_client.start(self._ask_client(sk_id_curr))

    def search(self, query: str) -> None:
        """Looks for clients whose identifier starts with the text."""
        self._calls_results.cancel()
        self._set(query=query, results=NOT_ASKED)
        if not query or (query.isascii() and query.isdigit()):
            self._calls_results.start(lambda: self._portfolio.search(query, _RESULTS))

    def _ask_client(self, sk_id_curr: int) -> Callable[[], Awaitable[Client]]:
        return lambda: self._portfolio.client(sk_id_curr)

    async def _ask_portfolio(self) -> Portfolio:
        publication = await self._portfolio.publication()
        return Portfolio(publication, await self._portfolio.dictionary(publication.feature_contract))

    def _client_came(self, client: Remote[Client]) -> None:
        self._set(client=client)
        if isinstance(client, Ready):
            record = client.value.record
            ask = self._calls_score.refresh if isinstance(self.view.score, Ready) else self._calls_score.start
            ask(lambda: self._scoring.score(record))

    def _score_came(self, score: Remote[Score]) -> None:
        self._set(score=score)
        model = self.view.model
        if isinstance(score, Ready) and isinstance(model, Ready) and score.value.model_version != model.value.version:
            self._calls_model.refresh(self._scoring.model)

    async def _watch(self) -> None:
        async for silent in self._monitor.changes():
            back = self.view.silent - silent
            self._set(silent=silent)
            if Service.PORTFOLIO in back:
                self._portfolio_is_back()
            if Service.SCORING in back:
                self._scoring_is_back()

    def _portfolio_is_back(self) -> None:
        """What the service says may have changed while it was away, so everything is asked again."""
        self._calls_portfolio.refresh(self._ask_portfolio)
        sk_id_curr = parse_id(self.view.choice)
        if sk_id_curr is not None:
            self._calls_client.refresh(self._ask_client(sk_id_curr))
        if isinstance(self.view.results, Failed | Pending):
            self.search(self.view.query)

    def _scoring_is_back(self) -> None:
        self._calls_model.refresh(self._scoring.model)
        if isinstance(self.view.client, Ready):
            record = self.view.client.value.record
            self._calls_score.refresh(lambda: self._scoring.score(record))

    def _set(self, **changes: object) -> None:
        view = replace(self.view, **changes)  # type: ignore[arg-type]
        if view != self.view:
            self.view = view
            if self._show is not None:
                self._show(view)
