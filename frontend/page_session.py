"""What every open page asks of the services, whatever it shows besides. Knows nothing of Panel."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from frontend.clients.services import Services
from frontend.clients.types import FeatureDictionary, Model, Publication, Service
from frontend.remote import NOT_ASKED, Failed, LatestCall, NotAsked, Pending, Ready, Remote
from services.common import tracing
from services.common.errors import FailedPrecondition

_LARGEST_ID = 2**63 - 1
# Detail of an error that says which model is live when another one was asked for.
_LIVE = "live_version"


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What is published, and how to read it."""

    publication: Publication
    dictionary: FeatureDictionary


@dataclass(frozen=True, slots=True)
class PageView:
    """What every page shows at one moment; ``choice`` is the client that the officer asked for, as written."""

    choice: str = ""
    portfolio: Remote[Portfolio] = NOT_ASKED
    model: Remote[Model] = NOT_ASKED
    silent: frozenset[Service] = frozenset()

    @property
    def waits(self) -> Mapping[Service, Sequence[Remote[object]]]:
        """The services that the page needs, each with what it waits for."""
        return {Service.PORTFOLIO: (self.portfolio,), Service.SCORING: (self.model,)}

    @property
    def outages(self) -> frozenset[Service]:
        """Services of this page that don't answer: to the health check, or to a call that the page is waiting for."""
        return frozenset(
            service
            for service, values in self.waits.items()
            if service in self.silent or any(_is_outage(value) for value in values)
        )

    @property
    def nothing_published(self) -> bool:
        """Whether the page needs clients, and the portfolio service answers, but has none yet."""
        if Service.PORTFOLIO not in self.waits:
            return False
        return isinstance(self.portfolio, Failed) and isinstance(self.portfolio.error, FailedPrecondition)

    @property
    def dictionary(self) -> FeatureDictionary | None:
        """The feature dictionary, once it is there."""
        return self.portfolio.value.dictionary if isinstance(self.portfolio, Ready) else None


def parse_id(text: str) -> int | None:
    """Reads a client identifier; None when the text is not a positive whole number that the contract can carry."""
    if not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if 0 < number <= _LARGEST_ID else None


def _is_outage(value: Remote[object]) -> bool:
    """A service that is there but cannot answer yet (nothing published, still computing) is no outage."""
    if not isinstance(value, Failed) or not value.retrying:
        return False
    return not isinstance(value.error, FailedPrecondition) and "progress" not in value.error.details


V = TypeVar("V", bound=PageView)
_T = TypeVar("_T")


def _while_switching(value: Remote[_T]) -> Remote[_T]:
    """An answer that is refused because another model is becoming the live one is on its way."""
    if isinstance(value, Failed) and _LIVE in value.error.details:
        return Pending()
    return value


class PageSession(ABC, Generic[V]):
    """One open page: keeps its view up to date and, once attached, gives every new view to the page.

    No view holds answers of two models: what depends on the model is asked for by ``_of_model``, and given up and asked
    for anew, all together, when another model takes over.
    """

    def __init__(self, services: Services, view: V) -> None:
        self.view = view
        self._services = services
        self._show: Callable[[V], None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._calls: list[LatestCall[object]] = []
        self._calls_portfolio: LatestCall[Portfolio] = self._call(self._portfolio_came)
        self._calls_model: LatestCall[Model] = self._call(self._model_came)

    def start(self, arguments: Mapping[str, str]) -> None:
        """Begins to ask, in the running event loop; ``arguments`` are the parameters of the page's address."""
        self._calls_portfolio.start(self._ask_portfolio)
        self._calls_model.start(self._services.scoring.model)
        self._watching = asyncio.create_task(self._watch(), context=tracing.apart())
        self.choose(arguments.get("client", ""))

    def attach(self, show: Callable[[V], None]) -> None:
        """Shows the view of now, and from now on every change of it."""
        self._show = show
        show(self.view)

    def close(self) -> None:
        """Gives up every call; the page is gone."""
        for calls in self._calls:
            calls.cancel()
        if self._watching is not None:
            self._watching.cancel()

    def _depends_on_model(self) -> Mapping[str, Callable[[], None]]:
        """What asks anew for each value of the view that the model decides, by the value's name."""
        return {}

    async def _of_model(self, ask: Callable[[str], Awaitable[_T]]) -> _T:
        """Asks with the version of the model that the page shows; with none, which any model answers, without one.

        Raises FailedPrecondition when that version is not the live one (any more, or yet where a service lags behind).
        """
        model = self.view.model
        try:
            return await ask(model.value.version if isinstance(model, Ready) else "")
        except FailedPrecondition as error:
            if _LIVE in error.details:
                self._calls_model.renew(self.view.model, self._services.scoring.model)
            raise

    def _model_came(self, model: Remote[Model]) -> None:
        before = self.view.model
        if not isinstance(model, Ready) or (isinstance(before, Ready) and before.value.version == model.value.version):
            self._set(model=model)
            return
        asked = {
            name: ask
            for name, ask in self._depends_on_model().items()
            if not isinstance(getattr(self.view, name), NotAsked)
        }
        self._set(model=model, **dict.fromkeys(asked, Pending()))
        # One that asks for several values asks once.
        for ask in dict.fromkeys(asked.values()):
            ask()

    @abstractmethod
    def choose(self, choice: str) -> None:
        """Shows another client; an empty choice shows none."""

    def _portfolio_came(self, portfolio: Remote[Portfolio]) -> None:
        self._set(portfolio=portfolio)

    def _back(self, service: Service) -> None:
        """Asks a service again that was away: what it says may have changed meanwhile."""
        if service is Service.PORTFOLIO:
            self._calls_portfolio.renew(self.view.portfolio, self._ask_portfolio)
        elif service is Service.SCORING:
            self._calls_model.renew(self.view.model, self._services.scoring.model)

    async def _ask_portfolio(self) -> Portfolio:
        publication = await self._services.portfolio.publication()
        dictionary = await self._services.portfolio.dictionary(publication.feature_contract)
        return Portfolio(publication, dictionary)

    async def _watch(self) -> None:
        async for silent in self._services.monitor.changes():
            back = self.view.silent - silent
            self._set(silent=silent)
            for service in back:
                self._back(service)

    def _call(self, publish: Callable[[Remote[_T]], None]) -> LatestCall[_T]:
        """A call of this page, given up with it."""
        calls = LatestCall[_T](lambda value: publish(_while_switching(value)))
        self._calls.append(calls)  # type: ignore[arg-type]
        return calls

    def _set(self, **changes: object) -> None:
        view = replace(self.view, **changes)  # type: ignore[arg-type]
        if view != self.view:
            self.view = view
            if self._show is not None:
                self._show(view)
