"""The job against a real portfolio service: interrupted, killed, resumed, and shared between processes."""

import asyncio
import json
import multiprocessing
import os
import signal
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from clairscore.portfolio.v1 import portfolio_pb2 as pb
from clairscore.portfolio.v1.portfolio_pb2_grpc import PortfolioServiceStub
from prometheus_client import REGISTRY
from support.models import train_tiny_model, write_tiny_features
from support.processes import start_service
from support.waiting import eventually

from pipeline.publish import publish
from services.common.client import Connection, call
from services.common.errors import FailedPrecondition, Unavailable
from services.explain.explainer import Explainer
from services.explain.portfolio import job, parts
from services.explain.portfolio.cohort import Cohort
from services.explain.portfolio.job import PortfolioJob
from services.explain.portfolio.live import LivePortfolio, Progress, State

_FAILURES = "clairscore_explain_portfolio_failures_total"


class _Place:
    """A published portfolio of 400 clients and its service."""

    def __init__(self, model: Path, folder: Path) -> None:
        self.model, self.folder = model, folder
        self.url = f"sqlite:///{folder / 'portfolio.db'}"
        self.publish()
        env = {"DATABASE_URL": self.url, "CLAIRSCORE_PORTFOLIO_DIR": str(folder / "features")}
        self.service = start_service("portfolio", env)

    def publish(self, features: Path | None = None) -> None:
        publish(self.model, features or self.model.parent / "features.parquet", self.url, self.folder / "features")


@pytest.fixture(scope="module")
def place(model_folder, tmp_path_factory):
    place = _Place(model_folder, tmp_path_factory.mktemp("place"))
    with place.service:
        yield place


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(job, "PART_ROWS", 90)
    monkeypatch.setattr(job, "_SLICE_ROWS", 30)


async def _run(explainer, address, root, report=lambda _: None):
    connection = Connection(address, PortfolioServiceStub)
    try:
        publication = await call(connection.stub.GetPublication, pb.GetPublicationRequest())
        return await PortfolioJob(explainer, connection.stub, root, publication, report=report).run()
    finally:
        await connection.close()


def _content(root):
    """Every explained client of the only complete folder."""
    (folder,) = [path.parent for path in root.glob("*/complete.json")]
    return pa.concat_tables([pq.read_table(file) for file in parts.files(folder)])


@pytest.fixture
def whole(portfolio, explainer):
    """What an uninterrupted run gives."""
    names = parts.schema(explainer.model.dictionary, portfolio.features).names
    return portfolio.read(portfolio.select(Cohort()), names)


async def test_everything_is_explained_as_without_a_service(place, explainer, whole, tmp_path):
    told = []
    found = await _run(explainer, place.service.address, tmp_path, told.append)
    assert found.clients == 400
    assert _content(tmp_path).equals(whole)
    assert told == sorted(told)
    assert {0, 400} <= set(told)
    assert [file.name for file in parts.files(next(tmp_path.glob("*-*")))] == [
        f"part-0000{k}.parquet" for k in range(5)
    ]
    # A second run computes nothing.
    again = []
    await _run(explainer, place.service.address, tmp_path, again.append)
    assert again == [400]


async def test_cancelled_it_stops_and_goes_on_later(place, explainer, whole, tmp_path):
    halfway = asyncio.Event()
    loop = asyncio.get_running_loop()

    def report(done):
        if done > 200:
            loop.call_soon_threadsafe(halfway.set)

    running = asyncio.create_task(_run(explainer, place.service.address, tmp_path, report))
    await halfway.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert not (folder / "complete.json").exists()
    kept = len(parts.files(folder)) * 90
    assert kept >= 180
    told = []
    await _run(explainer, place.service.address, tmp_path, told.append)
    assert told[0] == kept
    assert _content(tmp_path).equals(whole)


def _explain_until_killed(model, address, root, ready):
    job.PART_ROWS, job._SLICE_ROWS = 90, 30

    def report(done):
        if done >= 190:
            ready.set()
            # Only SIGKILL ends this.
            threading.Event().wait()

    asyncio.run(_run(Explainer.load(model), address, root, report))


@pytest.mark.slow
async def test_killed_half_way_it_goes_on_to_the_same_result(place, explainer, whole, tmp_path):
    """Starts another process to kill it: the only proof that nothing half-written is ever gone on with."""
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    other = context.Process(
        target=_explain_until_killed, args=(place.model, place.service.address, tmp_path, ready), daemon=True
    )
    other.start()
    assert await asyncio.to_thread(ready.wait, 120)
    os.kill(other.pid, signal.SIGKILL)
    other.join()
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    # What a power cut may leave of the last part, and of one that was being written.
    parts.files(folder)[1].write_bytes(b"PAR1 half")
    (folder / "part-00002.partial").write_bytes(b"half")
    told = []
    await _run(explainer, place.service.address, tmp_path, told.append)
    assert told[0] == 90
    assert _content(tmp_path).equals(whole)


