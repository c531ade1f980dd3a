"""The long-running parts, one process each: the gRPC services and the dashboard."""

from enum import StrEnum
from typing import Annotated

import typer


class ServiceName(StrEnum):
    """The services that can be started."""

    SCORING = "scoring"
    EXPLAIN = "explain"
    EMBEDDING = "embedding"
    PORTFOLIO = "portfolio"


Port = Annotated[int | None, typer.Option(min=0, max=65535, help="TCP port; 0 lets the system choose one.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command()(serve)
    app.command()(dashboard)


def serve(service: ServiceName, port: Port = None) -> None:
    """Starts one gRPC service: scoring (port 50051), explain (50052), embedding (50053) or portfolio (50054).

    The model comes from CLAIRSCORE_MODEL_DIR: the live version of a registry, followed when it changes, or the folder
    of one model. The database is DATABASE_URL. explain reads the clients at CLAIRSCORE_PORTFOLIO_ADDRESS and keeps
    their explanations in CLAIRSCORE_EXPLANATIONS_DIR. embedding takes the models in CLAIRSCORE_EMBEDDING_DIR and the
    classifier in CLAIRSCORE_PRODUCTS_DIR. SIGTERM drains calls in flight.

    Example: `clairscore serve scoring --port 50051`
    """
    match service:
        case ServiceName.SCORING:
            from services.scoring.serve import main
        case ServiceName.EXPLAIN:
            from services.explain.serve import main
        case ServiceName.EMBEDDING:
            from services.embedding.serve import main
        case ServiceName.PORTFOLIO:
            from services.portfolio.serve import main
    main(port)


def dashboard(port: Port = None) -> None:
    """Starts the dashboard (port 5006).

    It finds the services by CLAIRSCORE_SCORING_ADDRESS and CLAIRSCORE_PORTFOLIO_ADDRESS.

    Example: `clairscore dashboard --port 5006`
    """
    from frontend.app import main

    main(port)
