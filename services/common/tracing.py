"""Traces, off unless the environment names an OTLP endpoint: then OpenTelemetry is not even imported.

What our code calls. Spans carry what was done, how much and how it ended; never who it was about: no identifier of a
client, no value, no text, no message of an error (they name all of these).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from services.common.errors import Misconfigured

if TYPE_CHECKING:
    from services.common.otel import CallSpan, OpenTelemetry

# A call's identifier in its metadata, and what it is called in logs. A caller may choose it; else it is the trace's.
REQUEST_ID = "x-request-id"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_NOTHING: AbstractContextManager[None] = nullcontext()

Attribute = str | int | float | bool
_T = TypeVar("_T")

_on: OpenTelemetry | None = None


@contextmanager
def traced(service: str) -> Iterator[None]:
    """While open, spans of this process are exported as those of ``service``, if an endpoint is set.

    Raises:
        Misconfigured: another protocol than gRPC is asked for.
    """
    global _on  # noqa: PLW0603
    if not _wanted():
        yield
        return
    from services.common.otel import OpenTelemetry  # noqa: PLC0415

    _on = OpenTelemetry(service)
    try:
        yield
    finally:
        ended, _on = _on, None
        ended.shutdown()


def action(name: str) -> AbstractContextManager[None]:
    """The first span of a trace: something that a person did, or that began by itself."""
    return _NOTHING if _on is None else _on.span(name, {}, root=True)


def span(name: str, **attributes: Attribute) -> AbstractContextManager[None]:
    """A step of what is being traced; nothing outside of a trace."""
    return _NOTHING if _on is None else _on.span(name, attributes)


def outgoing(service: str, method: str) -> CallSpan | None:
    """A call that begins here; None when traces are off."""
    return None if _on is None else _on.outgoing(service, method)


def incoming(service: str, method: str, metadata: Iterable[tuple[str, str | bytes]]) -> CallSpan | None:
    """A call that is answered here, current in this context from now on; None when traces are off."""
    return None if _on is None else _on.incoming(service, method, metadata)


def apart() -> Context | None:
    """A context for a task that outlives the action in which it begins; None, the present one, when traces are off."""
    return None if _on is None else _on.apart()


def carried(function: Callable[..., _T]) -> Callable[..., _T]:
    """The function, for a thread whose spans belong to the present one."""
    if _on is None:
        return function
    context = copy_context()
    return lambda *arguments: context.run(function, *arguments)


def name_trace(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Adds ``trace_id`` and ``span_id`` to what is logged within a span (a processor of structlog)."""
    if _on is not None:
        event.update(_on.identifiers())
    return event


def _wanted() -> bool:
    environment = os.environ
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    if environment.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower() == "none":
        return False
    if not any(environment.get(name, "").strip() for name in _ENDPOINTS):
        return False
    for name in _PROTOCOLS:
        if environment.get(name, "grpc") != "grpc":
            raise Misconfigured(
                f"{name} is {environment[name]!r}, but traces are exported by gRPC only: set it to grpc, "
                "and the endpoint to the collector's gRPC port (4317)"
            )
    return True
