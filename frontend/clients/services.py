"""The clients of all services: one of each for the whole process, shared by all open pages."""

from dataclasses import dataclass

from frontend.analyses import Analyses
from frontend.clients.columns import ColumnsClient, ColumnStore
from frontend.clients.explain import ExplainClient
from frontend.clients.health import HealthMonitor
from frontend.clients.portfolio import PortfolioClient
from frontend.clients.products import ProductsClient
from frontend.clients.scoring import ScoringClient
from frontend.clients.types import Service
from frontend.settings import DashboardSettings


@dataclass(frozen=True)
class Services:
    """The clients of the services."""

    portfolio: PortfolioClient
    scoring: ScoringClient
    explain: ExplainClient
    products: ProductsClient
    analyses: Analyses
    monitor: HealthMonitor

    @classmethod
    def of(cls, settings: DashboardSettings) -> "Services":
        """Makes the clients; they connect with the first call."""
        addresses = {
            Service.PORTFOLIO: settings.portfolio_address,
            Service.SCORING: settings.scoring_address,
            Service.EXPLAIN: settings.explain_address,
            Service.EMBEDDING: settings.embedding_address,
        }
        portfolio = PortfolioClient(settings.portfolio_address, settings.call_deadline)
        columns = ColumnsClient(settings.portfolio_address, settings.analysis_deadline)
        return cls(
            portfolio,
            ScoringClient(settings.scoring_address, settings.call_deadline),
            ExplainClient(settings.explain_address, settings.analysis_deadline),
            ProductsClient(settings.embedding_address, settings.call_deadline, settings.analysis_deadline),
            Analyses(ColumnStore(portfolio, columns, settings.columns_megabytes * 2**20)),
            HealthMonitor(addresses, settings.health_interval, settings.call_deadline),
        )
