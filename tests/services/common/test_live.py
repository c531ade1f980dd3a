"""Following a registry, without a server: what is taken up, what is refused, and what goes on meanwhile."""

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor

import pyarrow.parquet as pq
import pytest
from prometheus_client import REGISTRY
from support.models import train_tiny_model

from pipeline.model import manifest
from pipeline.model.runtime import ScoringModel
from pipeline.registry.registry import POINTER, Registry
from pipeline.registry.storage import Storage
from services.common.errors import Misconfigured, Unavailable
from services.common.live import RegistryFollower
from services.scoring.engine import ScoringEngine
from services.scoring.scorer import Scorer


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two models of one feature contract."""
    return [train_tiny_model(tmp_path_factory.mktemp(str(seed)), seed) for seed in (0, 5)]


@pytest.fixture(scope="module")
def contract(folders):
    first, second = (manifest.load(folder)[0].feature_contract for folder in folders)
    assert first == second
    return first


@pytest.fixture
def registry(tmp_path):
    return Registry(f"memory://{uuid.uuid4().hex}/models", tmp_path / "cache")


@pytest.fixture
def versions(registry, folders):
    return [registry.add(folder) for folder in folders]


@pytest.fixture
def load():
    with ThreadPoolExecutor(1) as pool:
        yield lambda folder: ScoringEngine(Scorer(ScoringModel.load(folder)), pool, max_batch_rows=10)


@pytest.fixture
def follower(registry, versions, contract, load):
    registry.go_live(versions[0], contract)
    return RegistryFollower(registry, load)


def serving(follower):
    return follower.live.engine.manifest.version


def failures():
    return REGISTRY.get_sample_value("clairscore_model_load_failures_total")


def damage(registry, version, name):
    content = registry._storage.read(f"{version}/{name}")
    registry._storage.write(f"{version}/{name}", content[:-1] + bytes([content[-1] ^ 1]))


async def test_the_pointer_is_followed_back_and_forth(follower, registry, versions, contract):
    assert serving(follower) == versions[0]
    for version in (versions[1], versions[0], versions[0], versions[1]):
        registry.go_live(version, contract)
        await follower.look()
        assert serving(follower) == version
        assert REGISTRY.get_sample_value("clairscore_model_info", {"version": version}) == 1


async def test_an_unchanged_pointer_loads_nothing(follower, monkeypatch):
    monkeypatch.setattr(follower, "_open", lambda _: pytest.fail("loaded again"))
    await follower.look()


async def test_a_call_ends_with_the_engine_it_began_with(follower, registry, versions, contract, folders):
    engine = follower.live.engine
    client = engine.scorer.model.encoder.table(pq.read_table(folders[0].parent / "features.parquet"))[:1]
    before = await engine.block(client)
    registry.go_live(versions[1], contract)
    await follower.look()
    assert follower.live.engine is not engine
    after = await engine.block(client)
    assert engine.manifest.version == versions[0]
    assert after.probability_of_default == before.probability_of_default


async def test_another_contract_than_the_portfolio_s_is_refused(follower, registry, versions):
    before = failures()
    registry.go_live(versions[1], "another contract")
    await follower.look()
    assert serving(follower) == versions[0]
    assert failures() == before + 1
    await follower.look()
    # It is refused once, not at every look.
    assert failures() == before + 1


@pytest.mark.parametrize("name", [manifest.ONNX, manifest.MANIFEST, manifest.DICTIONARY])
async def test_a_damaged_version_keeps_the_old_one_until_it_is_mended(
    follower, registry, versions, contract, folders, name
):
    before = failures()
    damage(registry, versions[1], name)
    registry.go_live(versions[1], contract)
    await follower.look()
    assert serving(follower) == versions[0]
    assert failures() == before + 1
    registry._storage.write(f"{versions[1]}/{name}", (folders[1] / name).read_bytes())
    registry.go_live(versions[1], contract)
    await follower.look()
    assert serving(follower) == versions[1]


async def test_a_pointer_that_is_none_keeps_the_old_one(follower, registry, versions, contract):
    registry._storage.write(POINTER, b"{")
    await follower.look()
    assert serving(follower) == versions[0]
    registry._storage.write(POINTER, b"")
    await follower.look()
    assert serving(follower) == versions[0]


async def test_a_registry_that_goes_and_comes_back(follower, registry, versions, contract, monkeypatch):
    read = Storage.read
    down = True

    def sometimes(storage, name):
        if down and not name.endswith(POINTER):
            raise Unavailable("no answer")
        return read(storage, name)

    registry.go_live(versions[1], contract)
    monkeypatch.setattr(Storage, "read", sometimes)
    await follower.look()
    assert serving(follower) == versions[0]
    down = False
    # Nobody published again: the next look is enough.
    await follower.look()
    assert serving(follower) == versions[1]


async def test_following_survives_everything_but_its_end(follower, registry, versions, contract, monkeypatch):
    looked, switched = asyncio.Event(), asyncio.Event()
    look = follower.look

    async def observed():
        await look()
        (looked if serving(follower) == versions[0] else switched).set()

    monkeypatch.setattr(follower, "look", observed)
    registry._storage.write(POINTER, b"{")
    following = asyncio.create_task(follower.follow(0.001))
    await asyncio.wait_for(looked.wait(), 30)
    registry._storage._files.rm(registry._storage._path(POINTER))
    registry.go_live(versions[1], contract)
    await asyncio.wait_for(switched.wait(), 30)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following


def test_nothing_live_refuses_to_start(registry, load):
    with pytest.raises(Misconfigured, match="clairscore publish"):
        RegistryFollower(registry, load)


def test_a_damaged_live_version_refuses_to_start(registry, versions, contract, load):
    registry.go_live(versions[0], contract)
    damage(registry, versions[0], manifest.ONNX)
    with pytest.raises(Misconfigured, match=manifest.ONNX):
        RegistryFollower(registry, load)
