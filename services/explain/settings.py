"""Settings of the explain service."""

from pathlib import Path

from pydantic import Field

from services.common.live import ModelSettings

DEFAULT_PORT = 50052


class ExplainSettings(ModelSettings):
    """The shared settings and where the model is, where the clients are, and where their explanations are kept."""

    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    # Whose clients are explained.
    portfolio_address: str = "localhost:50054"
    # The portfolio's explanations, by model version and publication; computed again where they are missing.
    explanations_dir: Path = Path("var/explanations")
    # Seconds between two looks at what is published.
    portfolio_poll_seconds: float = Field(default=2.0, gt=0)
    # Threads that explain the portfolio in the background.
    background_threads: int = Field(default=1, ge=1, le=256)
    # Threads that answer calls.
    threads: int = Field(default=4, ge=1, le=256)