async def test_two_at_once_do_the_work_once(place, explainer, whole, tmp_path):
    written = []
    write = parts.write

    def counted(folder, number, clients):
        written.append(number)
        return write(folder, number, clients)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "write", counted)
        found = await asyncio.gather(*(_run(explainer, place.service.address, tmp_path) for _ in range(2)))
    assert [each.clients for each in found] == [400, 400]
    assert written == list(range(5))
    assert _content(tmp_path).equals(whole)


async def test_parts_of_another_model_are_not_gone_on_with(place, explainer, whole, tmp_path):
    await _run(explainer, place.service.address, tmp_path)
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    (folder / "complete.json").unlink()
    begun = json.loads((folder / "begun.json").read_text())
    (folder / "begun.json").write_text(json.dumps({**begun, "model_sha256": "another"}))
    told = []
    await _run(explainer, place.service.address, tmp_path, told.append)
    assert told[0] == 0
    assert _content(tmp_path).equals(whole)


@pytest.mark.slow
async def test_live_follows_publication_and_service(model_folder, explainer, tmp_path):
    """The life of a service, with three real publications: nothing published, computing, ready, anew, service away."""
    portfolio_folder, root = tmp_path / "portfolio", tmp_path / "explanations"
    url = f"sqlite:///{tmp_path / 'portfolio.db'}"
    env = {"DATABASE_URL": url, "CLAIRSCORE_PORTFOLIO_DIR": str(portfolio_folder)}

    def publish_one(features):
        return asyncio.to_thread(publish, model_folder, features, url, portfolio_folder)

    with start_service("portfolio", env) as service:
        live = LivePortfolio(lambda: explainer, service.address, root)
        with pytest.raises(Unavailable):
            live.portfolio()
        following = asyncio.create_task(live.follow(0.05))
        try:
            await eventually(lambda: live._reason is not None, seconds=120)
            with pytest.raises(FailedPrecondition, match="clairscore publish"):
                live.portfolio()
            assert live.progress.state is State.WAITING

            await publish_one(model_folder.parent / "features.parquet")
            await eventually(lambda: live.progress.state is State.COMPUTING, seconds=120)
            with pytest.raises(Unavailable) as caught:
                live.portfolio()
            assert 0 <= float(caught.value.details["progress"]) <= 1
            await eventually(lambda: live.progress.state is State.READY, seconds=120)
            first = live.portfolio()
            assert (first.clients, live.progress.clients_done, live.progress.share) == (400, 400, 1.0)

            sizes = (120, 60)
            for size in sizes:
                other = write_tiny_features(tmp_path / f"{size}.parquet", clients=size, seed=size)
                await publish_one(other)
                await eventually(lambda size=size: live.progress == (Progress(State.READY, size, size)), seconds=120)
                assert live.portfolio().clients == size
            # The live one and the one before it.
            kept = {json.loads(file.read_text())["clients"] for file in root.glob("*/complete.json")}
            assert kept == set(sizes)

            service.terminate()
            await eventually(lambda: live._failed > 0, seconds=120)
            assert live.portfolio().clients == 60
        finally:
            following.cancel()
            with pytest.raises(asyncio.CancelledError):
                await following
            await live.close()


async def test_a_portfolio_of_another_model_waits(place, explainer, tmp_path):
    other = train_tiny_model(tmp_path / "model", seed=1)
    another = await asyncio.to_thread(Explainer.load, other)
    root = tmp_path / "explanations"
    live = LivePortfolio(lambda: another, place.service.address, root)
    following = asyncio.create_task(live.follow(0.05))
    try:
        await eventually(lambda: live._reason is not None, seconds=120)
        with pytest.raises(FailedPrecondition, match="is live"):
            live.portfolio()
        assert not root.exists()
    finally:
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following
        await live.close()


async def test_a_failure_is_counted_and_tried_again(place, explainer, tmp_path):
    root = tmp_path / "explanations"
    root.write_text("not a folder")
    before = REGISTRY.get_sample_value(_FAILURES) or 0
    live = LivePortfolio(lambda: explainer, place.service.address, root)
    following = asyncio.create_task(live.follow(0.05))
    try:
        await eventually(lambda: live.progress.state is State.FAILED, seconds=120)
        assert REGISTRY.get_sample_value(_FAILURES) > before
        with pytest.raises(Unavailable, match="tried again"):
            live.portfolio()
        root.unlink()
        await eventually(lambda: live.progress.state is State.READY, seconds=120)
        assert live.portfolio().clients == 400
        assert REGISTRY.get_sample_value("clairscore_explain_portfolio_clients_done") == 400
    finally:
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following
        await live.close()
