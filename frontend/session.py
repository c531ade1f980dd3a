"""The client page's session: which client is chosen, who that is, and the score."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from frontend.clients.services import Services
from frontend.clients.types import Client, Score, SearchResults, Service
from frontend.page_session import PageSession, PageView, parse_id
from frontend.remote import NOT_ASKED, Failed, LatestCall, Pending, Ready, Remote

_RESULTS = 20


@dataclass(frozen=True, slots=True)
class View(PageView):
    """Everything that the page shows at one moment; ``query`` is the text that ``results`` belong to."""

    query: str = ""
    results: Remote[SearchResults] = NOT_ASKED
    client: Remote[Client] = NOT_ASKED
    score: Remote[Score] = NOT_ASKED

    @property
    def waits(self) -> Mapping[Service, Sequence[Remote[object]]]:
        """The services that the page needs, each with what it waits for."""
        return {
            Service.PORTFOLIO: (self.portfolio, self.client, self.results),
            Service.SCORING: (self.model, self.score),
        }


class Session(PageSession[View]):
    """One open client page."""

    def __init__(self, services: Services) -> None:
        super().__init__(services, View())
        self._calls_client: LatestCall[Client] = self._call(self._client_came)
        self._calls_score: LatestCall[Score] = self._call(self._score_came)
        self._calls_results: LatestCall[SearchResults] = self._call(lambda value: self._set(results=value))

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
            self._calls_results.start(lambda: self._services.portfolio.search(query, _RESULTS))

    def _ask_client(self, sk_id_curr: int) -> Callable[[], Awaitable[Client]]:
        return lambda: self._services.portfolio.client(sk_id_curr)

    def _client_came(self, client: Remote[Client]) -> None:
        self._set(client=client)
        if isinstance(client, Ready):
            record = client.value.record
            ask = self._calls_score.refresh if isinstance(self.view.score, Ready) else self._calls_score.start
            ask(lambda: self._services.scoring.score(record))

    def _score_came(self, score: Remote[Score]) -> None:
        self._set(score=score)
        model = self.view.model
        if isinstance(score, Ready) and isinstance(model, Ready) and score.value.model_version != model.value.version:
            self._calls_model.refresh(self._services.scoring.model)

    def _back(self, service: Service) -> None:
        super()._back(service)
        match service, self.view.client:
            case Service.PORTFOLIO, _:
                sk_id_curr = parse_id(self.view.choice)
                if sk_id_curr is not None:
                    self._calls_client.refresh(self._ask_client(sk_id_curr))
                if isinstance(self.view.results, Failed | Pending):
                    self.search(self.view.query)
            case Service.SCORING, Ready(value=client):
                self._calls_score.refresh(lambda: self._services.scoring.score(client.record))
