"""``clairscore up``: the whole stack on one machine, from nothing to a dashboard in a browser.

``clairscore prepare`` is its first half alone, for a stack that something else starts.
"""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated

import typer

from cli import stack
from cli.pipeline import features, generate, train
from cli.publish import publish, registry
from services.common.errors import FailedPrecondition, Misconfigured, Unavailable

DATA = Path("var/data")
FEATURES = Path("var/features.parquet")
MODEL = Path("var/model")
# Raw tables, features, model and portfolio take about 40 kB a client; the rest is room to breathe.
_FREE_BYTES = 1 << 30


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command()(prepare)
    app.command()(up)


_Clients = Annotated[int, typer.Option(min=1000, help="Clients of the demonstration data, if it has to be made.")]


def up(clients: _Clients = 10_000) -> None:
    """Makes demonstration data and model where there are none, then starts every service and the dashboard.

    Everything is kept in var/ below the current folder. Ctrl-C stops all of it. What you trained and published
    there by hand is taken as it is.

    Example: `clairscore up`, then open http://localhost:5006
    """
    parts = stack.parts(embedding=_embedding_model())
    stack.refuse_taken_ports(parts)
    prepare(clients)
    stack.run(parts)


def prepare(
    clients: _Clients = 10_000,
    tables: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Folder of raw tables; demonstration data is made where it is empty."
        ),
    ] = None,
) -> None:
    """Makes model and publication where there are none: features, training, publication, each unless it is there.

    Does nothing when a model is live and its clients are published, so that it may be run before every start.

    Example: `clairscore prepare --tables path/to/tables`
    """
    # Each step writes aside, so that what is there is whole.
    from pipeline.model import manifest

    model_dir = _live_model()
    if model_dir is not None and manifest.load(model_dir)[0].version == asyncio.run(_published_model()):
        typer.echo(f"nothing to prepare: model {model_dir.name} is live, with its clients")
        return
    if shutil.disk_usage(Path.cwd()).free < _FREE_BYTES + clients * 40_000:
        raise Misconfigured(f"The demonstration data needs more free disk than there is in {Path.cwd()}.")
    if not FEATURES.exists():
        if tables is None or not any(tables.iterdir()):
            tables = DATA
            if not DATA.exists():
                generate(DATA, clients)
        features(tables, FEATURES)
    if model_dir is None:
        model_dir = MODEL
        if not (model_dir / manifest.MANIFEST).exists():
            train(FEATURES, model_dir)
    publish(model_dir, FEATURES)


def _embedding_model() -> bool:
    """Whether the embedding service can start; says how it could where it cannot."""
    from pipeline.embedding.manifest import MANIFEST
    from services.embedding.settings import EmbeddingSettings

    settings = EmbeddingSettings.load()
    if (settings.embedding_dir / settings.embedding_model / MANIFEST).is_file():
        return True
    typer.echo("Without product classification: `make embeddings` exports its model and trains the demonstration.")
    return False


def _live_model() -> Path | None:
    """Returns the folder of the model that scoring serves; None when nothing is live yet."""
    from pipeline.live import put_in_order
    from services.portfolio.settings import PortfolioSettings
    from services.scoring.settings import ScoringSettings

    models = registry()
    if models is None:
        return Path(ScoringSettings.load().model_dir)
    portfolio = PortfolioSettings.load()
    put_in_order(portfolio.database_url, portfolio.portfolio_dir, models)
    live = models.live()
    return None if live is None else models.folder(live.version)


async def _published_model() -> str | None:
    """The version of the model that the portfolio was published with; None when there is no whole publication."""
    from services.portfolio.database import Database
    from services.portfolio.portfolio import Portfolio
    from services.portfolio.settings import PortfolioSettings

    settings = PortfolioSettings.load()
    portfolio = Portfolio(Database(settings.database_url), settings.portfolio_dir)
    try:
        return (await portfolio.publication()).model_version
    except (FailedPrecondition, Unavailable):
        return None
    finally:
        await portfolio.close()
