"""Returns to the publication before the live one: its model, its clients and their scores."""

import asyncio
from pathlib import Path

from pipeline.live import switch, switching
from pipeline.registry.registry import Registry
from services.common.errors import FailedPrecondition
from services.portfolio.database import Database
from services.portfolio.domain import Publication


def rollback(database_url: str, portfolio_dir: Path, registry: Registry, *, keep: int) -> Publication:
    """Makes the publication before the live one live again, with its model, and returns it.

    What is returned from is removed from the portfolio; its model stays in the registry, so that it can be published
    again. Until the transaction is committed, an error or an interruption changes nothing.

    Args:
        database_url: as for ``publish``.
        portfolio_dir: as for ``publish``.
        registry: as for ``publish``.
        keep: publications that remain, the live one among them.

    Raises:
        FailedPrecondition: no former publication is kept, its features are gone, or a publish is running.
        Misconfigured: its model is not in the registry any more, or damaged.
        Unavailable: the database or the registry does not answer.
    """
    with switching(database_url, portfolio_dir, registry):
        return asyncio.run(_rollback(database_url, portfolio_dir, registry, keep))


async def _rollback(database_url: str, portfolio_dir: Path, registry: Registry, keep: int) -> Publication:
    database = Database(database_url)
    try:
        async with database.writing() as unit:
            former = await unit.publications.previous()
            if former is None:
                raise FailedPrecondition("There is no former publication to return to.")
            if not (portfolio_dir / former.features_file).is_file():
                raise FailedPrecondition(
                    f"The features of the former publication are not in {portfolio_dir}: publish it again."
                )
            # A damaged version must not go live.
            registry.folder(former.model_version)
            await switch(unit, former, registry, keep)
            return former
    finally:
        await database.close()
