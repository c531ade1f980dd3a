"""The gRPC face of the portfolio: converts, calls, converts back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, TypeAlias

import grpc
from clairscore.portfolio.v1 import portfolio_pb2 as pb
from clairscore.portfolio.v1 import portfolio_pb2_grpc

from services.common.convert import record_from
from services.portfolio import convert
from services.portfolio.applications import StoredApplications
from services.portfolio.portfolio import Portfolio
from services.portfolio.scenarios import SavedScenarios

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class PortfolioServicer(portfolio_pb2_grpc.PortfolioServiceServicer):
    """Answers the calls of ``PortfolioService``; errors are mapped by the shared interceptor."""

    def __init__(self, portfolio: Portfolio, scenarios: SavedScenarios, applications: StoredApplications) -> None:
        self._portfolio = portfolio
        self._scenarios = scenarios
        self._applications = applications

    async def GetClient(self, request: pb.GetClientRequest, context: _Context) -> pb.GetClientResponse:
        """One client."""
        return pb.GetClientResponse(client=convert.client_to(await self._portfolio.client(request.sk_id_curr)))

    async def SearchClients(self, request: pb.SearchClientsRequest, context: _Context) -> pb.SearchClientsResponse:
        """Clients by prefix and attributes."""
        query = convert.query_from(request)
        return convert.page_to(await self._portfolio.search(query, request.page_size, request.page_token))

    async def ListFeatures(self, request: pb.ListFeaturesRequest, context: _Context) -> pb.ListFeaturesResponse:
        """The feature dictionary."""
        return convert.features_to(await self._portfolio.publication())

    async def GetDistribution(
        self, request: pb.GetDistributionRequest, context: _Context
    ) -> pb.GetDistributionResponse:
        """The distribution of a feature."""
        return convert.distribution_to(await self._portfolio.distribution(request.feature, request.bins))

    async def GetPublication(self, request: pb.GetPublicationRequest, context: _Context) -> pb.GetPublicationResponse:
        """What is published."""
        return convert.publication_to(await self._portfolio.publication())

    async def ReadColumns(
        self, request: pb.ReadColumnsRequest, context: _Context
    ) -> AsyncIterator[pb.ReadColumnsResponse]:
        """Whole columns, in blocks of clients."""
        async with aclosing(
            self._portfolio.columns(request.columns, request.after_sk_id_curr, request.publication)
        ) as blocks:
            async for block in blocks:
                yield convert.block_to(block)

    async def SaveScenario(self, request: pb.SaveScenarioRequest, context: _Context) -> pb.SaveScenarioResponse:
        """Keeps changes of a client under a name."""
        overrides = record_from(request.overrides)
        scenario = await self._scenarios.save(request.sk_id_curr, request.name, overrides)
        return pb.SaveScenarioResponse(scenario=convert.scenario_to(scenario))

    async def ListScenarios(self, request: pb.ListScenariosRequest, context: _Context) -> pb.ListScenariosResponse:
        """All scenarios of a client."""
        found = await self._scenarios.of(request.sk_id_curr)
        return pb.ListScenariosResponse(scenarios=[convert.scenario_to(scenario) for scenario in found])

    async def GetScenario(self, request: pb.GetScenarioRequest, context: _Context) -> pb.GetScenarioResponse:
        """One scenario of a client."""
        scenario = await self._scenarios.get(request.sk_id_curr, request.scenario_id)
        return pb.GetScenarioResponse(scenario=convert.scenario_to(scenario))

    async def DeleteScenario(self, request: pb.DeleteScenarioRequest, context: _Context) -> pb.DeleteScenarioResponse:
        """Forgets a scenario."""
        await self._scenarios.delete(request.sk_id_curr, request.scenario_id)
        return pb.DeleteScenarioResponse()

    async def SaveApplication(
        self, request: pb.SaveApplicationRequest, context: _Context
    ) -> pb.SaveApplicationResponse:
        """Keeps a new application with its score."""
        record, score = record_from(request.record.fields), convert.score_from(request.score)
        application = await self._applications.save(request.request_id, request.reference, record, score)
        return pb.SaveApplicationResponse(application=convert.application_to(application))

    async def GetApplication(self, request: pb.GetApplicationRequest, context: _Context) -> pb.GetApplicationResponse:
        """One application."""
        application = await self._applications.get(request.application_id)
        return pb.GetApplicationResponse(application=convert.application_to(application))

    async def ListApplications(
        self, request: pb.ListApplicationsRequest, context: _Context
    ) -> pb.ListApplicationsResponse:
        """The applications, page by page."""
        found, following = await self._applications.page(request.page_size, request.page_token)
        return pb.ListApplicationsResponse(
            applications=[convert.application_summary_to(one) for one in found], next_page_token=following
        )


class PortfolioServer:
    """What the shared server runs: the servicer, and whether its database answers."""

    names: Sequence[str] = (pb.DESCRIPTOR.services_by_name["PortfolioService"].full_name,)

    def __init__(self, portfolio: Portfolio, scenarios: SavedScenarios, applications: StoredApplications) -> None:
        self._portfolio = portfolio
        self._scenarios = scenarios
        self._applications = applications

    def add_to(self, server: grpc.aio.Server) -> None:
        """Registers the servicer."""
        servicer = PortfolioServicer(self._portfolio, self._scenarios, self._applications)
        portfolio_pb2_grpc.add_PortfolioServiceServicer_to_server(servicer, server)

    async def ready(self) -> bool:
        """Whether the database answers; nothing published is an answer, too."""
        return await self._portfolio.ready()

    async def close(self) -> None:
        """Closes the database."""
        await self._portfolio.close()
