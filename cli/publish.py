"""What changes what is live: publish, rollback."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import Field

from cli.progress import progress_bars
from cli.warnings import warned
from services.common.errors import FailedPrecondition
from services.common.settings import Settings

if TYPE_CHECKING:
    from pipeline.registry.registry import Registry


class PublishSettings(Settings):
    """How much of the past stays within reach."""

    # Publications that the portfolio keeps, the live one among them; rollback returns to the one before.
    publications_kept: int = Field(default=3, ge=1)


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command()(publish)
    app.command()(rollback)


def publish(
    model_dir: Annotated[Path, typer.Argument(help="Model folder written by `clairscore train`.")],
    features: Annotated[Path, typer.Argument(help="Features file of the clients to show.")],
) -> None:
    """Makes a model and the scores of all clients live, together; running services take both up by themselves.

    The model goes into the registry CLAIRSCORE_MODEL_DIR as a version that never changes. Every client is scored into
    DATABASE_URL (default: a SQLite file in var/), the columnar features go to CLAIRSCORE_PORTFOLIO_DIR. An interrupted
    publication changes nothing.

    Example: `clairscore publish var/model var/features.parquet`
    """
    from pipeline.publish import publish as run
    from pipeline.registry import tracking
    from services.portfolio.settings import PortfolioSettings

    portfolio = PortfolioSettings.load()
    keep = PublishSettings.load().publications_kept
    models = registry()
    if models is None:
        _refuse_other_than_served(model_dir)
    with progress_bars() as progress:
        publication = run(
            model_dir,
            features,
            portfolio.database_url,
            portfolio.portfolio_dir,
            progress,
            registry=models,
            keep=keep,
        )
    with warned():
        tracking.record_publication(publication.model_version, publication.published_at)
    typer.echo(f"published {publication.clients:,} clients with model {publication.model_version}")


def rollback() -> None:
    """Returns to the publication before the live one: its model, its clients and their scores.

    What is returned from leaves the portfolio; its model stays in the registry and can be published again.
    CLAIRSCORE_PUBLICATIONS_KEPT (default 3) says how many publications are kept, the live one among them.

    Example: `clairscore rollback`
    """
    from pipeline.rollback import rollback as run
    from services.portfolio.settings import PortfolioSettings

    portfolio = PortfolioSettings.load()
    keep = PublishSettings.load().publications_kept
    models = registry()
    if models is None:
        raise FailedPrecondition("CLAIRSCORE_MODEL_DIR names the folder of one model: there is nothing to return to.")
    former = run(portfolio.database_url, portfolio.portfolio_dir, models, keep=keep)
    typer.echo(
        f"live again: {former.clients:,} clients with model {former.model_version} of {former.published_at:%F %T}"
    )


def registry() -> "Registry | None":
    """Returns the registry in CLAIRSCORE_MODEL_DIR; None when that is the folder of one model, served as it is."""
    from pipeline.registry.registry import Registry, plain_folder
    from services.scoring.settings import ScoringSettings

    settings = ScoringSettings.load()
    return None if plain_folder(settings.model_dir) else Registry(settings.model_dir, settings.cache_dir)


def _refuse_other_than_served(model_dir: Path) -> None:
    from pipeline.model import manifest
    from services.scoring.settings import ScoringSettings

    served = Path(ScoringSettings.load().model_dir)
    if manifest.load(served)[0].version != manifest.load(model_dir)[0].version:
        raise FailedPrecondition(
            f"CLAIRSCORE_MODEL_DIR names the folder of another model, {served}, which scoring serves as it is: publish "
            "that one, or let CLAIRSCORE_MODEL_DIR name a registry."
        )
