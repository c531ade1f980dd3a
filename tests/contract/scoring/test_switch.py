"""Another model goes live while the service answers, as an operator publishes it and returns from it."""

import asyncio
import itertools
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from clairscore.scoring.v1 import scoring_pb2 as pb
from clairscore.scoring.v1 import scoring_pb2_grpc
from inference import open_inference_pb2 as oip
from inference import open_inference_pb2_grpc
from support.models import train_tiny_model
from support.processes import fail_to_start, start_service
from support.scoring import failure, field_values, scrape

from pipeline.model.manifest import ONNX
from pipeline.model.runtime import ScoringModel
from pipeline.publish import publish
from pipeline.registry.registry import POINTER, Registry
from pipeline.rollback import rollback
from services.scoring.scorer import Scorer

CALLERS = 4
_SECONDS = 60


@dataclass(frozen=True)
class Place:
    """A registry and a portfolio, both empty at first."""

    folder: Path

    @property
    def registry(self):
        return Registry(str(self.folder / "models"), self.folder / "cache")

    @property
    def database_url(self):
        return f"sqlite:///{self.folder / 'portfolio.db'}"

    @property
    def env(self):
        return {"CLAIRSCORE_MODEL_DIR": str(self.folder / "models"), "CLAIRSCORE_MODEL_POLL_SECONDS": "0.02"}

    def publish(self, model):
        features = model.parent / "features.parquet"
        publish(model, features, self.database_url, self.folder / "portfolio", registry=self.registry, keep=3)

    def rollback(self):
        rollback(self.database_url, self.folder / "portfolio", self.registry, keep=3)


@pytest.fixture(scope="module")
def models(model_folder, tmp_path_factory):
    return [model_folder, train_tiny_model(tmp_path_factory.mktemp("other"), seed=5)]


@pytest.fixture(scope="module")
def scorers(models):
    """By version, what the tests know without asking the service."""
    loaded = [Scorer(ScoringModel.load(folder)) for folder in models]
    return {scorer.manifest.version: scorer for scorer in loaded}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def connect(service):
    # Retries are off: a call that fails once has failed.
    return grpc.aio.insecure_channel(service.address, options=[("grpc.enable_retries", 0)])


async def until_live(stub, version):
    async with asyncio.timeout(_SECONDS):
        while (await stub.GetModel(pb.GetModelRequest())).model.version != version:
            pass


def request(client):
    return pb.ScoreRequest(record={"fields": field_values(client)})


async def test_no_call_fails_and_every_answer_is_its_versions_own(place, models, scorers, clients):
    first, second = scorers
    await asyncio.to_thread(place.publish, models[0])
    with start_service("scoring", place.env) as service:
        ended = asyncio.Event()
        answers = []

        async def call(offset):
            async with connect(service) as channel:
                stub = scoring_pb2_grpc.ScoringServiceStub(channel)
                for number in itertools.count(offset):
                    answers.append((number, (await stub.Score(request(clients[number % len(clients)]))).score))
                    if ended.is_set():
                        return

        async def switch():
            try:
                async with connect(service) as channel:
                    stub = scoring_pb2_grpc.ScoringServiceStub(channel)
                    for model, version in zip(models[::-1] * 2, [second, first] * 2, strict=True):
                        await asyncio.to_thread(place.publish, model)
                        await until_live(stub, version)
                    await asyncio.to_thread(place.rollback)
                    await until_live(stub, second)
            finally:
                ended.set()

        await asyncio.gather(switch(), *(call(offset) for offset in range(CALLERS)))
        metrics = await asyncio.to_thread(scrape, service.metrics_address)
    expected = {
        version: [scorer.record(client, {}).probability_of_default for client in clients]
        for version, scorer in scorers.items()
    }
    for number, score in answers:
        assert score.probability_of_default == expected[score.model_version][number % len(clients)]
    assert {score.model_version for _, score in answers} == {first, second}
    assert metrics["clairscore_model_load_failures_total"] == 0
    assert metrics[f'clairscore_model_info{{version="{second}"}}'] == 1
    assert f'clairscore_model_info{{version="{first}"}}' not in metrics


async def test_a_batch_that_has_begun_ends_with_its_model(place, models, scorers, vectors):
    first, second = scorers
    await asyncio.to_thread(place.publish, models[0])
    block = pb.ScoreBatchRequest(rows=3, values=vectors[:3].ravel().tolist())
    with start_service("scoring", place.env) as service:
        async with connect(service) as channel:
            stub = scoring_pb2_grpc.ScoringServiceStub(channel)
            call = stub.ScoreBatch()
            await call.write(block)
            before = await call.read()
            await asyncio.to_thread(place.publish, models[1])
            await until_live(stub, second)
            await call.write(block)
            assert await call.read() == before
            assert before.model_version == first
            await call.done_writing()
            assert await call.code() is grpc.StatusCode.OK
            # A caller who insists on a version hears which one is live.
            failed = await failure(
                stub.Score(pb.ScoreRequest(vector={"values": vectors[0].tolist()}, model_version=first))
            )
            assert failed.metadata == {"live_version": second}


