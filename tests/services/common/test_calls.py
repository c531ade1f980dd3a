"""Interceptor, server and client around a servicer of the tests' own, over a socket."""

import asyncio
import os
import signal
import socket
from contextlib import asynccontextmanager, closing

import grpc
import pytest
import structlog
from clairscore.embedding.v1 import embedding_pb2
from clairscore.explain.v1 import explain_pb2
from clairscore.portfolio.v1 import portfolio_pb2
from clairscore.scoring.v1 import scoring_pb2, scoring_pb2_grpc
from clairscore.scoring.v1 import scoring_pb2 as pb
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.common import interceptors
from services.common.client import Connection, call, open_channel
from services.common.errors import ClairscoreError, DeadlineExceeded, Misconfigured, NotFound, Unavailable
from services.common.server import LIVE, run
from services.common.settings import ServiceSettings

NAME = "clairscore.scoring.v1.ScoringService"


class Servicer(scoring_pb2_grpc.ScoringServiceServicer):
    """Does what the test tells it to."""

    def __init__(self):
        self.behaviours = []
        self.cancelled = asyncio.Event()

    async def Score(self, request, context):  # noqa: N802
        behaviour = self.behaviours.pop(0)
        if isinstance(behaviour, Exception):
            raise behaviour
        return behaviour

    async def ScoreBatch(self, request_iterator, context):  # noqa: N802
        async for request in request_iterator:
            yield pb.ScoreBatchResponse(model_version=str(request.rows))
            if request.rows == 0:
                raise NotFound("no rows", rows="0")

    async def GetModel(self, request, context):  # noqa: N802
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


class Service:
    names = (NAME,)

    def __init__(self, servicer):
        self.is_ready = True
        self.closed = False
        self._servicer = servicer

    def add_to(self, server):
        scoring_pb2_grpc.add_ScoringServiceServicer_to_server(self._servicer, server)
        unmarked = grpc.unary_unary_rpc_method_handler(self._servicer.Score, None, pb.ScoreResponse.SerializeToString)
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(NAME + "s", {"Unmarked": unmarked})])

    async def ready(self):
        if isinstance(self.is_ready, Exception):
            raise self.is_ready
        return self.is_ready

    async def close(self):
        self.closed = True


def free_port():
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return probe.getsockname()[1]


@pytest.fixture
async def servicer():
    return Servicer()


@pytest.fixture
async def service(servicer):
    return Service(servicer)


@pytest.fixture
async def connection(service):
    port = free_port()
    settings = ServiceSettings(port=port, metrics_port=0, ready_check_seconds=0.02, drain_seconds=1)
    async with _running(service, settings):
        opened = Connection(f"127.0.0.1:{port}", scoring_pb2_grpc.ScoringServiceStub)
        await _health_becomes(opened, health_pb2.HealthCheckResponse.SERVING)
        yield opened
        await opened.close()


@asynccontextmanager
async def _running(service, settings):
    task = asyncio.create_task(run(service, settings))
    try:
        yield
    finally:
        if not task.done():
            os.kill(os.getpid(), signal.SIGTERM)
        await task


async def _health_becomes(connection, status, name=""):
    async with asyncio.timeout(20), grpc.aio.insecure_channel(connection.address) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(
            health_pb2.HealthCheckRequest(service=name), wait_for_ready=True
        )
        async for answer in watch:
            if answer.status == status:
                return


async def test_an_answer_arrives(connection, servicer):
    servicer.behaviours = [pb.ScoreResponse()]
    assert await call(connection.stub.Score, pb.ScoreRequest()) == pb.ScoreResponse()


@pytest.fixture
def access_log(monkeypatch):
    """The entries of the access log."""
    entries = []

    def keep(_logger, _method, event):
        entries.append(dict(event))
        raise structlog.DropEvent

    processors = [structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info, keep]
    monkeypatch.setattr(interceptors, "_log", structlog.wrap_logger(None, processors=processors))
    return entries


async def test_an_unexpected_error_tells_the_caller_nothing_and_the_log_everything(connection, servicer, access_log):
    servicer.behaviours = [RuntimeError("table secrets has no column x")]
    with pytest.raises(ClairscoreError) as failed:
        await call(connection.stub.Score, pb.ScoreRequest(), request_id="a-request")
    assert type(failed.value) is ClairscoreError
    assert "secrets" not in failed.value.message
    assert "a-request" in failed.value.message
    (entry,) = [entry for entry in access_log if entry["event"] == "unexpected error"]
    assert entry["request_id"] == "a-request"
    assert "table secrets has no column x" in entry["exception"]


