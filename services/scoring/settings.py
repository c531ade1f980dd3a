"""Settings of the scoring service."""

from pathlib import Path

from pydantic import Field

from services.common.settings import ServiceSettings

DEFAULT_PORT = 50051


class ScoringSettings(ServiceSettings):
    """The shared settings, and where the model is."""

    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    # Folder as `clairscore train` writes it.
    model_dir: Path = Path("var/model")
    # Threads that one batch may use.
    threads: int = Field(default=2, ge=1, le=256)
