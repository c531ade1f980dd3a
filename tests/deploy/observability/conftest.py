"""The real services under traffic, and a real Prometheus that reads them with the project's configuration."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import grpc
import pytest
import yaml
from clairscore.embedding.v1.embedding_pb2 import EmbedTextsRequest
from clairscore.embedding.v1.embedding_pb2_grpc import EmbeddingServiceStub
from support.embedding import PROMPTS, tiny_sentence_transformer
from support.processes import start_service
from support.stack import Stack, free_port, published_stack
from support.waiting import until

from pipeline.embedding.export import export
from pipeline.embedding.manifest import Precision
from pipeline.embedding.sources import resolve

OBSERVABILITY = Path(__file__).parents[3] / "deploy" / "observability"
_SECONDS = 60.0


@dataclass
class Monitored:
    """The stack, and where each part shows its metrics."""

    stack: Stack
    addresses: dict[str, str]


@pytest.fixture(scope="session")
def monitored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Monitored]:
    """Every part as a process, with some calls behind it."""
    folder = tmp_path_factory.mktemp("monitored")
    stack = published_stack(folder)
    del stack.env["CLAIRSCORE_METRICS_PORT"]
    with ExitStack() as opened:
        opened.callback(stack.close)
        running = {}
        for name in ("scoring", "portfolio", "explain", "embedding"):
            env = stack.env
            if name == "embedding":
                env = env | {
                    "CLAIRSCORE_EMBEDDING_DIR": str(folder / "models"),
                    "CLAIRSCORE_EMBEDDING_MODEL": _tiny(folder),
                }
            # Any port, so that its metrics have one too.
            running[name] = opened.enter_context(start_service(name, env))
            stack.env[f"CLAIRSCORE_{name.upper()}_ADDRESS"] = running[name].address
        stack.start_dashboard()
        for page in ("", "?client=100001", "portefeuille", "produits"):
            urlopen(f"{stack.url}{page}", timeout=_SECONDS).close()
        with grpc.insecure_channel(running["embedding"].address) as channel:
            EmbeddingServiceStub(channel).EmbedTexts(EmbedTextsRequest(texts=["cotton towel"]), timeout=_SECONDS)
        running["explain"].wait_for_event("portfolio explained")
        addresses = {name: one.metrics_address for name, one in running.items()}
        yield Monitored(stack, addresses | {"dashboard": stack.metrics_address})


def _tiny(folder: Path) -> str:
    exported = tiny_sentence_transformer(folder / "tiny", pooling="mean_tokens", prompts=PROMPTS)
    export(resolve(str(exported)), folder / "models", precisions=[Precision.FP32])
    return "tiny/fp32"


@dataclass
class Prometheus:
    """A running Prometheus."""

    url: str
    process: subprocess.Popen[bytes]

    def get(self, path: str, **parameters: str) -> Any:
        """What its HTTP API answers; raises HTTPError for a query that it refuses."""
        with urlopen(f"{self.url}/api/v1/{path}?{urlencode(parameters)}", timeout=_SECONDS) as answer:
            return json.load(answer)["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series that a query gives now."""
        found: list[dict[str, Any]] = self.get("query", query=expression)["result"]
        return found

    def wait_for(self, expression: str) -> list[dict[str, Any]]:
        """The series that a query gives, once there are some."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            assert self.process.poll() is None
            found[:] = self.query(expression)
            return bool(found)

        assert until(is_there, seconds=_SECONDS), f"nothing for {expression}"
        return found


@pytest.fixture(scope="session")
def prometheus(monitored: Monitored, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Prometheus with the project's configuration, but for where the parts are and how often they are read."""
    if shutil.which("prometheus") is None:
        pytest.skip("Prometheus is not installed (Debian: apt-get install prometheus)")
    folder = tmp_path_factory.mktemp("prometheus")
    shutil.copytree(OBSERVABILITY / "rules", folder / "rules")
    configuration = yaml.safe_load((OBSERVABILITY / "prometheus.yml").read_text())
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    for job in configuration["scrape_configs"]:
        del job["dns_sd_configs"]
        job["static_configs"] = [{"targets": [monitored.addresses[job["job_name"]]]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    made = Prometheus(f"http://127.0.0.1:{port}", process)
    try:
        _wait_until_ready(made, folder / "log")
        yield made
    finally:
        process.terminate()
        process.wait(_SECONDS)


def _wait_until_ready(made: Prometheus, log: Path) -> None:
    def is_ready() -> bool:
        try:
            with urlopen(f"{made.url}/-/ready", timeout=5):
                return True
        except (URLError, OSError):
            assert made.process.poll() is None, log.read_text()
            return False

    if not until(is_ready, seconds=_SECONDS):
        raise TimeoutError(log.read_text())
