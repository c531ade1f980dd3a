"""OpenTelemetry's side of ``services.common.tracing``, imported only where traces are exported.

OpenTelemetry's own instrumentation of gRPC is not used: each of its releases wants one release of the SDK, of which it
lags behind, and it wraps every handler anew for every call, where ours has one place for what surrounds a call.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context, copy_context
from importlib.metadata import version

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.common.errors import ClairscoreError

# What a server is to blame for, by the semantic conventions for gRPC; a caller counts every failure.
_SERVER_FAULTS = frozenset(
    ("UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"),
)
# Longest wait for the collector at the end: a service that stops does not wait for one that is gone.
_FLUSH_SECONDS = 2.0
_PROPAGATOR = TraceContextTextMapPropagator()


class CallSpan:
    """One call, on either side of it."""

    __slots__ = ("_server", "_span")

    def __init__(self, span: Span, *, server: bool) -> None:
        self._span = span
        self._server = server

    @property
    def trace_id(self) -> str | None:
        """The trace's identifier, 32 hexadecimal digits; None where this call is not recorded."""
        return trace.format_trace_id(self._span.get_span_context().trace_id) if _sampled(self._span) else None

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What tells the server of this span: W3C trace context (https://www.w3.org/TR/trace-context/)."""
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier, trace.set_span_in_context(self._span))
        return tuple(carrier.items())

    def end(self, code: str, reason: str = "") -> None:
        """Ends the span with gRPC's status code, by name; ``reason`` is that of our tree of errors."""
        self._span.set_attribute("rpc.response.status_code", code)
        if code != "OK" and (not self._server or code in _SERVER_FAULTS):
            self._span.set_attribute("error.type", reason or code)
            self._span.set_status(Status(StatusCode.ERROR, reason or code))
        self._span.end()


class OpenTelemetry:
    """One process that exports its spans to the endpoint that the environment names."""

    def __init__(self, service: str) -> None:
        """Takes the name of the process, unless the environment gives one; connects in a thread of its own."""
        named = {"service.name": service, "service.version": version("clairscore")}
        resource = Resource.create({**named, **OTELResourceDetector().detect().attributes})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("clairscore")

    def shutdown(self) -> None:
        """Exports what is left, as long as the collector takes it without delay."""
        ending = threading.Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        ending.join(_FLUSH_SECONDS)

    @contextmanager
    def span(
        self, name: str, attributes: Mapping[str, str | int | float | bool], *, root: bool = False
    ) -> Iterator[None]:
        """A span that is current while it is open. Only a root begins a trace."""
        within = contexts.Context() if root else contexts.get_current()
        if not root and not _sampled(trace.get_current_span(within)):
            yield
            return
        opened = self._tracer.start_span(name, within, attributes=dict(attributes))
        token = contexts.attach(trace.set_span_in_context(opened, within))
        try:
            yield
        except Exception as error:
            reason = error.reason if isinstance(error, ClairscoreError) else type(error).__name__
            opened.set_attribute("error.type", reason)
            opened.set_status(Status(StatusCode.ERROR, reason))
            raise
        finally:
            contexts.detach(token)
            opened.end()

    def outgoing(self, service: str, method: str) -> CallSpan:
        """A call to a server. Outside of a trace (what is asked again and again) it is not recorded there either:
        the server is told so, or each would begin a trace of its own.
        """
        if _sampled(trace.get_current_span()):
            return CallSpan(self._start(service, method, SpanKind.CLIENT, None), server=False)
        generator = self._provider.id_generator
        untraced = trace.SpanContext(generator.generate_trace_id(), generator.generate_span_id(), is_remote=False)
        return CallSpan(trace.NonRecordingSpan(untraced), server=False)

    def incoming(self, service: str, method: str, metadata: Iterable[tuple[str, str | bytes]]) -> CallSpan:
        """A call from a client, child of its span. Current from now on: gRPC gives each call a context of its own."""
        carrier = {key: value for key, value in metadata if isinstance(value, str)}
        parent = _PROPAGATOR.extract(carrier, contexts.Context())
        opened = self._start(service, method, SpanKind.SERVER, parent)
        contexts.attach(trace.set_span_in_context(opened))
        return CallSpan(opened, server=True)

    def apart(self) -> Context:
        """The present context, without a span."""
        copied = copy_context()
        copied.run(lambda: contexts.attach(contexts.Context()))
        return copied

    def identifiers(self) -> dict[str, str]:
        """The present trace and span, for the log; nothing outside of a recorded span."""
        current = trace.get_current_span()
        if not _sampled(current):
            return {}
        told = current.get_span_context()
        return {"trace_id": trace.format_trace_id(told.trace_id), "span_id": trace.format_span_id(told.span_id)}

    def _start(self, service: str, method: str, kind: SpanKind, parent: contexts.Context | None) -> Span:
        name = f"{service}/{method}"
        attributes = {"rpc.system.name": "grpc", "rpc.method": name}
        return self._tracer.start_span(name, parent, kind, attributes)


def _sampled(span: Span) -> bool:
    """Whether a span belongs to a trace that is recorded; what it began may go on after its own end."""
    return span.get_span_context().trace_flags.sampled
