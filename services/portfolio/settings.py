"""Settings of the portfolio service."""

from pathlib import Path

from pydantic import Field, FilePath, ValidationInfo, field_validator

from services.common.settings import ServiceSettings
from services.portfolio.engines import with_password


class PortfolioSettings(ServiceSettings):
    """The shared settings, the database (``DATABASE_URL``, as hosting platforms call it) and the features' folder."""

    port: int = Field(default=50054, ge=0, le=65535)
    # File that holds the database's password and nothing else, for a URL without one.
    database_password_file: FilePath | None = Field(default=None, validation_alias="DATABASE_PASSWORD_FILE")
    # sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; with the password of the file once it is loaded.
    database_url: str = Field(default="sqlite:///var/portfolio.db", validation_alias="DATABASE_URL")
    # Folder of the published features; one database, one folder.
    portfolio_dir: Path = Path("var/portfolio")

    @field_validator("database_url")
    @classmethod
    def _with_its_password(cls, url: str, info: ValidationInfo) -> str:
        file = info.data.get("database_password_file")
        if file is None:
            return url
        try:
            password = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"its password cannot be read from DATABASE_PASSWORD_FILE, {file}: {error}") from error
        if not password:
            raise ValueError(f"DATABASE_PASSWORD_FILE, {file}, is empty")
        return with_password(url, password)
