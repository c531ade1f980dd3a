"""What happens around every call of a service: request id, error mapping, access log, metrics and trace.

One interceptor does all of it, and wraps a method once, not once per call: what remains is some tens of microseconds.
Health checks and reflection pass untouched, so that probes fill neither logs nor metrics.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import Any, TypeAlias

import grpc
import structlog
from prometheus_client import Counter, Gauge, Histogram

from services.common import tracing
from services.common.errors import ClairscoreError
from services.common.metrics import CALL_SECONDS, UNOBSERVED
from services.common.status import to_status
from services.common.tracing import REQUEST_ID

_MAX_REQUEST_ID = 128
# gRPC may end a call some milliseconds before our clock says that its deadline has passed.
_CLOCK_SECONDS = 0.01

_LABELS = ("grpc_service", "grpc_method")
_HANDLED = Counter("grpc_server_handled", "Calls that ended, by status code.", (*_LABELS, "grpc_code"))
_SECONDS = Histogram(
    "grpc_server_handling_seconds",
    "Time from the request's arrival to the end of the call.",
    (*_LABELS, "grpc_code"),
    buckets=CALL_SECONDS,
)
_IN_FLIGHT = Gauge("grpc_server_in_flight", "Calls being handled now.", _LABELS)

_log = structlog.get_logger("access")

# Generic for the type checker alone.
_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Observes every call and maps the errors that end it. Servicers raise ``ClairscoreError`` and know no status.

    Must be the server's only, or last, interceptor: it keeps the handlers that it has wrapped.
    """

    def __init__(self) -> None:
        # Calls so far, those of health and reflection left out.
        self.begun = 0
        self._wrapped: dict[str, _Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[_Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> _Handler | None:
        """Returns the observed handler of the method; None when the server has no such method."""
        method = handler_call_details.method
        wrapped = self._wrapped.get(method)
        if wrapped is None:
            handler = await continuation(handler_call_details)
            if handler is None or method.removeprefix("/").startswith(UNOBSERVED):
                return handler
            wrapped = self._wrapped[method] = _wrap(handler, _Method(method))
        self.begun += 1
        return wrapped


class _Method:
    """A method's metrics; the labelled children are looked up once."""

    __slots__ = ("_by_code", "in_flight", "method", "service")

    def __init__(self, full_name: str) -> None:
        _, self.service, self.method = full_name.split("/")
        self.in_flight = _IN_FLIGHT.labels(self.service, self.method)
        self._by_code: dict[str, tuple[Counter, Histogram]] = {}

    def handled(self, code: str, seconds: float) -> None:
        children = self._by_code.get(code)
        if children is None:
            labels = (self.service, self.method, code)
            children = self._by_code[code] = (_HANDLED.labels(*labels), _SECONDS.labels(*labels))
        children[0].inc()
        children[1].observe(seconds)


class _Call:
    """One call, from its arrival to its end."""

    __slots__ = ("_context", "_method", "_request_id", "_span", "_started")

    def __init__(self, method: _Method, context: _Context) -> None:
        self._started = time.perf_counter()
        self._method = method
        self._context = context
        metadata = context.invocation_metadata() or ()
        self._span = tracing.incoming(method.service, method.method, metadata)
        # What an officer reports, a log line names and a trace is found by is one identifier.
        self._request_id = _request_id(metadata) or (self._span and self._span.trace_id) or os.urandom(16).hex()
        # gRPC gives each call a context of its own: nothing to unbind.
        structlog.contextvars.bind_contextvars(request_id=self._request_id)
        context.set_trailing_metadata(((REQUEST_ID, self._request_id),))
        method.in_flight.inc()

    def end(self, code: grpc.StatusCode | int | None, reason: str = "") -> None:
        name = code.name if isinstance(code, grpc.StatusCode) else "OK"
        seconds = time.perf_counter() - self._started
        self._method.in_flight.dec()
        self._method.handled(name, seconds)
        if self._span is not None:
            self._span.end(name, reason)
        # Written once the answer is on its way: the caller does not wait for the log.
        asyncio.get_running_loop().call_soon(self._log, name, seconds)

    def _log(self, code: str, seconds: float) -> None:
        _log.info(
            "call",
            service=self._method.service,
            method=self._method.method,
            code=code,
            milliseconds=round(seconds * 1000, 3),
        )

    def cancelled(self) -> None:
        """The caller has gone, or its deadline has passed; gRPC tells both as a cancellation."""
        self.end(grpc.StatusCode.DEADLINE_EXCEEDED if _expired(self._context) else grpc.StatusCode.CANCELLED)

    async def abort(self, error: Exception) -> None:
        """Ends the call with the status of the error. Always raises."""
        if isinstance(error, ClairscoreError):
            status = to_status(error)
        else:
            _log.exception("unexpected error", service=self._method.service, method=self._method.method)
            # The caller learns nothing of our insides, only what to tell us.
            status = to_status(ClairscoreError(f"internal error; report it with the request id {self._request_id}"))
        self.end(status.code, error.reason if isinstance(error, ClairscoreError) else type(error).__name__)
        metadata = (*status.trailing_metadata, (REQUEST_ID, self._request_id))
        await self._context.abort(status.code, status.details, metadata)


def _expired(context: _Context) -> bool:
    remaining: float | None = context.time_remaining()
    return remaining is not None and remaining <= _CLOCK_SECONDS


def _request_id(metadata: Iterable[tuple[str, str | bytes]]) -> str | None:
    for key, value in metadata:
        if key == REQUEST_ID and isinstance(value, str) and 0 < len(value) <= _MAX_REQUEST_ID:
            return value
    return None


def _wrap(handler: Any, method: _Method) -> _Handler:
    serializers = {
        "request_deserializer": handler.request_deserializer,
        "response_serializer": handler.response_serializer,
    }
    if handler.unary_unary:
        return grpc.unary_unary_rpc_method_handler(_single(handler.unary_unary, method), **serializers)
    if handler.stream_unary:
        return grpc.stream_unary_rpc_method_handler(_single(handler.stream_unary, method), **serializers)
    if handler.unary_stream:
        return grpc.unary_stream_rpc_method_handler(_streamed(handler.unary_stream, method), **serializers)
    return grpc.stream_stream_rpc_method_handler(_streamed(handler.stream_stream, method), **serializers)


def _single(behaviour: Callable[[Any, _Context], Awaitable[Any]], method: _Method) -> Any:
    async def observed(request: Any, context: _Context) -> Any:
        call = _Call(method, context)
        try:
            response = await behaviour(request, context)
        except asyncio.CancelledError:
            call.cancelled()
            raise
        except grpc.aio.AbortError:
            call.end(context.code())
            raise
        except Exception as error:
            return await call.abort(error)
        call.end(grpc.StatusCode.OK)
        return response

    return observed


def _streamed(behaviour: Callable[[Any, _Context], Any], method: _Method) -> Any:
    async def observed(request: Any, context: _Context) -> AsyncIterator[Any]:
        call = _Call(method, context)
        try:
            async with aclosing(behaviour(request, context)) as responses:
                async for response in responses:
                    yield response
        except (asyncio.CancelledError, GeneratorExit):
            call.cancelled()
            raise
        except grpc.aio.AbortError:
            call.end(context.code())
            raise
        except Exception as error:
            await call.abort(error)
        if context.cancelled() or _expired(context):
            # While a handler waits for the next request, gRPC tells it of the caller's end as the end of the requests.
            call.cancelled()
        else:
            call.end(grpc.StatusCode.OK)

    return observed
