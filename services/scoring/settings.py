"""Settings of the scoring service."""

from pathlib import Path

from pydantic import Field

from services.common.settings import ServiceSettings

DEFAULT_PORT = 50051


class ScoringSettings(ServiceSettings):
    """The shared settings, and where the model is."""

    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    # A registry (a folder or a URL), whose live version is followed; or the folder of one model.
    model_dir: str = "var/models"
    # Copies of the versions of a registry that is not on this machine; may be emptied at any time.
    cache_dir: Path = Path("var/cache")
    # Seconds between two looks at the registry's pointer.
    model_poll_seconds: float = Field(default=2.0, gt=0)
    # Threads that one batch may use.
    threads: int = Field(default=2, ge=1, le=256)
