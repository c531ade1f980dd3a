"""The client page's session: which client is chosen, who that is, the score, and why it is so."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from frontend.choosing import ChoosingSession, ChoosingView
from frontend.clients.explanations import ComparableClients, Explanation
from frontend.clients.services import Services
from frontend.clients.types import Client, Score, Service
from frontend.page_session import parse_id
from frontend.remote import NOT_ASKED, LatestCall, Ready, Remote

_COMPARABLE = 5


@dataclass(frozen=True, slots=True)
class View(ChoosingView):
    """Everything that the page shows at one moment."""

    score: Remote[Score] = NOT_ASKED
    explanation: Remote[Explanation] = NOT_ASKED
    comparable: Remote[ComparableClients] = NOT_ASKED

    @property
    def waits(self) -> Mapping[Service, Sequence[Remote[object]]]:
        """The services that the page needs, each with what it waits for."""
        return {
            Service.PORTFOLIO: (self.portfolio, self.client, self.results, self.finding.found),
            Service.SCORING: (self.model, self.score),
            Service.EXPLAIN: (self.explanation, self.comparable),
        }


class Session(ChoosingSession[View]):
    """One open client page; ``language`` is that of the reasons that the explain service gives."""

    def __init__(self, services: Services, language: str) -> None:
        super().__init__(services, View())
        self._language = language
        self._calls_client: LatestCall[Client] = self._call(self._client_came)
        self._calls_score: LatestCall[Score] = self._call(lambda value: self._set(score=value))
        self._calls_explanation: LatestCall[Explanation] = self._call(lambda value: self._set(explanation=value))
        self._calls_comparable: LatestCall[ComparableClients] = self._call(self._comparable_came)

    def choose(self, choice: str) -> None:
        """Shows another client; calls for the one before are given up. An empty choice shows none."""
        if choice == self.view.choice:
            return
        for calls in (self._calls_client, self._calls_score, self._calls_explanation, self._calls_comparable):
            calls.cancel()
        sk_id_curr = parse_id(choice)
        self._set(choice=choice, client=NOT_ASKED, score=NOT_ASKED, explanation=NOT_ASKED, comparable=NOT_ASKED)
        if sk_id_curr is not None:
            self._calls_client.start(self._ask_client(sk_id_curr))

    def _ask_client(self, sk_id_curr: int) -> Callable[[], Awaitable[Client]]:
        return lambda: self._services.portfolio.client(sk_id_curr)

    def _client_came(self, client: Remote[Client]) -> None:
        self._set(client=client)
        if isinstance(client, Ready):
            self._ask_score(client.value)
            self._ask_reasons(client.value)

    def _ask_score(self, client: Client) -> None:
        scoring = self._services.scoring
        self._calls_score.renew(
            self.view.score, lambda: self._of_model(lambda version: scoring.score(client.record, version))
        )

    def _ask_reasons(self, client: Client) -> None:
        self._ask_explanation(client)
        self._ask_comparable(client)

    def _ask_explanation(self, client: Client) -> None:
        explain, language = self._services.explain, self._language
        self._calls_explanation.renew(
            self.view.explanation,
            lambda: self._of_model(lambda version: explain.explain(client.record, language, version)),
        )

    def _ask_comparable(self, client: Client) -> None:
        explain = self._services.explain
        self._calls_comparable.renew(
            self.view.comparable,
            lambda: self._of_model(lambda version: explain.comparable(client, _COMPARABLE, version)),
        )

    def _depends_on_model(self) -> Mapping[str, Callable[[], None]]:
        if not isinstance(self.view.client, Ready):
            return {}
        client = self.view.client.value
        return {
            "score": lambda: self._ask_score(client),
            "explanation": lambda: self._ask_explanation(client),
            "comparable": lambda: self._ask_comparable(client),
        }

    def _comparable_came(self, comparable: Remote[ComparableClients]) -> None:
        self._set(comparable=comparable)
        client, explanation = self.view.client, self.view.explanation
        # The portfolio has been explained meanwhile: now it is known how the client compares with it.
        if (
            isinstance(comparable, Ready)
            and isinstance(client, Ready)
            and isinstance(explanation, Ready)
            and not explanation.value.compared
        ):
            self._ask_explanation(client.value)

    def _back(self, service: Service) -> None:
        super()._back(service)
        match service, self.view.client:
            case Service.PORTFOLIO, _:
                sk_id_curr = parse_id(self.view.choice)
                if sk_id_curr is not None:
                    self._calls_client.renew(self.view.client, self._ask_client(sk_id_curr))
            case Service.SCORING, Ready(value=client):
                self._ask_score(client)
            case Service.EXPLAIN, Ready(value=client):
                self._ask_reasons(client)
