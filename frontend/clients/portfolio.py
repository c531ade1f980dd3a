"""Client of the portfolio service."""

from clairscore.portfolio.v1.portfolio_pb2 import (
    GetClientRequest,
    GetDistributionRequest,
    GetPublicationRequest,
    ListFeaturesRequest,
    SearchClientsRequest,
)
from clairscore.portfolio.v1.portfolio_pb2_grpc import PortfolioServiceStub

from frontend.clients import convert
from frontend.clients.types import Client, Distribution, FeatureDictionary, Publication, SearchResults
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

    async def distribution(self, feature: str) -> Distribution:
        """How a feature is distributed over the portfolio. Raises NotFound when there is no such feature."""
        request = GetDistributionRequest(feature=feature)
        response = await call(self._connection.stub.GetDistribution, request, deadline=self._deadline)
        return convert.to_distribution(response)

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
