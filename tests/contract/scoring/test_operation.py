"""The service as an operator meets it: start, refusal to start, health, reflection, metrics, logs, drain."""

import asyncio
import json
import shutil
import socket

import grpc
import numpy as np
import pytest
from clairscore.scoring.v1 import scoring_pb2 as pb
from clairscore.scoring.v1 import scoring_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from support.processes import fail_to_start, start_service
from support.scoring import failure, scrape

from pipeline.model.manifest import BOOSTER, DICTIONARY, MANIFEST, ONNX

NAMES = ("clairscore.scoring.v1.ScoringService", "inference.GRPCInferenceService")


def by_vector(vector):
    return pb.ScoreRequest(vector=pb.FeatureVector(values=vector.tolist()))


async def test_get_model_describes_the_manifest(scoring, model):
    described = (await scoring.GetModel(pb.GetModelRequest())).model
    manifest = model.manifest
    assert described.version == manifest.version
    assert described.created_at == manifest.created_at
    assert described.sha256 == manifest.files[ONNX]
    assert described.threshold == manifest.threshold
    assert described.synthetic is manifest.training_data.origin.synthetic
    assert described.training_rows == manifest.training_data.rows
    assert described.training_data_sha256 == manifest.training_data.sha256
    assert described.feature_contract == manifest.feature_contract
    assert dict(described.metrics) == manifest.metrics
    assert [(b.lower, b.upper) for b in described.bands] == [(b.lower, b.upper) for b in manifest.bands]
    assert [b.band for b in described.bands] == list(range(1, 8))
    for got, expected in zip(described.bands, manifest.bands, strict=True):
        for name in ("default_rate", "default_rate_low", "default_rate_high"):
            assert (getattr(got, name) if got.HasField(name) else None) == getattr(expected, name)
    optimum = described.cost_optimum
    assert manifest.cost_optimum is not None
    assert {name: getattr(optimum, name) for name in type(manifest.cost_optimum).model_fields} == (
        manifest.cost_optimum.model_dump()
    )
    for got, expected in zip(described.inputs, manifest.inputs, strict=True):
        assert (got.name, got.feature, got.category, got.required) == (
            expected.name,
            expected.feature,
            expected.category or "",
            expected.required,
        )
        assert (got.minimum if got.HasField("minimum") else None) == expected.minimum
        assert (got.maximum if got.HasField("maximum") else None) == expected.maximum


@pytest.mark.parametrize("name", ["", *NAMES])
async def test_health_is_serving(channel, name):
    answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=name))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_health_of_an_unknown_service_is_not_found(channel):
    request = health_pb2.HealthCheckRequest(service="clairscore.other")
    assert (await failure(health_pb2_grpc.HealthStub(channel).Check(request))).code is grpc.StatusCode.NOT_FOUND


