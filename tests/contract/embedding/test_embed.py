"""EmbedTexts and StreamEmbed over a socket: equal to the runtime in process, flagged, refused by name, bounded."""

import asyncio

import grpc
import numpy as np
import pytest
from clairscore.embedding.v1 import embedding_pb2 as pb
from clairscore.embedding.v1 import embedding_pb2_grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from support.embedding import MAX_TEXTS, PROMPTS
from support.processes import fail_to_start, start_service
from support.scoring import failure, scrape

from services.embedding.encoder import Encoder

TEXTS = ["Cotton bath towel, blue", "USB 3.0 cable", "Crème hydratante – 50 ml", "analog watch " * 300]


def vectors(answer):
    return np.array(answer.values, dtype=np.float32).reshape(-1, answer.dimension)


async def test_vectors_are_those_of_the_runtime_and_long_texts_are_flagged(embedding, encoder):
    answer = await embedding.EmbedTexts(pb.EmbedTextsRequest(texts=TEXTS))
    assert answer.model == "all-MiniLM-L6-v2/fp32"
    np.testing.assert_allclose(vectors(answer), encoder.encode(TEXTS).vectors, atol=1e-5)
    assert list(answer.truncated) == [False, False, False, True]


async def test_another_model_is_asked_by_its_id(embedding, embedding_dir):
    answer = await embedding.EmbedTexts(pb.EmbedTextsRequest(model="all-MiniLM-L6-v2/int8", texts=TEXTS[:2]))
    expected = Encoder.load(embedding_dir / "all-MiniLM-L6-v2/int8", threads=1).encode(TEXTS[:2]).vectors
    assert answer.model == "all-MiniLM-L6-v2/int8"
    # The range of 8-bit activations is found for all texts of a run together.
    np.testing.assert_allclose(vectors(answer), expected, atol=0.02)


@pytest.mark.parametrize("prompt", [None, "query"])
async def test_prefixes_are_the_models_own(embedding, embedding_dir, prompt):
    request = pb.EmbedTextsRequest(model="prefixed/fp32", texts=["cotton towel"], prompt=prompt)
    encoder = Encoder.load(embedding_dir / "prefixed/fp32", threads=1)
    expected = encoder.embed([PROMPTS[prompt or "passage"] + "cotton towel"]).vectors
    np.testing.assert_allclose(vectors(await embedding.EmbedTexts(request)), expected, atol=1e-5)


async def test_a_stream_answers_its_blocks_in_order(embedding, encoder):
    blocks = [TEXTS[:2], TEXTS[2:3], TEXTS[:1] * 20]
    got = [one async for one in embedding.StreamEmbed(iter([pb.StreamEmbedRequest(texts=block) for block in blocks]))]
    for block, answer in zip(blocks, got, strict=True):
        np.testing.assert_allclose(vectors(answer), encoder.encode(block).vectors, atol=1e-5)


async def test_concurrent_calls_get_their_own_vectors(service, embedding, encoder):
    texts = [f"product number {number} {'of a longer kind ' * (number % 5)}" for number in range(40)]
    answers = await asyncio.gather(*(embedding.EmbedTexts(pb.EmbedTextsRequest(texts=[text])) for text in texts))
    got = np.concatenate([vectors(answer) for answer in answers])
    np.testing.assert_allclose(got, encoder.encode(texts).vectors, atol=1e-5)
    metrics = await asyncio.to_thread(scrape, service.metrics_address)
    assert metrics["clairscore_embedding_round_texts_count"] < metrics["clairscore_embedding_texts_total"]


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (pb.EmbedTextsRequest(), {"texts"}),
        (pb.EmbedTextsRequest(texts=["a", "", "b", " \n"]), {"texts[1]", "texts[3]"}),
        (pb.EmbedTextsRequest(texts=["a"], prompt="query"), {"prompt"}),
        (pb.EmbedTextsRequest(texts=["a"], prompt="other", model="prefixed/fp32"), {"prompt"}),
    ],
)
async def test_faulty_requests_are_refused_by_field(embedding, request_, fields):
    failed = await failure(embedding.EmbedTexts(request_))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failed.violations) == fields


async def test_a_faulty_block_ends_the_stream_after_the_block_before(embedding):
    blocks = [pb.StreamEmbedRequest(texts=["a"]), pb.StreamEmbedRequest(texts=["b", ""])]
    call = embedding.StreamEmbed(iter(blocks))
    assert (await call.read()).dimension == 384
    failed = await failure(call.read())
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failed.violations) == {"texts[1]"}


async def test_an_unknown_model_is_not_found_and_the_known_ones_are_named(embedding):
    failed = await failure(embedding.EmbedTexts(pb.EmbedTextsRequest(model="all-MiniLM-L6-v2", texts=["a"])))
    assert failed.code is grpc.StatusCode.NOT_FOUND
    assert failed.metadata == {"models": "all-MiniLM-L6-v2/fp32, all-MiniLM-L6-v2/int8, prefixed/fp32"}


async def test_too_many_texts_are_refused(embedding):
    failed = await failure(embedding.EmbedTexts(pb.EmbedTextsRequest(texts=["a"] * (MAX_TEXTS + 1))))
    assert failed.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert failed.metadata == {"max_texts": str(MAX_TEXTS)}


async def test_a_full_queue_refuses_with_a_time_to_try_again_and_answers_what_it_took(settings):
    limits = {"CLAIRSCORE_MAX_TEXTS": "8", "CLAIRSCORE_MAX_WAITING_TEXTS": "8", "CLAIRSCORE_ROUND_TEXTS": "1"}
    request = pb.EmbedTextsRequest(texts=["a long text " * 200] * 8)
    with start_service("embedding", settings | limits) as running:
        async with grpc.aio.insecure_channel(running.address, options=[("grpc.enable_retries", 0)]) as channel:
            stub = embedding_pb2_grpc.EmbeddingServiceStub(channel)
            answers = await asyncio.gather(*(stub.EmbedTexts(request) for _ in range(3)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
    assert [error.code() for error in refused] == [grpc.StatusCode.RESOURCE_EXHAUSTED] * len(refused)
    assert 1 <= len(refused) <= 2
    assert all(len(answer.truncated) == 8 for answer in answers if answer not in refused)
    retry = error_details_pb2.RetryInfo()
    assert any(detail.Unpack(retry) for detail in rpc_status.from_call(refused[0]).details)
    assert retry.retry_delay.ToNanoseconds() > 0


async def test_a_deadline_that_passes_ends_the_call_and_leaves_the_service_well(embedding):
    request = pb.EmbedTextsRequest(texts=["a long text " * 200] * 16)
    failed = await failure(embedding.EmbedTexts(request, timeout=0.05))
    assert failed.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert len((await embedding.EmbedTexts(pb.EmbedTextsRequest(texts=["a"]))).truncated) == 1


def test_without_the_default_model_there_is_no_start(tmp_path):
    ended = fail_to_start("embedding", {"CLAIRSCORE_EMBEDDING_DIR": str(tmp_path)})
    assert ended.returncode != 0
    assert "clairscore export-embedding all-MiniLM-L6-v2" in ended.stderr
