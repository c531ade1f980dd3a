"""The portfolio while it is being published again and again: every answer belongs to one publication."""

import asyncio
import threading

import pytest
from support.models import train_tiny_model, write_tiny_features

from pipeline.publish import publish
from services.common.errors import FailedPrecondition
from services.portfolio.database import Database
from services.portfolio.features import PublishedFeatures
from services.portfolio.portfolio import Portfolio
from services.portfolio.search import Query


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return train_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
async def portfolio(database_url, tmp_path):
    portfolio = Portfolio(Database(database_url), tmp_path / "features")
    yield portfolio
    await portfolio.close()


@pytest.fixture
async def filled(portfolio, database_url, model, tmp_path):
    await asyncio.to_thread(publish, model, model.parent / "features.parquet", database_url, tmp_path / "features")
    return portfolio


async def test_nothing_is_published(portfolio):
    assert await portfolio.ready()
    for call in (portfolio.publication(), portfolio.search(Query()), portfolio.client(1), portfolio.distribution("x")):
        with pytest.raises(FailedPrecondition, match="clairscore publish"):
            await call


async def test_no_answer_mixes_two_publications(portfolio, database_url, model, tmp_path):
    """Readers go on while two portfolios of different size and values replace each other."""
    folder = tmp_path / "features"
    sizes = (120, 40)
    files = [write_tiny_features(tmp_path / f"{size}.parquet", clients=size, seed=size) for size in sizes]
    publish_one = [lambda file=file: publish(model, file, database_url, folder) for file in files]
    await asyncio.to_thread(publish_one[0])
    expected = {}
    for size, again in zip(sizes, publish_one, strict=True):
        await asyncio.to_thread(again)
        page = await portfolio.search(Query(), 1000)
        first = await portfolio.client(100_001)
        expected[size] = ([c.sk_id_curr for c in page.clients], first.score, first.record)
        assert len(page.clients) == size
    assert expected[120] != expected[40]

    done = asyncio.Event()
    seen = set()

    async def read():
        while not done.is_set():
            page = await portfolio.search(Query(), 1000)
            assert [c.sk_id_curr for c in page.clients] == expected[page.total][0]
            client = await portfolio.client(100_001)
            assert (client.score, client.record) in [(score, record) for _, score, record in expected.values()]
            distribution = await portfolio.distribution("AMT_CREDIT")
            assert sum(distribution.shape.counts) == distribution.clients - distribution.missing
            seen.update((page.total, distribution.clients))

    async def write():
        try:
            for again in publish_one * 3:
                await asyncio.to_thread(again)
        finally:
            done.set()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        for _ in range(3):
            tasks.create_task(read())
    assert seen == set(sizes)


@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("row", lambda portfolio: portfolio.client(100_001)),
        ("_distribution", lambda portfolio: portfolio.distribution("AMT_CREDIT")),
    ],
)
async def test_reading_features_leaves_the_event_loop_free(filled, monkeypatch, method, call):
    released = threading.Event()
    read = getattr(PublishedFeatures, method)

    def slow(self, *given):
        # Only the event loop releases it; were the loop blocked by this very call, it would never.
        assert released.wait(30)
        return read(self, *given)

    monkeypatch.setattr(PublishedFeatures, method, slow)
    asyncio.get_running_loop().call_later(0.01, released.set)
    assert await call(filled)
