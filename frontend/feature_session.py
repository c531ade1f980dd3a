"""The feature page's session: which feature and which cohort are looked at, and what is known of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from frontend.analysis.feature_distribution import FeatureDistribution
from frontend.clients.explanations import Beeswarm, Effect, Importances
from frontend.clients.services import Services
from frontend.clients.types import Client, Feature, Service, Value
from frontend.cohort_session import CohortSession, CohortView
from frontend.page_session import Portfolio, parse_id
from frontend.remote import NOT_ASKED, Failed, LatestCall, Pending, Ready, Remote
from services.common.errors import NotFound

_SWARMS = 12
_SWARM_CLIENTS = 600


@dataclass(frozen=True, slots=True)
class FeatureView(CohortView):
    """Everything that the page shows at one moment; ``feature`` is the name of the chosen one, as asked for.

    ``looked_up`` is what is searched for in the table of the dictionary; None: it is closed.
    """

    feature: str = ""
    query: str | None = None
    looked_up: str | None = None
    client: Remote[Client] = NOT_ASKED
    distribution: Remote[FeatureDistribution] = NOT_ASKED
    effect: Remote[Effect] = NOT_ASKED
    importances: Remote[Importances] = NOT_ASKED
    beeswarm: Remote[Beeswarm] = NOT_ASKED

    @property
    def waits(self) -> Mapping[Service, Sequence[Remote[object]]]:
        """The services that the page needs, each with what it waits for."""
        return {
            Service.PORTFOLIO: (self.portfolio, self.client, self.members, self.distribution),
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


class FeatureSession(CohortSession[FeatureView]):
    """One open feature page; ``language`` is that of the labels that the explain service gives."""

    def __init__(self, services: Services, language: str) -> None:
        super().__init__(services, FeatureView())
        self._language = language
        self._calls_client: LatestCall[Client] = self._call(self._client_came)
        self._calls_distribution: LatestCall[FeatureDistribution] = self._call(lambda v: self._set(distribution=v))
        self._calls_effect: LatestCall[Effect] = self._call(lambda v: self._set(effect=v))
        self._calls_importances: LatestCall[Importances] = self._call(lambda v: self._set(importances=v))
        self._calls_beeswarm: LatestCall[Beeswarm] = self._call(lambda v: self._set(beeswarm=v))

    def start(self, arguments: Mapping[str, str]) -> None:
        """Begins to ask, in the running event loop."""
        super().start(arguments)
        self.choose_feature(arguments.get("variable", ""))
        self.look_up(arguments.get("dictionary", ""))

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

    def look_up(self, text: str) -> None:
        """Opens, searches or closes the table of the dictionary, see ``read_look``."""
        self._set(looked_up=read_look(text))

    def choose_feature(self, feature: str) -> None:
        """Shows another feature; calls for the one before are given up. An empty name shows none."""
        if feature == self.view.feature:
            return
        self._calls_distribution.cancel()
        self._calls_effect.cancel()
        self._set(feature=feature, distribution=NOT_ASKED, effect=NOT_ASKED)
        if feature:
            self._ask_distribution()
            self._ask_effect()

    def _client_came(self, client: Remote[Client]) -> None:
        self._set(client=client)
        if isinstance(client, Ready) or (isinstance(client, Failed) and isinstance(client.error, NotFound)):
            self._ask_effect()

    def _ask_effect(self) -> None:
        """Asks once the client is known, if there is one: the answer holds its curve."""
        feature, client, cohort = self.view.feature, self.view.client, self.view.cohort
        if not feature or self.view.dictionary is None or isinstance(client, Pending):
            return
        record = client.value.record if isinstance(client, Ready) else None
        self._calls_effect.start(lambda: self._services.explain.effect(feature, record, cohort, self._language))

    def _ask_distribution(self) -> None:
        feature, cohort = self.view.feature, self.view.cohort
        if feature and self.view.dictionary is not None:
            ask = lambda: self._services.analyses.distribution(feature, cohort)  # noqa: E731
            self._calls_distribution.renew(self.view.distribution, ask)

    def _portfolio_came(self, portfolio: Remote[Portfolio]) -> None:
        before = self.view.portfolio
        super()._portfolio_came(portfolio)
        if isinstance(portfolio, Ready) and before != portfolio:
            self._cohort_changed()

    def _back(self, service: Service) -> None:
        super()._back(service)
        if service is Service.SCORING:
            return
        sk_id_curr = parse_id(self.view.choice)
        if service is Service.PORTFOLIO and sk_id_curr is not None:
            self._calls_client.renew(self.view.client, lambda: self._services.portfolio.client(sk_id_curr))
        self._cohort_changed()

    def _cohort_changed(self) -> None:
        """Other clients are looked at or published, or a service was away: nothing may hold any more."""
        if self.view.dictionary is None:
            return
        cohort, explain, language = self.view.cohort, self._services.explain, self._language
        self._ask_distribution()
        self._ask_effect()
        self._calls_importances.renew(self.view.importances, lambda: explain.importance(cohort, language))
        self._calls_beeswarm.renew(
            self.view.beeswarm, lambda: explain.beeswarm(cohort, _SWARMS, _SWARM_CLIENTS, language)
        )


def read_look(text: str) -> str | None:
    """What is searched for, as the table and the link write it; None for the closed table."""
    return text[1:] if text.startswith("*") else text or None


def write_look(looked_up: str | None) -> str:
    """The same as a text."""
    return "" if looked_up is None else f"*{looked_up}"
