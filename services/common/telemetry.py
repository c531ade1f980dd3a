"""Structured logs on standard output: one JSON object a line (or colours for a console), free of secrets."""

import logging
import logging.config
import re
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

from services.common.tracing import name_trace

_URL_PASSWORD = re.compile(r"(://[^/\s:@]*:)[^@\s]+(@)")
_QUERY_PASSWORD = re.compile(r"((?:password|secret|token)=)[^&\s]+", re.IGNORECASE)


def mask(text: str) -> str:
    """Hides passwords in URLs and connection strings: ``postgresql://app:***@db/clients``."""
    return _QUERY_PASSWORD.sub(r"\1***", _URL_PASSWORD.sub(r"\1***\2", text))


def configure_logging(level: str = "info", log_format: Literal["json", "console"] = "json") -> None:
    """Sends the logs of this process, the libraries' included, to standard output in one format."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        name_trace,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, _mask_values, structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [_mask_values, structlog.dev.ConsoleRenderer()]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "shared": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [*shared, structlog.stdlib.add_logger_name],
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
                }
            },
            "handlers": {
                "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "shared"}
            },
            # Libraries speak only of what went wrong, unless someone is debugging.
            "root": {"level": "DEBUG" if level == "debug" else "WARNING", "handlers": ["stdout"]},
        }
    )


def _mask_values(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str) and ("://" in value or "=" in value):
            event[key] = mask(value)
    return event
