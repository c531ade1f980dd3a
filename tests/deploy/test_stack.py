"""The stack of docker-compose.yml as it runs: brought up from nothing, used in a browser, broken on purpose."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from support.browser import launch_inside
from support.containers.compose import ComposedStack
from support.containers.engine import Engine
from support.containers.images import BuiltImages
from support.waiting import until

_CLIENT = 100_001
_URL = "http://localhost:5006/"
_LOAD = (Path(__file__).parent / "load.py").read_text(encoding="utf-8")
# A condition is waited for this long, in seconds and in milliseconds: a busy machine is no fault of the stack.
_PATIENCE = 120
_BROWSER_PATIENCE = 60_000
_SCORE = """
import asyncio, os, sys
from clairscore.portfolio.v1.portfolio_pb2 import GetClientRequest
from clairscore.portfolio.v1.portfolio_pb2_grpc import PortfolioServiceStub
from clairscore.scoring.v1.scoring_pb2 import ScoreRequest
from clairscore.scoring.v1.scoring_pb2_grpc import ScoringServiceStub
from services.common.client import Connection, call
async def main():
    portfolio = Connection(os.environ["CLAIRSCORE_PORTFOLIO_ADDRESS"], PortfolioServiceStub)
    scoring = Connection(os.environ["CLAIRSCORE_SCORING_ADDRESS"], ScoringServiceStub)
    client = (await call(portfolio.stub.GetClient, GetClientRequest(sk_id_curr=int(sys.argv[1])))).client
    print((await call(scoring.stub.Score, ScoreRequest(record=client.record))).score.probability_of_repayment)
asyncio.run(main())
"""
_CALLS = """
import re
from urllib.request import urlopen
metrics = urlopen("http://localhost:51051/metrics").read().decode()
counts = re.findall(r'^grpc_server_handled_total\\{[^}]*grpc_method="Score"[^}]*\\} (\\S+)', metrics, re.MULTILINE)
print(sum(map(float, counts)))
"""


@pytest.fixture(scope="module")
def stack(
    images: BuiltImages, engine: Engine, exported_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ComposedStack]:
    """Everything that the file describes: three scoring replicas, PostgreSQL, the embedding service."""
    folder = tmp_path_factory.mktemp("compose")
    env = {"CLIENTS": "1000", "EMBEDDINGS": str(exported_models)}
    for name in ("PRODUCTS", "STUDY"):
        (folder / name).mkdir()
        env[name] = str(folder / name)
    composed = ComposedStack(engine, "clairscore-test", env, ("scale", "embedding"))
    try:
        composed.up()
        yield composed
    finally:
        composed.down()


@pytest.fixture(scope="module")
def browser(engine: Engine, stack: ComposedStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser on the machine that the stack runs on, as far as networks go."""
    with sync_playwright() as playwright:
        yield launch_inside(playwright, engine.inside(), tmp_path_factory.mktemp("browser"))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    opened.set_default_timeout(_BROWSER_PATIENCE)
    yield opened
    opened.close()


def only(stack: ComposedStack, service: str) -> str:
    (container,) = stack.containers(service)
    return container


def see_client(page: Page, probability: float) -> None:
    """Opens a client: score, decision and reasons are there, and the score is the service's."""
    page.goto(f"{_URL}?client={_CLIENT}")
    expect(page.get_by_role("heading", name=f"Client {_CLIENT}")).to_be_visible(timeout=_BROWSER_PATIENCE)
    expect(page.get_by_text(re.compile("(Accord|Refus) proposé"))).to_be_visible(timeout=_BROWSER_PATIENCE)
    value = float(page.get_by_role("meter").get_attribute("aria-valuenow") or "nan")
    assert value == pytest.approx(100 * probability, abs=0.06)


def scored(stack: ComposedStack) -> float:
    """The client's probability of repayment, by the services themselves."""
    return float(stack.python(only(stack, "dashboard"), _SCORE, str(_CLIENT)))


def test_everything_is_healthy_hardened_and_out_of_reach(stack: ComposedStack) -> None:
    containers = stack.all_containers()
    running = {name: one for name, one in containers.items() if one["State"]["Status"] == "running"}
    assert all(one["State"]["Health"]["Status"] == "healthy" for one in running.values())
    ended = {name: one["State"]["ExitCode"] for name, one in containers.items() if name not in running}
    assert ended == {"clairscore-test-prepare-1": 0, "clairscore-test-secrets-1": 0}
    assert len(running) == 8, sorted(running)
    for name, one in containers.items():
        host = one["HostConfig"]
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert host["SecurityOpt"] == ["no-new-privileges:true"], name
        assert host["Memory"] > 0, name
    published = {name: one["NetworkSettings"]["Ports"] for name, one in running.items()}
    open_ports = {
        (name, bound["HostIp"], bound["HostPort"])
        for name, ports in published.items()
        for bindings in ports.values()
        for bound in bindings or []
    }
    assert open_ports == {("clairscore-test-dashboard-1", "127.0.0.1", "5006")}


