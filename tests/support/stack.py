"""The stack as a browser test needs it: services that can be stopped and started again, and a page with its faults."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import grpc
from clairscore.portfolio.v1.portfolio_pb2 import GetClientRequest
from clairscore.portfolio.v1.portfolio_pb2_grpc import PortfolioServiceStub
from clairscore.scoring.v1.scoring_pb2 import GetModelRequest, ScoreRequest
from clairscore.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from playwright.sync_api import Page
from support.models import train_tiny_model
from support.processes import RunningService, start_service

from frontend.clients import convert
from frontend.clients.types import Model, Score, Value

_ROOT = Path(__file__).parents[2]
_START_SECONDS = 60.0


@dataclass
class Stack:
    """Services and dashboard as processes; a service can be stopped and started again on its port."""

    env: dict[str, str]
    ports: dict[str, int]
    dashboard_port: int
    running: dict[str, RunningService] = field(default_factory=dict)
    dashboard: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.dashboard_port}/"

    @property
    def metrics_address(self) -> str:
        """Where the dashboard shows its metrics."""
        return f"127.0.0.1:{self.env['CLAIRSCORE_DASHBOARD_METRICS_PORT']}"

    def start(self, name: str) -> None:
        self.running[name] = start_service(name, self.env, port=self.ports[name])

    def stop(self, name: str) -> None:
        self.running.pop(name).__exit__()

    def freeze(self, name: str) -> None:
        """Lets a service hang: it keeps its connections, and answers nothing."""
        self.running[name].process.send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Lets a frozen service go on."""
        self.running[name].process.send_signal(signal.SIGCONT)

    def start_dashboard(self) -> None:
        command = [sys.executable, "-m", "cli.main", "dashboard", "--port", str(self.dashboard_port)]
        self.dashboard = subprocess.Popen(command, cwd=_ROOT, env={**os.environ, **self.env})
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            try:
                with urlopen(f"{self.url}liveness", timeout=5):
                    return
            except (URLError, OSError):
                try:
                    # Returns when the process ends; otherwise it is asked again.
                    self.dashboard.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
                raise RuntimeError("the dashboard ended") from None
        raise TimeoutError("the dashboard did not start")

    def stop_dashboard(self) -> None:
        if self.dashboard is not None:
            self.dashboard.terminate()
            self.dashboard.wait(_START_SECONDS)
            self.dashboard = None

    def all_up(self) -> None:
        """Whatever a failed test left stopped or frozen runs again."""
        for name in self.ports:
            if name in self.running:
                self.thaw(name)
            else:
                self.start(name)
        if self.dashboard is None:
            self.start_dashboard()

    def score(self, sk_id_curr: int, **changes: Value) -> tuple[Score, Model]:
        """What the scoring service itself says of a client, with some base features changed."""

        with (
            grpc.insecure_channel(f"localhost:{self.ports['portfolio']}") as portfolio,
            grpc.insecure_channel(f"localhost:{self.ports['scoring']}") as scoring,
        ):
            client = PortfolioServiceStub(portfolio).GetClient(GetClientRequest(sk_id_curr=sk_id_curr)).client
            stub = ScoringServiceStub(scoring)
            score = stub.Score(ScoreRequest(record=client.record, overrides=convert.from_record(changes).fields)).score
            return convert.to_score(score), convert.to_model(stub.GetModel(GetModelRequest()).model)

    def publish(self, model: Path) -> None:
        """Makes a model, and the clients in the file beside it, what the services answer with."""
        # A process of its own: where a browser is open, Playwright's event loop runs, and publishing needs one too.
        command = [sys.executable, "-m", "cli.main", "publish", str(model), str(model.parent / "features.parquet")]
        subprocess.run(command, cwd=_ROOT, env=os.environ | self.env, check=True)

    def add_products(self, models: Path, classifier: Path) -> None:
        """Adds the embedding service, with exported models and a published classifier."""
        self.env["CLAIRSCORE_EMBEDDING_DIR"] = str(models)
        command = [sys.executable, "-m", "cli.main", "publish-products", str(classifier)]
        subprocess.run(command, cwd=_ROOT, env=os.environ | self.env, check=True)
        self.ports["embedding"] = int(self.env["CLAIRSCORE_EMBEDDING_ADDRESS"].rpartition(":")[2])

    def close(self) -> None:
        self.stop_dashboard()
        for name in list(self.running):
            self.stop(name)


def published_stack(folder: Path, train: Callable[[Path], Path] = train_tiny_model) -> Stack:
    """A stack on free ports, in an empty folder; nothing of it runs yet.

    ``train`` makes model and ``features.parquet`` in the folder, and gives the model's folder.
    """
    model = train(folder)
    database = f"sqlite:///{folder / 'portfolio.db'}"
    ports = {name: free_port() for name in ("scoring", "portfolio", "explain")}
    env = {
        "DATABASE_URL": database,
        "CLAIRSCORE_PORTFOLIO_DIR": str(folder / "portfolio"),
        "CLAIRSCORE_MODEL_DIR": str(model),
        "CLAIRSCORE_METRICS_PORT": "0",
        "CLAIRSCORE_DASHBOARD_METRICS_PORT": str(free_port()),
        "CLAIRSCORE_SCORING_ADDRESS": f"localhost:{ports['scoring']}",
        "CLAIRSCORE_PORTFOLIO_ADDRESS": f"localhost:{ports['portfolio']}",
        "CLAIRSCORE_EXPLAIN_ADDRESS": f"localhost:{ports['explain']}",
        "CLAIRSCORE_EXPLANATIONS_DIR": str(folder / "explanations"),
        "CLAIRSCORE_PRODUCTS_DIR": str(folder / "products"),
        "CLAIRSCORE_STUDY_DIR": str(folder / "study"),
        # Nobody listens there until a test adds the service: its model takes time, and few pages need it.
        "CLAIRSCORE_EMBEDDING_ADDRESS": f"localhost:{free_port()}",
    }
    stack = Stack(env, ports, free_port())
    stack.publish(model)
    return stack


@dataclass
class Visit:
    """A page, and what went wrong on it."""

    page: Page
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
