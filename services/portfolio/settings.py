"""Settings of the portfolio service."""

from pathlib import Path

from pydantic import Field

from services.common.settings import ServiceSettings


class PortfolioSettings(ServiceSettings):
    """The shared settings, the database (``DATABASE_URL``, as hosting platforms call it) and the features' folder."""

    port: int = Field(default=50054, ge=0, le=65535)
    # sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.
    database_url: str = Field(default="sqlite:///var/portfolio.db", validation_alias="DATABASE_URL")
    # Folder of the published features; one database, one folder.
    portfolio_dir: Path = Path("var/portfolio")
