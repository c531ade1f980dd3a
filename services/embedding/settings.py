"""Settings of the embedding service."""

from pathlib import Path

from pydantic import Field

from services.common.settings import ServiceSettings

DEFAULT_PORT = 50053


class EmbeddingSettings(ServiceSettings):
    """The shared settings, where the models are, and how texts are gathered."""

    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    # Exported models, as NAME/PRECISION.
    embedding_dir: Path = Path("var/embeddings")
    # Id of the model that answers when a caller names none.
    embedding_model: str = "all-MiniLM-L6-v2/int8"
    # Threads that one batch may use; 0: one for each core.
    threads: int = Field(default=0, ge=0, le=256)
    # Most texts in one message.
    max_texts: int = Field(default=2_000, gt=0)
    # Longest time that a call waits for others to be computed with, in milliseconds.
    gather_milliseconds: float = Field(default=4.0, ge=0, le=1000)
    # Most texts that wait; a call that would exceed it is refused.
    max_waiting_texts: int = Field(default=8_000, gt=0)
