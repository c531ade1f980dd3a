"""The feature page's session: which feature and which cohort are looked at, and what is known of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from frontend.clients.explanations import PORTFOLIO, Beeswarm, Cohort, Effect, Importances
from frontend.clients.services import Services
from frontend.clients.types import Client, Distribution, Feature, Service, Value
from frontend.page_session import PageSession, PageView, Portfolio, parse_id
from frontend.remote import NOT_ASKED, Failed, LatestCall, Pending, Ready, Remote
from services.common.errors import NotFound

_SWARMS = 12
_SWARM_CLIENTS = 600


@dataclass(frozen=True, slots=True)
class FeatureView(PageView):
    """Everything that the page shows at one moment; ``feature`` is the name of the chosen one, as asked for."""

    feature: str = ""
    query: str | None = None
    cohort: Cohort = PORTFOLIO
    client: Remote[Client] = NOT_ASKED
    distribution: Remote[Distribution] = NOT_ASKED
    effect: Remote[Effect] = NOT_ASKED
    importances: Remote[Importances] = NOT_ASKED
    beeswarm: Remote[Beeswarm] = NOT_ASKED

    @property
    def waits(self) -> Mapping[Service, Sequence[Remote[object]]]:
        """The services that the page needs, each with what it waits for."""
        return {
            Service.PORTFOLIO: (self.portfolio, self.client, self.distribution),
            Service.SCORING: (self.model,),
            Service.EXPLAIN: (self.effect, self.importances, self.beeswarm),
        }

    @property
    def entry(self) -> Feature | None:
        """The dictionary's entry of the chosen feature."""
        return self.dictionary.features.get(self.feature) if self.dictionary else None

    @property
    def value(self) -> Value:
        """The chosen client's value of the chosen feature; None without one."""
        return self.client.value.value(self.feature) if isinstance(self.client, Ready) else None


class FeatureSession(PageSession[FeatureView]):
    """One open feature page; ``language`` is that of the labels that the explain service gives."""

    def __init__(self, services: Services, language: str) -> None:
        super().__init__(services, FeatureView())
        self._language = language
        self._calls_client: LatestCall[Client] = self._call(self._client_came)
        self._calls_distribution: LatestCall[Distribution] = self._call(lambda v: self._set(distribution=v))
        self._calls_effect: LatestCall[Effect] = self._call(lambda v: self._set(effect=v))
        self._calls_importances: LatestCall[Importances] = self._call(lambda v: self._set(importances=v))
        self._calls_beeswarm: LatestCall[Beeswarm] = self._call(lambda v: self._set(beeswarm=v))

    def start(self, arguments: Mapping[str, str]) -> None:
        """Begins to ask, in the running event loop."""
        super().start(arguments)
        self.choose_feature(arguments.get("variable", ""))
        self.choose_cohort(self.view.cohort)

    def choose(self, choice: str) -> None:
        """Shows another client's place; an empty choice shows none."""
        if choice == self.view.choice:
            return
        self._calls_client.cancel()
        self._set(choice=choice, client=NOT_ASKED)
        sk_id_curr = parse_id(choice)
        if sk_id_curr is None:
            self._ask_effect()
        else:
            self._calls_client.start(lambda: self._services.portfolio.client(sk_id_curr))

    def search(self, query: str) -> None:
        """Looks for features in the dictionary."""
        self._set(query=query)

    def choose_feature(self, feature: str) -> None:
        """Shows another feature; calls for the one before are given up. An empty name shows none."""
        if feature == self.view.feature:
            return
        self._calls_distribution.cancel()
        self._calls_effect.cancel()
        self._set(feature=feature, distribution=NOT_ASKED, effect=NOT_ASKED)
        if feature:
            self._calls_distribution.start(lambda: self._services.portfolio.distribution(feature))
            self._ask_effect()

    def choose_cohort(self, cohort: Cohort) -> None:
        """Shows what is important for another cohort."""
        self._set(cohort=cohort)
        explain, language = self._services.explain, self._language
        self._calls_importances.start(lambda: explain.importance(cohort, language))
        self._calls_beeswarm.start(lambda: explain.beeswarm(cohort, _SWARMS, _SWARM_CLIENTS, language))

    def _client_came(self, client: Remote[Client]) -> None:
        self._set(client=client)
        if isinstance(client, Ready) or (isinstance(client, Failed) and isinstance(client.error, NotFound)):
            self._ask_effect()

    def _ask_effect(self) -> None:
        """Asks once the client is known, if there is one: the answer holds its curve."""
        feature, client = self.view.feature, self.view.client
        if not feature or isinstance(client, Pending):
            return
        record = client.value.record if isinstance(client, Ready) else None
        self._calls_effect.start(lambda: self._services.explain.effect(feature, record, self._language))

    def _portfolio_came(self, portfolio: Remote[Portfolio]) -> None:
        before = self.view.portfolio
        super()._portfolio_came(portfolio)
        if isinstance(before, Ready) and isinstance(portfolio, Ready) and before != portfolio:
            self._ask_again()

    def _back(self, service: Service) -> None:
        super()._back(service)
        if service is Service.SCORING:
            return
        sk_id_curr = parse_id(self.view.choice)
        if service is Service.PORTFOLIO and sk_id_curr is not None:
            self._calls_client.refresh(lambda: self._services.portfolio.client(sk_id_curr))
        self._ask_again()

    def _ask_again(self) -> None:
        """Other clients are published, or a service was away: what is shown may not hold any more."""
        feature, cohort, language = self.view.feature, self.view.cohort, self._language
        explain = self._services.explain
        if feature:
            self._calls_distribution.refresh(lambda: self._services.portfolio.distribution(feature))
            self._ask_effect()
        self._calls_importances.refresh(lambda: explain.importance(cohort, language))
        self._calls_beeswarm.refresh(lambda: explain.beeswarm(cohort, _SWARMS, _SWARM_CLIENTS, language))
