"""Several replicas of one service behind one address: calls go to all of them, and around one that goes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager

import pytest
from clairscore.scoring.v1 import scoring_pb2 as pb
from clairscore.scoring.v1 import scoring_pb2_grpc
from support.names import NameServer
from support.processes import RunningService, start_service
from support.scoring import scrape
from support.waiting import eventually

from services.common.client import Connection, call

_CALLERS = 8
_HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")


class Load:
    """Callers that score one after the other, all on one channel, and what came of it."""

    def __init__(self, address: str, vector) -> None:
        self.answers = 0
        self.failures: Counter[str] = Counter()
        self._request = pb.ScoreRequest(vector=pb.FeatureVector(values=vector.tolist()))
        self._connection = Connection(address, scoring_pb2_grpc.ScoringServiceStub)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        callers = [asyncio.create_task(self._call()) for _ in range(_CALLERS)]
        try:
            yield self
        finally:
            for caller in callers:
                caller.cancel()
            await asyncio.gather(*callers, return_exceptions=True)
            await self._connection.close()

    async def more(self, calls: int) -> None:
        """Returns after so many answers more."""
        wanted = self.answers + calls
        await eventually(lambda: self.failures or self.answers >= wanted, seconds=60)

    async def _call(self) -> None:
        while True:
            try:
                await call(self._connection.stub.Score, self._request, deadline=20)
                self.answers += 1
            except Exception as error:  # whatever it is, it must not happen
                self.failures[repr(error)] += 1
                return


def scored(replica: RunningService) -> float:
    """How many scores a replica has given."""
    return scrape(replica.metrics_address).get("clairscore_scoring_probability_of_repayment_count", 0)


@pytest.fixture
def start(model_folder):
    """Starts replicas; they are gone at the end."""
    with ExitStack() as running:

        def start(host: str = "127.0.0.1", port: int = 0, **settings: str) -> RunningService:
            env = {"CLAIRSCORE_MODEL_DIR": str(model_folder), "CLAIRSCORE_HOST": host, **settings}
            return running.enter_context(start_service("scoring", env, port=port))

        yield start


def start_all(start, count: int) -> list[RunningService]:
    with ThreadPoolExecutor(count) as pool:
        return [starting.result() for starting in [pool.submit(start) for _ in range(count)]]


def target(replicas) -> str:
    return "ipv4:" + ",".join(replica.address for replica in replicas)


@pytest.mark.parametrize("end", ["terminate", "kill"])
async def test_calls_go_to_all_replicas_and_one_that_ends_fails_none(start, vectors, end):
    replicas = start_all(start, 3)
    async with Load(target(replicas), vectors[0]).running() as load:
        await load.more(300)
        counts = [scored(replica) for replica in replicas]
        assert min(counts) > 0.25 * sum(counts)
        await asyncio.to_thread(getattr(replicas[0], end))
        before = scored(replicas[1])
        await load.more(200)
    assert not load.failures
    assert scored(replicas[1]) > before
    if end == "terminate":
        assert replicas[0].process.returncode == 0


async def test_a_rolling_restart_under_load_fails_no_call(start, vectors):
    replicas = start_all(start, 2)
    async with Load(target(replicas), vectors[0]).running() as load:
        for old in replicas:
            await load.more(100)
            assert await asyncio.to_thread(old.terminate) == 0
            new = await asyncio.to_thread(start, port=int(old.address.rpartition(":")[2]))
            # The next one goes only when the new one has work.
            await eventually(lambda new=new: load.failures or scored(new) > 0, seconds=60)
        await load.more(100)
    assert not load.failures


async def test_a_replica_that_joins_the_name_gets_calls_and_one_that_leaves_is_forgotten(start, vectors):
    first = start(CLAIRSCORE_CONNECTION_AGE_SECONDS="0.5")
    port = int(first.address.rpartition(":")[2])
    with NameServer("scoring.test", _HOSTS[:1]) as names:
        async with Load(names.target(port), vectors[0]).running() as load:
            await load.more(50)
            second = await asyncio.to_thread(start, _HOSTS[1], port, CLAIRSCORE_CONNECTION_AGE_SECONDS="0.5")
            names.addresses = list(_HOSTS[:2])
            await eventually(lambda: load.failures or scored(second) > 0, seconds=60)
            # Still in the name when it ends: callers go round it all the same.
            assert await asyncio.to_thread(first.terminate) == 0
            names.addresses = [_HOSTS[1]]
            before = scored(second)
            await load.more(100)
        assert not load.failures
        assert scored(second) >= before + 100
