"""Another model and other explanations go live while the service answers."""

import asyncio
import itertools

import grpc
import pytest
from clairscore.explain.v1 import explain_pb2 as pb
from clairscore.explain.v1.explain_pb2_grpc import ExplainServiceStub
from contract.explain.conftest import client_input, wait_until_explained
from support.models import train_tiny_model
from support.processes import start_service
from support.scoring import failure

from pipeline.publish import publish
from pipeline.registry.registry import Registry

_SECONDS = 120


@pytest.mark.slow
async def test_model_and_portfolio_are_followed_without_a_failed_call(model_folder, clients, tmp_path):
    """Slow: two models, two services. Nothing less shows that the new model's explanations take over by themselves."""
    other = await asyncio.to_thread(train_tiny_model, tmp_path / "other", seed=5)
    registry = Registry(str(tmp_path / "models"), tmp_path / "cache")
    url, folder = f"sqlite:///{tmp_path / 'portfolio.db'}", tmp_path / "portfolio"

    def publish_model(model):
        return publish(model, model.parent / "features.parquet", url, folder, registry=registry).model_version

    first = await asyncio.to_thread(publish_model, model_folder)
    with start_service("portfolio", {"DATABASE_URL": url, "CLAIRSCORE_PORTFOLIO_DIR": str(folder)}) as portfolio:
        env = {
            "CLAIRSCORE_MODEL_DIR": str(tmp_path / "models"),
            "CLAIRSCORE_MODEL_POLL_SECONDS": "0.05",
            "CLAIRSCORE_PORTFOLIO_ADDRESS": portfolio.address,
            "CLAIRSCORE_PORTFOLIO_POLL_SECONDS": "0.05",
            "CLAIRSCORE_EXPLANATIONS_DIR": str(tmp_path / "explanations"),
        }
        with start_service("explain", env) as service:
            await asyncio.to_thread(wait_until_explained, service)
            async with grpc.aio.insecure_channel(service.address, options=[("grpc.enable_retries", 0)]) as channel:
                stub = ExplainServiceStub(channel)
                request = pb.ExplainClientRequest(client=client_input(clients[0]))
                assert (await stub.ExplainClient(request)).score.model_version == first
                publishing = asyncio.create_task(asyncio.to_thread(publish_model, other))
                versions = set()
                async with asyncio.timeout(_SECONDS):
                    for _ in itertools.count():
                        versions.add((await stub.ExplainClient(request)).score.model_version)
                        if publishing.done() and publishing.result() in versions:
                            break
                second = publishing.result()
                assert versions == {first, second}
                request.model_version = first
                stale = await failure(stub.ExplainClient(request))
                assert stale.code is grpc.StatusCode.FAILED_PRECONDITION
                assert stale.metadata == {"live_version": second}
                async with asyncio.timeout(_SECONDS):
                    while (await stub.GetProgress(pb.GetProgressRequest())).state != pb.GetProgressResponse.STATE_READY:
                        pass
                progress = await stub.GetProgress(pb.GetProgressRequest())
                assert progress.model_version == second
                assert (await stub.GetImportance(pb.GetImportanceRequest(model_version=second))).clients == 400
            assert service.terminate() == 0