def test_the_password_is_in_its_file_and_nowhere_else(stack: ComposedStack) -> None:
    reader = "print(open('/run/secrets/database_password').read())"
    password = stack.python(only(stack, "portfolio"), reader).strip()
    assert len(password) >= 32
    described = json.dumps(stack.all_containers())
    assert password not in described
    assert password not in stack.compose("logs", "--no-color")
    # Who has it not cannot come in.
    assert "password" in stack.python(
        only(stack, "portfolio"),
        "import psycopg\n"
        "try: psycopg.connect('postgresql://clairscore:wrong@postgres/clairscore')\n"
        "except psycopg.OperationalError as error: print(error)",
    )


def test_a_client_is_scored_in_the_browser(stack: ComposedStack, page: Page, kept: Path) -> None:
    see_client(page, scored(stack))
    page.screenshot(path=kept / "client.png")


def test_a_second_up_does_nothing_anew(stack: ComposedStack) -> None:
    before = {name: one["Id"] for name, one in stack.all_containers().items()}
    version = "import pathlib; print(pathlib.Path('var/models/live.json').read_text())"
    live = stack.python(stack.containers("scoring")[0], version)
    stack.up()
    assert {name: one["Id"] for name, one in stack.all_containers().items()} == before
    assert stack.python(stack.containers("scoring")[0], version) == live
    assert "nothing to prepare" in stack.compose("logs", "--no-color", "prepare")


def test_a_replica_is_stopped_under_load_and_no_call_fails(stack: ComposedStack) -> None:
    replicas = [*stack.containers("scoring"), *stack.containers("scoring-more")]
    assert len(replicas) == 3
    before = {one: float(stack.python(one, _CALLS)) for one in replicas}
    load = subprocess.Popen(
        ["/usr/bin/docker", "exec", "-i", only(stack, "dashboard"), "python", "-c", _LOAD, str(_CLIENT)],
        env=stack.engine.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert load.stdout
        assert load.stdout.readline() == "under load\n", load.communicate()
        stopped = replicas[-1]

        def calls(replica: str) -> float:
            return float(stack.python(replica, _CALLS)) - before[replica]

        assert until(lambda: all(calls(one) > 20 for one in replicas), seconds=_PATIENCE), "not all replicas are asked"
        stack.engine.docker("stop", stopped)
        assert stack.inspect(stopped)["State"]["ExitCode"] == 0
        # The others go on.
        seen = {one: calls(one) for one in replicas[:-1]}
        assert until(lambda: all(calls(one) > seen[one] + 50 for one in replicas[:-1]), seconds=_PATIENCE)
        stack.engine.docker("start", stopped)
        assert until(lambda: stack.healthy(stopped), seconds=_PATIENCE)
    finally:
        said, complained = load.communicate("", timeout=_PATIENCE)
    assert load.returncode == 0, complained
    result = json.loads(said)
    assert result["failures"] == []
    assert result["answered"] > 200
    assert len(result["scores"]) == 1, "all replicas give the same score"


def test_postgresql_is_restarted_and_everything_recovers(stack: ComposedStack, page: Page) -> None:
    database, portfolio = only(stack, "postgres"), only(stack, "portfolio")
    stack.engine.docker("stop", database)
    assert stack.inspect(database)["State"]["ExitCode"] == 0
    probe = ("exec", portfolio, "python", "-m", "services.common.probe", "localhost:50054")
    assert until(lambda: stack.engine.attempt(*probe).returncode == 1, seconds=_PATIENCE), "says that it serves"
    assert stack.inspect(portfolio)["State"]["Status"] == "running"
    stack.engine.docker("start", database)
    assert until(lambda: stack.healthy(database) and stack.healthy(portfolio), seconds=_PATIENCE)
    see_client(page, scored(stack))


def test_every_part_ends_with_0_when_it_is_asked_to(stack: ComposedStack) -> None:
    """The last test: nothing runs afterwards."""
    stack.compose("stop", seconds=180)
    ended = {name: one["State"]["ExitCode"] for name, one in stack.all_containers().items()}
    assert ended == dict.fromkeys(ended, 0)
