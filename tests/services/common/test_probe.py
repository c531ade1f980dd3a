"""The health check of a container, against real servers."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from services.common.probe import serves

Status = health_pb2.HealthCheckResponse.ServingStatus


@pytest.fixture
def service() -> Iterator[tuple[health.HealthServicer, str]]:
    server = grpc.server(ThreadPoolExecutor(1))
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer, f"localhost:{port}"
    server.stop(0).wait()


def test_a_service_serves_when_it_says_so(service: tuple[health.HealthServicer, str]) -> None:
    servicer, address = service
    servicer.set("", Status.SERVING)
    assert serves(address)
    servicer.set("", Status.NOT_SERVING)
    assert not serves(address)


@pytest.mark.parametrize("status", [200, 503])
def test_a_page_serves_when_it_is_answered(status: int) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.handle_request).start()
        assert serves(f"http://127.0.0.1:{server.server_port}/liveness") == (status == 200)


@pytest.mark.parametrize("target", ["localhost:1", "http://localhost:1/liveness"])
def test_nobody_there_is_not_serving_and_the_command_says_so(target: str) -> None:
    assert not serves(target, seconds=1)
    probe = subprocess.run(
        [sys.executable, "-m", "services.common.probe", target], capture_output=True, text=True, check=False
    )
    assert probe.returncode == 1
    assert probe.stderr == f"{target} does not serve\n"
