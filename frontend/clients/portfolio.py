"""Client of the portfolio service."""

from collections.abc import Mapping, Sequence

from clairscore.portfolio.v1.portfolio_pb2 import (
    DeleteScenarioRequest,
    GetApplicationRequest,
    GetClientRequest,
    GetPublicationRequest,
    ListApplicationsRequest,
    ListFeaturesRequest,
    ListScenariosRequest,
    SaveApplicationRequest,
    SaveScenarioRequest,
    SearchClientsRequest,
)
from clairscore.portfolio.v1.portfolio_pb2_grpc import PortfolioServiceStub

from frontend.clients import convert
from frontend.clients import convert_changes as changes
from frontend.clients.applications import Application, ApplicationSummary, to_application, to_summary
from frontend.clients.changes import Scenario
from frontend.clients.types import (
    AttributeFilter,
    Client,
    FeatureDictionary,
    Publication,
    Score,
    SearchResults,
    Value,
)
from services.common.client import Connection, call


class PortfolioClient:
    """Asks the portfolio service; one for the whole process. Every method raises ``ClairscoreError``."""

    def __init__(self, address: str, deadline: float) -> None:
        self._connection = Connection(address, PortfolioServiceStub)
        self._deadline = deadline
        self._dictionary: FeatureDictionary | None = None

    async def client(self, sk_id_curr: int) -> Client:
        """One client. Raises NotFound when there is none with this identifier."""
        request = GetClientRequest(sk_id_curr=sk_id_curr)
        response = await call(self._connection.stub.GetClient, request, deadline=self._deadline)
        return convert.to_client(response.client)

    async def search(self, id_prefix: str, size: int) -> SearchResults:
        """The first ``size`` clients whose identifier starts with these digits; all clients for no digits."""
        request = SearchClientsRequest(id_prefix=id_prefix, page_size=size)
        response = await call(self._connection.stub.SearchClients, request, deadline=self._deadline)
        return convert.to_results(response)

    async def find(self, filters: Sequence[AttributeFilter], size: int, page: str) -> SearchResults:
        """A page of ``size`` clients that satisfy every filter; ``page`` is what the page before says, or empty.

        Raises InvalidInput when the page belongs to another publication.
        """
        request = SearchClientsRequest(
            filters=[convert.from_filter(one) for one in filters], page_size=size, page_token=page
        )
        response = await call(self._connection.stub.SearchClients, request, deadline=self._deadline)
        return convert.to_results(response)

    async def publication(self) -> Publication:
        """What is published now."""
        response = await call(self._connection.stub.GetPublication, GetPublicationRequest(), deadline=self._deadline)
        return convert.to_publication(response)

    async def dictionary(self, contract: str) -> FeatureDictionary:
        """The feature dictionary; asked for once per feature contract, because it is large and doesn't change."""
        if self._dictionary is None or self._dictionary.contract != contract:
            response = await call(self._connection.stub.ListFeatures, ListFeaturesRequest(), deadline=self._deadline)
            self._dictionary = convert.to_dictionary(response)
        return self._dictionary

    async def scenarios(self, sk_id_curr: int) -> tuple[Scenario, ...]:
        """The saved scenarios of a client, the last saved first."""
        request = ListScenariosRequest(sk_id_curr=sk_id_curr)
        response = await call(self._connection.stub.ListScenarios, request, deadline=self._deadline)
        return tuple(changes.to_scenario(one) for one in response.scenarios)

    async def save_scenario(self, sk_id_curr: int, name: str, overrides: Mapping[str, Value]) -> Scenario:
        """Saves changes of a client under a name; one of the same name is replaced.

        Raises ResourceExhausted when the client has as many as it may have.
        """
        request = SaveScenarioRequest(sk_id_curr=sk_id_curr, name=name, overrides=convert.from_record(overrides).fields)
        response = await call(self._connection.stub.SaveScenario, request, deadline=self._deadline)
        return changes.to_scenario(response.scenario)

    async def delete_scenario(self, sk_id_curr: int, identifier: str) -> None:
        """Forgets a scenario of a client."""
        request = DeleteScenarioRequest(sk_id_curr=sk_id_curr, scenario_id=identifier)
        await call(self._connection.stub.DeleteScenario, request, deadline=self._deadline)

    async def application(self, identifier: str) -> Application:
        """A stored application. Raises NotFound when there is no such one."""
        request = GetApplicationRequest(application_id=identifier)
        response = await call(self._connection.stub.GetApplication, request, deadline=self._deadline)
        return to_application(response.application)

    async def applications(self, size: int) -> tuple[ApplicationSummary, ...]:
        """The ``size`` applications that were stored last, the last one first."""
        request = ListApplicationsRequest(page_size=size)
        response = await call(self._connection.stub.ListApplications, request, deadline=self._deadline)
        return tuple(to_summary(one) for one in response.applications)

    async def save_application(
        self, request_id: str, reference: str, record: Mapping[str, Value], score: Score
    ) -> Application:
        """Stores an application with the score that its record was given; the same request stores once."""
        request = SaveApplicationRequest(
            request_id=request_id,
            reference=reference,
            record=convert.from_record(record),
            score=convert.from_score(score),
        )
        response = await call(self._connection.stub.SaveApplication, request, deadline=self._deadline)
        return to_application(response.application)