async def test_the_open_inference_protocol_follows(place, models, scorers):
    first, second = scorers
    await asyncio.to_thread(place.publish, models[0])
    with start_service("scoring", place.env) as service:
        async with connect(service) as channel:
            inference = open_inference_pb2_grpc.GRPCInferenceServiceStub(channel)
            metadata = oip.ModelMetadataRequest(name="credit")
            assert (await inference.ModelMetadata(metadata)).versions == [first]
            await asyncio.to_thread(place.publish, models[1])
            await until_live(scoring_pb2_grpc.ScoringServiceStub(channel), second)
            assert (await inference.ModelMetadata(metadata)).versions == [second]
            ready = [
                (await inference.ModelReady(oip.ModelReadyRequest(name="credit", version=version))).ready
                for version in (first, second)
            ]
            assert ready == [False, True]


@pytest.mark.parametrize("fault", ["damaged", "another contract"])
async def test_a_version_that_cannot_be_served_is_refused(place, models, scorers, clients, fault):
    first, second = scorers
    await asyncio.to_thread(place.publish, models[0])
    with start_service("scoring", place.env) as service:
        registry = place.registry
        registry.add(models[1])
        if fault == "damaged":
            (place.folder / "models" / second / ONNX).write_bytes(b"not a model")
            contract = scorers[second].manifest.feature_contract
        else:
            contract = fault
        registry.go_live(second, contract)
        entry = await asyncio.to_thread(service.wait_for_event, "model refused", version=second)
        assert entry["level"] == "error"
        assert entry["serving"] == first
        assert (ONNX if fault == "damaged" else "contract") in entry["error"]
        async with connect(service) as channel:
            stub = scoring_pb2_grpc.ScoringServiceStub(channel)
            assert (await stub.Score(request(clients[0]))).score.model_version == first
        metrics = await asyncio.to_thread(scrape, service.metrics_address)
        assert metrics["clairscore_model_load_failures_total"] == 1
        assert metrics[f'clairscore_model_info{{version="{first}"}}'] == 1


def test_an_empty_registry_refuses_to_start(tmp_path):
    ended = fail_to_start("scoring", {"CLAIRSCORE_MODEL_DIR": str(tmp_path)})
    assert ended.returncode != 0
    assert str(tmp_path) in ended.stderr
    assert "clairscore publish" in ended.stderr


def test_a_pointer_to_nothing_refuses_to_start(place, models):
    place.publish(models[0])
    pointer = place.folder / "models" / POINTER
    pointer.write_text(json.dumps(json.loads(pointer.read_text()) | {"version": "gone"}))
    ended = fail_to_start("scoring", place.env)
    assert ended.returncode != 0
    assert "no version gone" in ended.stderr


async def test_the_card_of_the_live_model(service, scoring, model_folder, model):
    for language in ("fr", "en"):
        card = await scoring.GetModelCard(pb.GetModelCardRequest(language=language))
        assert card.model_version == model.manifest.version
        assert card.html == (model_folder / f"card.{language}.html").read_bytes()
        assert f'lang="{language}"'.encode() in card.html
        assert json.loads(card.json)["version"] == model.manifest.version


@pytest.mark.parametrize("language", ["", "de", "FR"])
async def test_a_card_in_another_language_is_refused(scoring, language):
    failed = await failure(scoring.GetModelCard(pb.GetModelCardRequest(language=language)))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failed.violations) == {"language"}


async def test_a_model_without_a_card_says_so(model_folder, tmp_path):
    folder = shutil.copytree(model_folder, tmp_path / "model")
    manifest = json.loads((folder / "manifest.json").read_text())
    for file in folder.glob("card.*"):
        file.unlink()
        del manifest["files"][file.name]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with start_service("scoring", {"CLAIRSCORE_MODEL_DIR": str(folder)}) as service:
        async with connect(service) as channel:
            stub = scoring_pb2_grpc.ScoringServiceStub(channel)
            failed = await failure(stub.GetModelCard(pb.GetModelCardRequest(language="fr")))
    assert failed.code is grpc.StatusCode.NOT_FOUND
    assert failed.metadata == {"live_version": manifest["version"]}
