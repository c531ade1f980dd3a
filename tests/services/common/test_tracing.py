"""Traces of calls over sockets, as a collector receives them."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from contextlib import asynccontextmanager

import grpc
import pytest
from clairscore.scoring.v1 import scoring_pb2 as pb
from clairscore.scoring.v1 import scoring_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from hypothesis import given
from hypothesis import strategies as st
from support.collector import collecting
from support.processes import wait_until_serving
from support.stack import free_port

from services.common import tracing
from services.common.client import Connection, call, outgoing
from services.common.errors import ClairscoreError, InvalidInput, Misconfigured, NotFound, Unavailable, Violation
from services.common.server import run
from services.common.settings import ServiceSettings
from services.common.tracing import traced

SERVICE = "clairscore.scoring.v1.ScoringService"
CLIENT, SERVER = 3, 2


class Servicer(scoring_pb2_grpc.ScoringServiceServicer):
    error: Exception | None = None

    async def Score(self, request, context):  # noqa: N802
        with tracing.span("score", rows=1):
            work = asyncio.to_thread(tracing.carried(self._in_thread))
            return await work

    def _in_thread(self):
        with tracing.span("in a thread"):
            if self.error is not None:
                raise self.error
            return pb.ScoreResponse()

    async def ScoreBatch(self, request_iterator, context):  # noqa: N802
        async for request in request_iterator:
            yield pb.ScoreBatchResponse(model_version=str(request.rows))


class Service:
    names = (SERVICE,)

    def __init__(self, servicer):
        self._servicer = servicer

    def add_to(self, server):
        scoring_pb2_grpc.add_ScoringServiceServicer_to_server(self._servicer, server)

    async def ready(self):
        return True

    async def close(self):
        pass


@pytest.fixture
def collector(monkeypatch):
    with collecting() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.endpoint)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
        yield running


@asynccontextmanager
async def serving(servicer):
    port = free_port()
    task = asyncio.create_task(run(Service(servicer), ServiceSettings(port=port, metrics_port=0)))
    await asyncio.to_thread(wait_until_serving, f"127.0.0.1:{port}")
    connection = Connection(f"127.0.0.1:{port}", scoring_pb2_grpc.ScoringServiceStub)
    try:
        yield connection
    finally:
        await connection.close()
        os.kill(os.getpid(), signal.SIGTERM)
        await task


def one(spans, name, kind=None):
    (found,) = [span for span in spans if span.name == name and kind in (None, span.kind)]
    return found


async def test_caller_and_server_share_a_trace_with_the_right_parents(collector):
    with traced("tested"):
        async with serving(Servicer()) as connection:
            with tracing.action("officer"):
                await call(connection.stub.Score, pb.ScoreRequest())
    spans = collector.spans
    root, client = one(spans, "officer"), one(spans, f"{SERVICE}/Score", CLIENT)
    server, score, thread = one(spans, f"{SERVICE}/Score", SERVER), one(spans, "score"), one(spans, "in a thread")
    assert len({span.trace for span in spans}) == 1
    assert root.parent == ""
    assert [client.parent, server.parent, score.parent, thread.parent] == [
        root.span, client.span, server.span, score.span
    ]  # fmt: skip
    assert {span.service for span in spans} == {"tested"}
    assert not any(span.failed for span in spans)
    assert server.attributes == {
        "rpc.system.name": "grpc",
        "rpc.method": f"{SERVICE}/Score",
        "rpc.response.status_code": "OK",
    }


@pytest.mark.parametrize(
    ("error", "code", "reason", "servers_fault"),
    [
        (InvalidInput([Violation("AMT_CREDIT", "secret 204020")]), "INVALID_ARGUMENT", "INVALID_INPUT", False),
        (NotFound("no client 204020"), "NOT_FOUND", "NOT_FOUND", False),
        (Unavailable("secret 204020"), "UNAVAILABLE", "UNAVAILABLE", True),
        (ZeroDivisionError("secret 204020"), "INTERNAL", "ZeroDivisionError", True),
    ],
)
async def test_errors_mark_the_spans_and_say_nothing_of_whom(collector, error, code, reason, servers_fault):
    servicer = Servicer()
    servicer.error = error
    with traced("tested"):
        async with serving(servicer) as connection:
            with pytest.raises(ClairscoreError), tracing.action("officer"):
                await call(connection.stub.Score, pb.ScoreRequest())
    spans = [span for span in collector.spans if span.name == f"{SERVICE}/Score"]
    # The client tries again when the server is unavailable: gRPC does it by itself, within one call of ours.
    (client,) = [span for span in spans if span.kind == CLIENT]
    servers = [span for span in spans if span.kind == SERVER]
    assert client.failed
    assert client.attributes["rpc.response.status_code"] == code
    for server in servers:
        assert server.parent == client.span
        assert server.failed is servers_fault
        assert server.attributes["rpc.response.status_code"] == code
        if servers_fault:
            assert server.attributes["error.type"] == reason == server.message
    assert all(one.failed for one in collector.spans if one.name == "in a thread")
    assert "204020" not in str(collector.spans)


async def test_a_stream_is_one_span_on_each_side(collector):
    with traced("tested"):
        async with serving(Servicer()) as connection:
            with tracing.action("officer"), outgoing(connection.stub.ScoreBatch) as metadata:
                blocks = iter([pb.ScoreBatchRequest(rows=1), pb.ScoreBatchRequest(rows=2)])
                answers = [answer async for answer in connection.stub.ScoreBatch(blocks, metadata=metadata)]
    assert len(answers) == 2
    client = one(collector.spans, f"{SERVICE}/ScoreBatch", CLIENT)
    assert one(collector.spans, f"{SERVICE}/ScoreBatch", SERVER).parent == client.span


async def test_what_is_asked_again_and_again_is_in_no_trace(collector):
    with traced("tested"):
        async with serving(Servicer()) as connection:
            await call(connection.stub.Score, pb.ScoreRequest())
            health = Connection(connection.address, health_pb2_grpc.HealthStub)
            with tracing.action("officer"):
                await call(health.stub.Check, health_pb2.HealthCheckRequest())
                kept = asyncio.create_task(call(connection.stub.Score, pb.ScoreRequest()), context=tracing.apart())
            await kept
            await health.close()
    assert [span.name for span in collector.spans] == ["officer"]


async def test_the_trace_of_a_caller_of_another_make_is_continued_and_is_the_request_id(collector, capsys):
    trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    with traced("tested"):
        async with serving(Servicer()) as connection, grpc.aio.insecure_channel(connection.address) as channel:
            stub = scoring_pb2_grpc.ScoringServiceStub(channel)
            made = stub.Score(pb.ScoreRequest(), metadata=(("traceparent", f"00-{trace}-{span}-01"),))
            await made
            assert dict(await made.trailing_metadata())["x-request-id"] == trace
            named = stub.Score(pb.ScoreRequest(), metadata=(("x-request-id", "mine"),))
            await named
            assert dict(await named.trailing_metadata())["x-request-id"] == "mine"
    first, second = [one for one in collector.spans if one.kind == SERVER]
    assert (first.trace, first.parent) == (trace, span)
    assert second.parent == ""
    assert second.trace != trace


def test_a_broken_trace_context_is_no_context(collector):
    @given(header=st.text(alphabet="0123456789abcdef-", max_size=60))
    def taken(header):
        span = tracing.incoming("s", "m", (("traceparent", header), ("traceparent-bin", b"\x00")))
        assert span is not None
        span.end("OK")

    with traced("tested"):
        taken()
    assert {span.parent for span in collector.spans} == {""}


async def test_without_an_endpoint_nothing_is_recorded_and_nothing_sent(monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    with traced("tested"):
        async with serving(Servicer()) as connection:
            with tracing.action("officer"), outgoing(connection.stub.Score) as metadata:
                assert metadata == ()
            assert tracing.apart() is None
            assert tracing.incoming("s", "m", ()) is None
            assert await call(connection.stub.Score, pb.ScoreRequest()) == pb.ScoreResponse()


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_off_is_not_even_imported(environment):
    program = (
        "import sys\n"
        "import frontend.app, services.scoring.serve, services.portfolio.serve\n"
        "from services.common.tracing import action, traced\n"
        "with traced('tested'), action('officer'):\n"
        "    pass\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])\n"
    )
    mine = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    result = subprocess.run(
        [sys.executable, "-c", program], env=mine | environment, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_a_protocol_that_is_not_spoken_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    with pytest.raises(Misconfigured, match=r"OTEL_EXPORTER_OTLP_PROTOCOL.*4317"), traced("tested"):
        pass


def test_the_environment_names_the_process(collector, monkeypatch):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "named")
    with traced("tested"), tracing.action("officer"):
        pass
    assert [span.service for span in collector.spans] == ["named"]


def test_a_process_ends_although_its_collector_is_gone(monkeypatch):
    with collecting() as gone:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", gone.endpoint)
    ended = threading.Event()

    def process():
        with traced("tested"), tracing.action("officer"):
            pass
        ended.set()

    threading.Thread(target=process, daemon=True).start()
    # gRPC's exporter itself would try for ten seconds.
    assert ended.wait(9)
