"""Settings of the scoring service."""

from pydantic import Field

from services.common.live import ModelSettings

DEFAULT_PORT = 50051


class ScoringSettings(ModelSettings):
    """The shared settings and where the model is, and how much of the machine scoring may use."""

    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    # Threads that one batch may use.
    threads: int = Field(default=2, ge=1, le=256)
