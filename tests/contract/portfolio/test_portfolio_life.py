"""What a running portfolio service goes through: nothing published, a new publication, a database that goes away."""

import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from clairscore.common.v1 import record_pb2
from clairscore.portfolio.v1 import portfolio_pb2 as pb
from clairscore.portfolio.v1.portfolio_pb2_grpc import PortfolioServiceStub
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from sqlalchemy import text
from support.models import write_tiny_features
from support.postgres import PostgresServer
from support.processes import fail_to_start, start_service, wait_until_serving

from pipeline.publish import publish
from services.common.errors import Misconfigured
from services.portfolio.engines import parse, sync_engine
from services.portfolio.tables import metadata

_SERVICE = "clairscore.portfolio.v1.PortfolioService"
_CALLS = {
    "GetClient": pb.GetClientRequest(sk_id_curr=100_001),
    "SearchClients": pb.SearchClientsRequest(),
    "ListFeatures": pb.ListFeaturesRequest(),
    "GetDistribution": pb.GetDistributionRequest(feature="AMT_CREDIT"),
    "GetPublication": pb.GetPublicationRequest(),
    "ReadColumns": pb.ReadColumnsRequest(columns=["AMT_CREDIT"]),
    "SaveScenario": pb.SaveScenarioRequest(
        sk_id_curr=100_001, name="Less credit", overrides={"AMT_CREDIT": record_pb2.FieldValue(number=50_000)}
    ),
    "ListScenarios": pb.ListScenariosRequest(sk_id_curr=100_001),
}


def _make(stub, name):
    """Makes a call, to its end if it is a stream."""
    answer = getattr(stub, name)(_CALLS[name])
    return list(answer) if name == "ReadColumns" else answer


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'portfolio.db'}"
    url: str = request.getfixturevalue("postgres").create_database("life")
    return url


def _env(database_url, folder):
    return {
        "DATABASE_URL": database_url,
        "CLAIRSCORE_PORTFOLIO_DIR": str(folder),
        "CLAIRSCORE_READY_CHECK_SECONDS": "0.1",
    }


def _channel(service):
    return grpc.insecure_channel(service.address, options=[("grpc.enable_retries", 0)])


def _wait_for_health(channel, status):
    request = health_pb2.HealthCheckRequest(service=_SERVICE)
    watch = health_pb2_grpc.HealthStub(channel).Watch(request, timeout=60, wait_for_ready=True)
    for answer in watch:
        if answer.status == status:
            watch.cancel()
            return


