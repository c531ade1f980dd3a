"""A receiver of OTLP over a socket, as a collector is one: what is exported can be looked at."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc

_SECONDS = 60.0


@dataclass(frozen=True)
class ReceivedSpan:
    """A span as it was exported; identifiers in hexadecimal digits, ``parent`` empty for a root."""

    service: str
    name: str
    kind: int
    trace: str
    span: str
    parent: str
    failed: bool
    message: str
    attributes: dict[str, object]


@dataclass
class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps every span; ``endpoint`` is what OTEL_EXPORTER_OTLP_ENDPOINT takes."""

    endpoint: str = ""
    spans: list[ReceivedSpan] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def Export(self, request: pb.ExportTraceServiceRequest, _context: grpc.ServicerContext):  # noqa: N802
        with self._changed:
            self.spans.extend(_received(request))
            self._changed.notify_all()
        return pb.ExportTraceServiceResponse()

    def wait(self, satisfied: Callable[[list[ReceivedSpan]], object]) -> list[ReceivedSpan]:
        """Returns all spans as soon as they satisfy a condition; an assertion that fails after a minute."""
        with self._changed:
            came = self._changed.wait_for(lambda: satisfied(self.spans), _SECONDS)
            assert came, "\n".join(f"{span.service}: {span.name}" for span in self.spans)
            return list(self.spans)


@contextmanager
def collecting() -> Iterator[Collector]:
    """Runs a collector."""
    server = grpc.server(ThreadPoolExecutor(2))
    port = server.add_insecure_port("127.0.0.1:0")
    collector = Collector(f"http://127.0.0.1:{port}")
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()


def _received(request: pb.ExportTraceServiceRequest) -> Iterator[ReceivedSpan]:
    for of_resource in request.resource_spans:
        service = _attributes(of_resource.resource.attributes)["service.name"]
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                yield ReceivedSpan(
                    str(service),
                    span.name,
                    span.kind,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    span.status.code == span.status.STATUS_CODE_ERROR,
                    span.status.message,
                    _attributes(span.attributes),
                )


def _attributes(found) -> dict[str, object]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in found}
