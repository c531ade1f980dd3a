"""Settings of the embedding service."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from services.common.settings import ServiceSettings
from services.embedding.products.settings import ProductSettings

DEFAULT_PORT = 50053


class EmbeddingSettings(ServiceSettings, ProductSettings):
    """The shared settings, where models, classifiers and the study are, and how texts are gathered."""

    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    # Exported models, as NAME/PRECISION.
    embedding_dir: Path = Path("var/embeddings")
    # Id of the model that answers when a caller names none. An INT8 one is faster, but what it gives for a text depends
    # a little on the texts that are computed with it.
    embedding_model: str = "all-MiniLM-L6-v2/fp32"
    # Seconds between two looks at the registry's pointer.
    model_poll_seconds: float = Field(default=2.0, gt=0)
    # Threads that one round may use; 0: one for each core.
    threads: int = Field(default=0, ge=0, le=256)
    # Most texts in one message.
    max_texts: int = Field(default=2_000, gt=0)
    # Longest time that a text waits for others although nothing is being computed, in milliseconds.
    gather_milliseconds: float = Field(default=4.0, ge=0, le=1000)
    # Most texts that are computed together; a call that comes meanwhile waits for their end.
    round_texts: int = Field(default=64, gt=0)
    # Most texts that wait; a call that would exceed it is refused.
    max_waiting_texts: int = Field(default=10_000, gt=0)

    @model_validator(mode="after")
    def _a_message_can_wait(self) -> Self:
        if self.max_waiting_texts < self.max_texts:
            raise ValueError("CLAIRSCORE_MAX_WAITING_TEXTS must not be less than CLAIRSCORE_MAX_TEXTS")
        return self