def test_reflection_gives_the_contracts(service):
    with grpc.insecure_channel(service.address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        assert {*NAMES, "grpc.health.v1.Health"} <= set(database.get_services())
        file = database.FindFileContainingSymbol(NAMES[0])
        methods = {method.name for one in file.service for method in one.method}
        assert methods == {"Score", "ScoreBatch", "GetModel", "GetModelCard"}


async def test_the_request_id_comes_back_and_is_in_the_log(service, scoring, vectors):
    call = scoring.Score(by_vector(vectors[0]), metadata=(("x-request-id", "officer-7"),))
    await call
    assert dict(await call.trailing_metadata())["x-request-id"] == "officer-7"
    failed = await failure(scoring.Score(pb.ScoreRequest(), metadata=(("x-request-id", "officer-8"),)))
    assert failed.trailing["x-request-id"] == "officer-8"
    entry = await asyncio.to_thread(service.wait_for_event, "call", request_id="officer-7")
    assert (entry["method"], entry["code"]) == ("Score", "OK")
    assert entry["milliseconds"] > 0
    entry = await asyncio.to_thread(service.wait_for_event, "call", request_id="officer-8")
    assert entry["code"] == "INVALID_ARGUMENT"


async def test_a_call_without_request_id_gets_one(scoring, vectors):
    call = scoring.Score(by_vector(vectors[0]))
    await call
    assert len(dict(await call.trailing_metadata())["x-request-id"]) == 32


async def test_metrics_count_calls_scores_and_decisions(model_folder, vectors):
    with start_service("scoring", {"CLAIRSCORE_MODEL_DIR": str(model_folder)}) as service:
        async with grpc.aio.insecure_channel(service.address) as channel:
            stub = scoring_pb2_grpc.ScoringServiceStub(channel)
            decisions = [(await stub.Score(by_vector(vector))).score.decision for vector in vectors[:3]]
            await failure(stub.Score(pb.ScoreRequest()))
            block = pb.ScoreBatchRequest(rows=7, values=vectors[:7].ravel().tolist())
            (answer,) = [answer async for answer in stub.ScoreBatch(iter([block]))]
            decisions += answer.decision
        metrics = await asyncio.to_thread(scrape, service.metrics_address)
    assert metrics["grpc_server_handled_total" + _labels("OK", "Score")] == 3
    assert metrics["grpc_server_handled_total" + _labels("INVALID_ARGUMENT", "Score")] == 1
    assert metrics["grpc_server_handling_seconds_count" + _labels("OK", "ScoreBatch")] == 1
    assert metrics[f'grpc_server_in_flight{{grpc_method="Score",grpc_service="{NAMES[0]}"}}'] == 0
    assert metrics["clairscore_scoring_probability_of_repayment_count"] == 10
    assert metrics['clairscore_scoring_decisions_total{decision="accept"}'] == decisions.count(1)
    assert metrics['clairscore_scoring_decisions_total{decision="refuse"}'] == decisions.count(2)
    assert not [name for name in metrics if "Health" in name]


@pytest.mark.parametrize(("file", "damage"), [(ONNX, "cut"), (BOOSTER, "gone"), (DICTIONARY, "cut"), (MANIFEST, "cut")])
def test_a_damaged_model_folder_is_refused_naming_the_file(model_folder, tmp_path, file, damage):
    folder = shutil.copytree(model_folder, tmp_path / "model")
    damaged = folder / file
    if damage == "cut":
        damaged.write_bytes(damaged.read_bytes()[:-20])
    else:
        damaged.unlink()
    _refused({"CLAIRSCORE_MODEL_DIR": str(folder)}, str(damaged))


def test_a_file_of_another_model_is_refused_naming_it(model_folder, tmp_path):
    folder = shutil.copytree(model_folder, tmp_path / "model")
    with (folder / ONNX).open("ab") as stream:
        stream.write(b"\0")
    _refused({"CLAIRSCORE_MODEL_DIR": str(folder)}, str(folder / ONNX))


def test_a_manifest_with_other_inputs_is_refused(model_folder, tmp_path):
    folder = shutil.copytree(model_folder, tmp_path / "model")
    manifest = json.loads((folder / MANIFEST).read_text())
    del manifest["inputs"][0]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    _refused({"CLAIRSCORE_MODEL_DIR": str(folder)}, str(folder / ONNX))


def test_a_folder_without_a_model_is_refused(tmp_path):
    _refused({"CLAIRSCORE_MODEL_DIR": str(tmp_path)}, str(tmp_path))


def test_a_wrong_setting_is_refused_naming_the_variable(model_folder):
    env = {"CLAIRSCORE_MODEL_DIR": str(model_folder), "CLAIRSCORE_MAX_BATCH_ROWS": "many"}
    _refused(env, "CLAIRSCORE_MAX_BATCH_ROWS")


def test_a_taken_port_is_refused(model_folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        _refused({"CLAIRSCORE_MODEL_DIR": str(model_folder)}, f"port {port} is taken", port=port)


async def test_sigterm_lets_a_stream_in_flight_finish(model_folder, vectors):
    with start_service("scoring", {"CLAIRSCORE_MODEL_DIR": str(model_folder)}) as service:
        async with grpc.aio.insecure_channel(service.address) as channel:
            call = scoring_pb2_grpc.ScoringServiceStub(channel).ScoreBatch()
            block = pb.ScoreBatchRequest(rows=2, values=vectors[:2].ravel().tolist())
            await call.write(block)
            before = await call.read()
            ended = asyncio.create_task(asyncio.to_thread(service.terminate))
            await asyncio.to_thread(service.wait_for_event, "draining")
            await call.write(block)
            assert (await call.read()).probability_of_default == before.probability_of_default
            await call.done_writing()
            assert await call.read() is grpc.aio.EOF
            assert await call.code() is grpc.StatusCode.OK
        assert await ended == 0
        assert service.events[-1]["event"] == "stopped"


async def test_sigterm_ends_what_does_not_end_by_itself(model_folder, vectors):
    env = {"CLAIRSCORE_MODEL_DIR": str(model_folder), "CLAIRSCORE_DRAIN_SECONDS": "0.2"}
    with start_service("scoring", env) as service:
        async with grpc.aio.insecure_channel(service.address) as channel:
            call = scoring_pb2_grpc.ScoringServiceStub(channel).ScoreBatch()
            await call.write(pb.ScoreBatchRequest(rows=1, values=vectors[0].tolist()))
            await call.read()
            assert await asyncio.to_thread(service.terminate) == 0
            assert (await failure(call.read())).code is not grpc.StatusCode.OK


def test_the_log_of_the_start_tells_the_settings(service, model_folder):
    (event,) = [event for event in service.events if event["event"] == "serving"]
    assert event["settings"]["model_dir"] == str(model_folder)
    assert service.address.endswith(f":{event['port']}")


async def test_health_calls_are_not_logged(service, channel):
    await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    assert not [event for event in service.events if event.get("service", "").startswith("grpc.health")]


async def test_concurrent_calls_get_their_own_answers(scoring, vectors):
    rows = np.resize(vectors, (64, vectors.shape[1]))
    one_by_one = [(await scoring.Score(by_vector(row))).score for row in rows]
    at_once = await asyncio.gather(*(scoring.Score(by_vector(row)) for row in rows))
    assert [answer.score for answer in at_once] == one_by_one


def _labels(code, method):
    return f'{{grpc_code="{code}",grpc_method="{method}",grpc_service="{NAMES[0]}"}}'


def _refused(env, named, port=0):
    ended = fail_to_start("scoring", env, port=port)
    assert ended.returncode != 0
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    assert named in lines[0]