async def test_every_call_is_logged_with_its_code(connection, servicer, access_log):
    servicer.behaviours = [pb.ScoreResponse(), NotFound("no")]
    await call(connection.stub.Score, pb.ScoreRequest())
    with pytest.raises(NotFound):
        await call(connection.stub.Score, pb.ScoreRequest())
    assert [(entry["method"], entry["code"]) for entry in access_log] == [("Score", "OK"), ("Score", "NOT_FOUND")]


async def test_an_unavailable_service_is_asked_again(connection, servicer):
    servicer.behaviours = [Unavailable("restarting"), Unavailable("restarting"), pb.ScoreResponse()]
    assert await call(connection.stub.Score, pb.ScoreRequest()) == pb.ScoreResponse()


async def test_a_call_that_no_contract_says_may_be_repeated_is_sent_once(connection, servicer):
    servicer.behaviours = [Unavailable("restarting"), pb.ScoreResponse()]
    channel = open_channel(connection.address)
    with pytest.raises(Unavailable):
        await call(channel.unary_unary(f"/{NAME}s/Unmarked"), b"")
    assert len(servicer.behaviours) == 1
    await channel.close()


@pytest.mark.parametrize("contract", [scoring_pb2, explain_pb2, embedding_pb2, portfolio_pb2])
def test_every_contract_says_of_every_call_whether_it_may_be_repeated(contract):
    for service in contract.DESCRIPTOR.services_by_name.values():
        for method in service.methods:
            assert method.GetOptions().HasField("idempotency_level"), method.full_name


async def test_another_error_is_not_tried_again(connection, servicer):
    servicer.behaviours = [NotFound("no"), pb.ScoreResponse()]
    with pytest.raises(NotFound):
        await call(connection.stub.Score, pb.ScoreRequest())
    assert len(servicer.behaviours) == 1


async def test_a_deadline_cancels_the_work_of_the_server(connection, servicer):
    with pytest.raises(DeadlineExceeded):
        await call(connection.stub.GetModel, pb.GetModelRequest(), deadline=0.1)
    async with asyncio.timeout(20):
        await servicer.cancelled.wait()


async def test_an_error_in_a_stream_keeps_the_answers_before_it(connection):
    stream = connection.stub.ScoreBatch(iter([pb.ScoreBatchRequest(rows=2), pb.ScoreBatchRequest(rows=0)]))
    assert (await stream.read()).model_version == "2"
    assert (await stream.read()).model_version == "0"
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await stream.read()
    assert failed.value.code() is grpc.StatusCode.NOT_FOUND


async def test_no_server_is_unavailable():
    connection = Connection(f"127.0.0.1:{free_port()}", scoring_pb2_grpc.ScoringServiceStub)
    with pytest.raises(Unavailable):
        await call(connection.stub.Score, pb.ScoreRequest())
    await connection.close()


async def test_no_two_channels_share_a_connection(servicer):
    # What they share in gRPC is not safe to share (see open_channel).
    peers = set()

    async def score(request, context):
        peers.add(context.peer())
        return pb.ScoreResponse()

    server = grpc.aio.server()
    servicer.Score = score
    scoring_pb2_grpc.add_ScoringServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    channels = [Connection(f"127.0.0.1:{port}", scoring_pb2_grpc.ScoringServiceStub) for _ in range(3)]
    for channel in channels:
        await call(channel.stub.Score, pb.ScoreRequest())
        await call(channel.stub.Score, pb.ScoreRequest())
    for channel in channels:
        await channel.close()
    await server.stop(None)
    assert len(peers) == len(channels)


@pytest.mark.parametrize("unready", [False, RuntimeError("database is away")])
async def test_health_follows_readiness(connection, service, unready):
    service.is_ready = unready
    await _health_becomes(connection, health_pb2.HealthCheckResponse.NOT_SERVING)
    # It lives all the same: nobody is to restart it for that.
    await _health_becomes(connection, health_pb2.HealthCheckResponse.SERVING, LIVE)
    service.is_ready = True
    await _health_becomes(connection, health_pb2.HealthCheckResponse.SERVING)


async def test_resources_are_closed_at_the_end(service, servicer):
    async with _running(service, ServiceSettings(port=0, metrics_port=0)):
        # The signal handlers are set before the first pause of `run`.
        await asyncio.sleep(0)
        assert not service.closed
    assert service.closed


async def test_an_address_of_another_machine_is_refused(service):
    with pytest.raises(Misconfigured, match=r"192\.0\.2\.1"):
        await run(service, ServiceSettings(host="192.0.2.1", port=free_port(), metrics_port=0))


async def test_a_taken_metrics_port_is_refused(service):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Misconfigured, match="CLAIRSCORE_METRICS_PORT"):
            await run(service, ServiceSettings(port=0, metrics_port=port))
