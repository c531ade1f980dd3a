"""Settings, read from environment variables ``CLAIRSCORE_…`` and refused early when wrong."""

from typing import Any, Literal, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.common.errors import Misconfigured
from services.common.telemetry import mask

_PREFIX = "CLAIRSCORE_"
_MEBIBYTE = 1024 * 1024


class Settings(BaseSettings):
    """Settings read from the environment; every process of ours has a class of its own with its fields."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True)

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Reads the environment; ``overrides`` (of a command line) go before it, None meaning "not given".

        Raises:
            Misconfigured: a value is wrong; names every faulty variable.
        """
        try:
            return cls(**{name: value for name, value in overrides.items() if value is not None})
        except ValidationError as error:
            faults = (f"{cls._variable(fault['loc'])}: {fault['msg']}" for fault in error.errors())
            raise Misconfigured("wrong setting: " + "; ".join(faults)) from error

    @classmethod
    def _variable(cls, location: tuple[int | str, ...]) -> str:
        # A field with an alias (DATABASE_URL) is reported under the alias.
        name = str(location[0]) if location else ""
        return f"{_PREFIX}{name.upper()}" if name in cls.model_fields else name.upper()


class ServiceSettings(Settings):
    """What the shared server needs to know. A service adds its own fields and gives ``port`` a default."""

    # Address to listen on; "0.0.0.0" in a container.
    host: str = "127.0.0.1"
    # 0: any free port, named in the log line of the start.
    port: int = Field(default=0, ge=0, le=65535)
    # Where Prometheus reads /metrics. Unset: port + 1000, or any free port when ``port`` is 0. 0: no metrics.
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    # Largest message accepted or sent, in bytes.
    max_message_bytes: int = Field(default=16 * _MEBIBYTE, gt=0)
    # Most rows in one block of a batch.
    max_batch_rows: int = Field(default=10_000, gt=0)
    # How long calls in flight may go on after SIGTERM.
    drain_seconds: float = Field(default=20.0, ge=0)
    # How long a connection may last before its caller is asked to open another, which finds replicas that are new.
    connection_age_seconds: float = Field(default=60.0, gt=0)
    # How often the health status is brought up to date.
    ready_check_seconds: float = Field(default=1.0, gt=0)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"


def describe(settings: BaseSettings) -> dict[str, str]:
    """The settings as text for the log of the start: secrets, also passwords inside URLs, are masked."""
    return {name: mask(str(getattr(settings, name))) for name in type(settings).model_fields}
