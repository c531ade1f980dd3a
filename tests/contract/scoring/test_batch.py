"""ScoreBatch over a socket: blocks answered in order, faulty ones by row, limits, deadlines."""

import asyncio

import grpc
import lightgbm as lgb
import numpy as np
import pytest
from clairscore.scoring.v1 import scoring_pb2 as pb
from support.scoring import MAX_BATCH_ROWS, MAX_MESSAGE_BYTES, failure

from pipeline.model.manifest import BOOSTER


def block(rows):
    return pb.ScoreBatchRequest(rows=len(rows), values=rows.ravel().tolist())


async def answers(call):
    return [answer async for answer in call]


async def test_blocks_are_answered_in_order_and_equal_native_lightgbm(scoring, vectors, model_folder, model):
    # Through both ways of the engine: on the event loop, in a thread, and in several chunks.
    sizes = (1, 4, 5, 120, 1300)
    rows = np.resize(vectors, (sum(sizes), vectors.shape[1]))
    blocks = np.split(rows, np.cumsum(sizes)[:-1])
    got = await answers(scoring.ScoreBatch(iter([block(one) for one in blocks])))
    assert [len(answer.probability_of_default) for answer in got] == list(sizes)
    default = np.concatenate([np.array(answer.probability_of_default) for answer in got])
    native = lgb.Booster(model_file=model_folder / BOOSTER).predict(rows)
    expected, rates = model.manifest.probabilities(native)
    np.testing.assert_allclose(default, expected, atol=1e-5, rtol=0)
    np.testing.assert_allclose(
        np.concatenate([np.array(answer.expected_default_rate) for answer in got]), rates, atol=1e-5, rtol=0
    )
    for answer in got:
        np.testing.assert_allclose(
            np.array(answer.probability_of_default) + np.array(answer.probability_of_repayment), 1, atol=1e-12
        )
        assert answer.model_version == model.manifest.version


async def test_a_batch_says_of_each_row_what_score_says(scoring, vectors):
    (answer,) = await answers(scoring.ScoreBatch(iter([block(vectors[:40])])))
    for row in range(40):
        request = pb.ScoreRequest(vector=pb.FeatureVector(values=vectors[row].tolist()))
        score = (await scoring.Score(request)).score
        assert answer.probability_of_default[row] == pytest.approx(score.probability_of_default, abs=1e-9)
        assert (answer.band[row], answer.decision[row]) == (score.band, score.decision)


async def test_no_rows_give_no_scores(scoring, model):
    (answer,) = await answers(scoring.ScoreBatch(iter([pb.ScoreBatchRequest()])))
    assert len(answer.probability_of_default) == 0
    assert answer.model_version == model.manifest.version


@pytest.mark.parametrize(("rows", "faulty"), [(1, 0), (30, 17), (1500, 1400)])
async def test_a_faulty_row_ends_the_call_naming_row_and_field(scoring, vectors, model, rows, faulty):
    matrix = np.resize(vectors, (rows, vectors.shape[1])).copy()
    matrix[faulty, [i.name for i in model.manifest.inputs].index("AMT_CREDIT")] = -1
    call = scoring.ScoreBatch(iter([block(vectors[:2]), block(matrix)]))
    assert len((await call.read()).probability_of_default) == 2, "the block before is answered"
    failed = await failure(call.read())
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failed.violations) == {f"rows[{faulty}].AMT_CREDIT"}


async def test_a_block_of_the_wrong_length_is_refused(scoring, vectors):
    faulty = pb.ScoreBatchRequest(rows=3, values=vectors[:2].ravel().tolist())
    failed = await failure(answers(scoring.ScoreBatch(iter([faulty]))))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert str(3 * vectors.shape[1]) in failed.violations["values"]


async def test_too_many_rows_are_refused(scoring):
    failed = await failure(answers(scoring.ScoreBatch(iter([pb.ScoreBatchRequest(rows=MAX_BATCH_ROWS + 1)]))))
    assert failed.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert failed.metadata == {"max_batch_rows": str(MAX_BATCH_ROWS)}


async def test_an_oversized_message_is_refused(scoring):
    request = pb.ScoreRequest(vector=pb.FeatureVector(values=[0.0] * (MAX_MESSAGE_BYTES // 4 + 1)))
    assert (await failure(scoring.Score(request))).code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_deadline_that_passes_ends_the_stream_and_leaves_the_service_well(service, scoring, vectors):
    stream = scoring.ScoreBatch(timeout=1, metadata=(("x-request-id", "too-slow"),))
    await stream.write(block(vectors[:3]))
    await stream.read()
    # The stream stays open, without another block, until its time is over.
    assert (await failure(stream.read())).code is grpc.StatusCode.DEADLINE_EXCEEDED
    await asyncio.to_thread(service.wait_for_event, "call", request_id="too-slow", code="DEADLINE_EXCEEDED")
    (answer,) = await answers(scoring.ScoreBatch(iter([block(vectors[:3])]), timeout=10))
    assert len(answer.probability_of_default) == 3
