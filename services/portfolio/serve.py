"""Starts the portfolio service."""

import asyncio

from services.common.server import run
from services.common.telemetry import configure_logging
from services.common.tracing import traced
from services.portfolio.applications import StoredApplications
from services.portfolio.database import Database
from services.portfolio.portfolio import Portfolio
from services.portfolio.scenarios import SavedScenarios
from services.portfolio.servicer import PortfolioServer
from services.portfolio.settings import PortfolioSettings


def main(port: int | None = None) -> None:
    """Serves until SIGTERM; ``port`` goes before the setting.

    Raises:
        Misconfigured: a setting is wrong, or the port is taken.
    """
    settings = PortfolioSettings.load(port=port)
    configure_logging(settings.log_level, settings.log_format)
    with traced("clairscore-portfolio"):
        asyncio.run(_serve(settings))


async def _serve(settings: PortfolioSettings) -> None:
    database = Database(settings.database_url)
    portfolio = Portfolio(database, settings.portfolio_dir)
    server = PortfolioServer(portfolio, SavedScenarios(database, portfolio), StoredApplications(database, portfolio))
    await run(server, settings)
