"""The dashboard's columns against a real portfolio service: what they hold, and that they are read once."""

import asyncio
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow.parquet as pq
import pytest
from support.models import train_tiny_model
from support.processes import RunningService, start_service

from frontend.clients.columns import DECISION, REPAYMENT, TARGET, Column, ColumnsClient, ColumnStore
from frontend.clients.portfolio import PortfolioClient
from pipeline.publish import publish
from services.common.errors import FailedPrecondition, NotFound


class CountingClient(ColumnsClient):
    """Reads from the service, and remembers what it was asked for."""

    def __init__(self, address: str) -> None:
        super().__init__(address, 10)
        self.asked: list[Sequence[str]] = []
        self.began = asyncio.Event()

    async def read(self, names: Sequence[str], publication: str) -> dict[str, Column]:
        self.asked.append(tuple(names))
        self.began.set()
        return await super().read(names, publication)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("columns")
    train_tiny_model(folder)
    publish(folder / "model", folder / "features.parquet", _url(folder), folder / "portfolio")
    return folder


def _url(folder):
    return f"sqlite:///{folder / 'portfolio.db'}"


@pytest.fixture(scope="module")
def service(folder) -> Iterator[RunningService]:
    env = {"DATABASE_URL": _url(folder), "CLAIRSCORE_PORTFOLIO_DIR": str(folder / "portfolio")}
    with start_service("portfolio", env) as running:
        yield running


def _store(service: RunningService, most_bytes: int = 2**20) -> tuple[ColumnStore, CountingClient]:
    client = CountingClient(service.address)
    return ColumnStore(PortfolioClient(service.address, 10), client, most_bytes), client


async def test_columns_are_those_published(folder, service):
    store, _ = _store(service)
    columns = await store.columns(["AMT_CREDIT", "EXT_SOURCE_1", "NAME_INCOME_TYPE", TARGET, REPAYMENT, DECISION])
    published = pq.read_table(folder / "features.parquet")
    assert columns.clients == published.num_rows
    for name in ("AMT_CREDIT", "EXT_SOURCE_1", TARGET):
        expected = published[name].cast("float64").to_numpy().astype(np.float32)
        np.testing.assert_array_equal(columns[name].values, expected)
    income = columns["NAME_INCOME_TYPE"]
    spelled = [None if np.isnan(code) else income.categories[int(code)] for code in income.values]
    assert spelled == published["NAME_INCOME_TYPE"].to_pylist()
    assert list(income.categories) == sorted(income.categories)
    assert set(columns[DECISION].categories) == {"accept", "refuse"}
    assert np.all((columns[REPAYMENT].values > 0) & (columns[REPAYMENT].values < 1))
    with pytest.raises(ValueError, match="read-only"):
        income.values[0] = 0


async def test_ten_sessions_read_once(service):
    store, client = _store(service)
    found = await asyncio.gather(*(store.columns(["AMT_CREDIT", TARGET]) for _ in range(10)))
    assert client.asked == [("AMT_CREDIT", TARGET)]
    assert all(one["AMT_CREDIT"] is found[0]["AMT_CREDIT"] for one in found)


async def test_only_what_is_not_there_is_read(service):
    store, client = _store(service)
    await store.columns(["AMT_CREDIT"])
    await store.columns(["AMT_CREDIT", "AMT_ANNUITY"])
    assert client.asked == [("AMT_CREDIT",), ("AMT_ANNUITY",)]


async def test_the_least_recently_used_column_goes(service):
    store, client = _store(service, most_bytes=2 * 400 * 4)
    for name in ("AMT_CREDIT", "AMT_ANNUITY", "AMT_CREDIT", "DAYS_BIRTH"):
        await store.columns([name])
    assert store.size == 2 * 400 * 4
    await store.columns(["AMT_CREDIT"])
    assert len(client.asked) == 3
    await store.columns(["AMT_ANNUITY"])
    assert client.asked[-1] == ("AMT_ANNUITY",)


async def test_who_goes_away_leaves_the_columns_to_the_others(service):
    store, client = _store(service)
    leaving = asyncio.create_task(store.columns(["AMT_CREDIT"]))
    staying = asyncio.create_task(store.columns(["AMT_CREDIT"]))
    await client.began.wait()
    leaving.cancel()
    assert (await staying).clients == 400
    assert len(client.asked) == 1


async def test_unknown_columns_and_other_publications_are_refused_and_not_kept(service):
    store, client = _store(service)
    with pytest.raises(NotFound):
        await store.columns(["NONE_SUCH"])
    with pytest.raises(NotFound):
        await store.columns(["NONE_SUCH"])
    assert len(client.asked) == 2
    with pytest.raises(FailedPrecondition):
        await client.read(["AMT_CREDIT"], "another")
    assert (await store.columns(["AMT_CREDIT"])).clients == 400


async def test_another_publication_is_read_anew(folder, service):
    store, client = _store(service)
    first = await store.columns(["AMT_CREDIT"])
    await asyncio.to_thread(publish, folder / "model", folder / "features.parquet", _url(folder), folder / "portfolio")
    second = await store.columns(["AMT_CREDIT"])
    assert first.publication != second.publication
    assert len(client.asked) == 2