def _eventually(call: Callable[[], object]) -> object:
    """Calls until it does not fail with UNAVAILABLE, as a client would."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return call()
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE or time.monotonic() > deadline:
                raise


def test_nothing_published_then_published_then_published_again(database_url, model, tmp_path):
    folder, features = tmp_path / "features", model.parent / "features.parquet"
    with start_service("portfolio", _env(database_url, folder)) as service, _channel(service) as channel:
        stub = PortfolioServiceStub(channel)
        for name in _CALLS:
            with pytest.raises(grpc.RpcError) as caught:
                _make(stub, name)
            assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION, name
            assert "clairscore publish" in caught.value.details()

        publish(model, features, database_url, folder)
        for name in _CALLS:
            _make(stub, name)
        assert stub.GetPublication(pb.GetPublicationRequest()).clients == 400
        stale = stub.SearchClients(pb.SearchClientsRequest(page_size=5)).next_page_token

        other = write_tiny_features(tmp_path / "other.parquet", clients=60, seed=3)
        publish(model, other, database_url, folder)
        assert stub.GetPublication(pb.GetPublicationRequest()).clients == 60
        assert stub.GetDistribution(pb.GetDistributionRequest(feature="AMT_CREDIT")).clients == 60
        with pytest.raises(grpc.RpcError) as caught:
            stub.GetClient(pb.GetClientRequest(sk_id_curr=100_100))
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
        with pytest.raises(grpc.RpcError) as caught:
            stub.SearchClients(pb.SearchClientsRequest(page_size=5, page_token=stale))
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def _next_version(database_url, revision):
    """What the migrations of a next version may do: they add, wherever they can."""
    with sync_engine(parse(database_url)).begin() as connection:
        for table in metadata.tables:
            connection.execute(text(f"ALTER TABLE {table} ADD COLUMN added TEXT"))
            connection.execute(text(f"ALTER TABLE {table} ADD COLUMN counted INTEGER NOT NULL DEFAULT 0"))
        connection.execute(text("CREATE TABLE added (id INTEGER PRIMARY KEY)"))
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_the_schema_of_the_next_version_comes_while_this_one_serves(database_url, model, tmp_path):
    folder, features = tmp_path / "features", model.parent / "features.parquet"
    publish(model, features, database_url, folder)
    with start_service("portfolio", _env(database_url, folder)) as service, _channel(service) as channel:
        stub = PortfolioServiceStub(channel)
        before = stub.GetClient(_CALLS["GetClient"])
        _next_version(database_url, "9999")
        assert stub.GetClient(_CALLS["GetClient"]) == before
        # A replica of this version may still start, and a publication of this version may still run.
        with start_service("portfolio", _env(database_url, folder)) as late, _channel(late) as other:
            publish(model, features, database_url, folder)
            for each in (stub, PortfolioServiceStub(other)):
                for name in _CALLS:
                    _make(each, name)
                (scenario,) = each.ListScenarios(_CALLS["ListScenarios"]).scenarios
                each.DeleteScenario(pb.DeleteScenarioRequest(sk_id_curr=100_001, scenario_id=scenario.scenario_id))


def test_a_schema_that_took_away_what_this_version_needs_is_refused(database_url, model, tmp_path):
    folder = tmp_path / "features"
    publish(model, model.parent / "features.parquet", database_url, folder)
    _next_version(database_url, "9999_since_9998")
    with pytest.raises(Misconfigured, match="9999_since_9998"):
        publish(model, model.parent / "features.parquet", database_url, folder)


def test_a_database_that_goes_away_and_comes_back(postgres: PostgresServer, model, tmp_path):
    database_url, folder = postgres.create_database("recovery"), tmp_path / "features"
    publish(model, model.parent / "features.parquet", database_url, folder)
    with start_service("portfolio", _env(database_url, folder)) as service, _channel(service) as channel:
        stub = PortfolioServiceStub(channel)
        before = stub.GetClient(_CALLS["GetClient"])
        postgres.stop()
        try:
            for name in _CALLS:
                with pytest.raises(grpc.RpcError) as caught:
                    _make(stub, name)
                assert caught.value.code() is grpc.StatusCode.UNAVAILABLE, name
                assert "postgres" not in caught.value.details()
                details = rpc_status.from_call(caught.value).details
                assert any(detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR) for detail in details)
            _wait_for_health(channel, health_pb2.HealthCheckResponse.NOT_SERVING)
        finally:
            postgres.start()
        assert _eventually(lambda: stub.GetClient(_CALLS["GetClient"])) == before
        wait_until_serving(service.address, _SERVICE)


def test_a_service_that_starts_before_its_database(postgres: PostgresServer, model, tmp_path):
    database_url, folder = postgres.create_database("late"), tmp_path / "features"
    publish(model, model.parent / "features.parquet", database_url, folder)
    env = _env(database_url, folder)
    with start_service("portfolio", env) as service:
        port = int(service.address.rpartition(":")[2])
        assert service.terminate() == 0
    with ThreadPoolExecutor(1) as pool:
        postgres.stop()
        try:
            starting = pool.submit(start_service, "portfolio", env, port=port)
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                _wait_for_health(channel, health_pb2.HealthCheckResponse.NOT_SERVING)
        finally:
            postgres.start()
        with starting.result() as service, _channel(service) as channel:
            assert PortfolioServiceStub(channel).GetPublication(pb.GetPublicationRequest()).clients == 400


def test_a_sqlite_file_that_is_removed_and_published_anew(model, tmp_path):
    features, folder, home = model.parent / "features.parquet", tmp_path / "features", tmp_path / "database"
    database_url = f"sqlite:///{home / 'portfolio.db'}"
    publish(model, features, database_url, folder)
    with start_service("portfolio", _env(database_url, folder)) as service, _channel(service) as channel:
        stub = PortfolioServiceStub(channel)
        before = stub.GetClient(_CALLS["GetClient"])
        shutil.rmtree(home)
        with pytest.raises(grpc.RpcError) as caught:
            _eventually(lambda: stub.GetClient(_CALLS["GetClient"]))
        assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        publish(model, features, database_url, folder)
        assert stub.GetClient(_CALLS["GetClient"]) == before


def test_features_that_are_gone_are_unavailable(database_url, model, tmp_path):
    folder = tmp_path / "features"
    publish(model, model.parent / "features.parquet", database_url, folder)
    for file in folder.glob("*.duckdb"):
        file.unlink()
    with start_service("portfolio", _env(database_url, folder)) as service, _channel(service) as channel:
        with pytest.raises(grpc.RpcError) as caught:
            PortfolioServiceStub(channel).GetClient(_CALLS["GetClient"])
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert str(folder) not in caught.value.details()
        assert any(event["event"] == "published features are missing" for event in service.events)


@pytest.mark.parametrize("url", ["mysql://user:secret@db/clients", "sqlite://", "postgresql://user:secret@db:x/y"])
def test_a_wrong_database_url_stops_the_start(url):
    ended = fail_to_start("portfolio", {"DATABASE_URL": url})
    assert ended.returncode == 1
    assert "DATABASE_URL" in ended.stderr
    assert "secret" not in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
