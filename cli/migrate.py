"""``clairscore migrate``: the schema of the portfolio database, before a new version starts."""

import typer


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command()(migrate)


def migrate() -> None:
    """Brings the schema of DATABASE_URL up to date, or leaves it as it was.

    For a job that runs once before a new version starts, while the old one goes on. Services do the same when they
    start; whoever comes first does it, the others wait.

    Example: `clairscore migrate`
    """
    from sqlalchemy.exc import OperationalError

    from services.common.errors import Unavailable
    from services.portfolio.migrations.run import upgrade
    from services.portfolio.settings import PortfolioSettings

    url = PortfolioSettings.load().database_url
    try:
        before, after = upgrade(url)
    except OperationalError as error:
        raise Unavailable(f"the database in DATABASE_URL does not answer: {error.orig}") from error
    typer.echo(f"schema {after}, as it was" if before == after else f"schema {before or 'none'} -> {after}")
