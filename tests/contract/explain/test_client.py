"""Explaining one client over the wire: the numbers of the model itself, words in two languages, every error."""

import grpc
import numpy as np
import pyarrow.parquet as pq
import pytest
from clairscore.explain.v1 import explain_pb2 as pb
from contract.explain.conftest import client_input
from support.scoring import MAX_MESSAGE_BYTES, failure, field_value

from services.explain.explainer import Explainer
from services.explain.local import explain


@pytest.fixture(scope="module")
def explainer(model_folder):
    return Explainer.load(model_folder)


async def test_the_answer_is_the_model_s_own(stub, explainer, clients):
    for client in clients[:10]:
        answer = await stub.ExplainClient(pb.ExplainClientRequest(client=client_input(client)))
        expected = explain(explainer, explainer.applicants.record(client, {}))
        assert answer.score.probability_of_default == expected.score.probability_of_default
        assert answer.score.model_version == explainer.manifest.version
        assert answer.margin == expected.margin
        by_feature = {c.feature: c for c in answer.contributions}
        assert list(by_feature) == [explainer.features[k].name for k in expected.by_weight]
        for name, place in explainer.place.items():
            assert by_feature[name].contribution == expected.contributions[place]
            assert by_feature[name].points == expected.points[place]
            assert by_feature[name].value == field_value(expected.applicant.features[name])


async def test_everything_adds_up_for_the_caller(stub, clients):
    for client in clients[:10]:
        answer = await stub.ExplainClient(pb.ExplainClientRequest(client=client_input(client)))
        contributions = sum(c.contribution for c in answer.contributions)
        points = sum(c.points for c in answer.contributions)
        assert abs(answer.base_value + contributions - answer.margin) < 1e-5
        assert abs(answer.base_probability_of_repayment + points - answer.score.probability_of_repayment) < 1e-5
        for groups in (answer.families, answer.tables):
            assert sum(g.contribution for g in groups) == pytest.approx(contributions, abs=1e-9)
            assert sum(g.points for g in groups) == pytest.approx(points, abs=1e-9)


async def test_what_compares_with_the_portfolio_is_the_portfolio_s(stub, model_folder, explainer, clients, model):
    table = pq.read_table(model_folder.parent / "features.parquet")
    contributions = explainer.contributions(model.encoder.table(table))
    answer = await stub.ExplainClient(pb.ExplainClientRequest(client=client_input(clients[3])))
    by_feature = {c.feature: c for c in answer.contributions}
    for name, place in explainer.place.items():
        one = by_feature[name]
        own = contributions[:, place]
        assert one.global_importance == pytest.approx(np.abs(own).mean(), abs=1e-6)
        kept = own.astype(np.float32)
        below, ties = kept < np.float32(one.contribution), kept == np.float32(one.contribution)
        assert one.contribution_percentile == pytest.approx(below.mean() + ties.mean() / 2, abs=1e-6)
    income = by_feature.get("EXT_SOURCE_2") or by_feature["EXT_SOURCE_3"]
    values = table[income.feature].drop_null().to_numpy()
    assert income.portfolio_median == pytest.approx(np.median(values))
    assert income.portfolio_percentile == pytest.approx(np.mean(values < income.value.number), abs=0.01)


@pytest.mark.parametrize(("language", "expected"), [("fr", "probabilité"), ("", "probabilité"), ("en", "probability")])
async def test_words_are_in_the_caller_s_language(stub, clients, language, expected):
    request = pb.ExplainClientRequest(client=client_input(clients[0]), language=language, reasons=3)
    answer = await stub.ExplainClient(request)
    assert expected in answer.summary
    for side, sign in ((answer.reasons_for, 1), (answer.reasons_against, -1)):
        assert 0 < len(side) <= 3
        weights = [abs(reason.contribution) for reason in side]
        assert weights == sorted(weights, reverse=True)
        for reason in side:
            assert np.sign(reason.points) == sign
            assert reason.sentence.endswith(".")
            assert "_" not in reason.sentence
    # The same input gives the same text.
    assert (await stub.ExplainClient(request)) == answer


async def test_an_override_is_explained_in_place_of_the_value(stub, clients):
    request = pb.ExplainClientRequest(client=client_input(clients[0], EXT_SOURCE_2=0.9, AMT_CREDIT=500_000.0))
    answer = await stub.ExplainClient(request)
    changed = {**clients[0], "EXT_SOURCE_2": 0.9, "AMT_CREDIT": 500_000.0}
    assert answer == await stub.ExplainClient(pb.ExplainClientRequest(client=client_input(changed)))


async def test_raw_tables_are_taken_as_for_a_score(stub, explainer):
    row = {"AMT_CREDIT": 400_000.0, "AMT_ANNUITY": 20_000.0, "AMT_INCOME_TOTAL": 150_000.0, "DAYS_BIRTH": -12_000.0}
    message = pb.ClientInput()
    for name, value in row.items():
        message.application.application.columns[name].CopyFrom(field_value(value))
    answer = await stub.ExplainClient(pb.ExplainClientRequest(client=message))
    expected = explain(explainer, explainer.applicants.application(row, {}, {}))
    assert answer.margin == expected.margin


async def test_faults_are_named_as_for_a_score(stub, clients):
    empty = await failure(stub.ExplainClient(pb.ExplainClientRequest()))
    assert empty.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(empty.violations) == {"client"}
    client = {**clients[0], "NO_SUCH": 1.0, "AMT_CREDIT": "much"}
    faulty = await failure(stub.ExplainClient(pb.ExplainClientRequest(client=client_input(client))))
    assert set(faulty.violations) == {"NO_SUCH", "AMT_CREDIT"}
    override = client_input(clients[0], CREDIT_TERM=12.0)
    derived = await failure(stub.ExplainClient(pb.ExplainClientRequest(client=override)))
    assert set(derived.violations) == {"overrides[CREDIT_TERM]"}
    for field, request in {
        "language": pb.ExplainClientRequest(client=client_input(clients[0]), language="de"),
        "reasons": pb.ExplainClientRequest(client=client_input(clients[0]), reasons=21),
    }.items():
        wrong = await failure(stub.ExplainClient(request))
        assert wrong.code is grpc.StatusCode.INVALID_ARGUMENT
        assert set(wrong.violations) == {field}


async def test_another_model_version_is_refused_with_the_live_one(stub, clients, model):
    request = pb.ExplainClientRequest(client=client_input(clients[0]), model_version="another")
    refused = await failure(stub.ExplainClient(request))
    assert refused.code is grpc.StatusCode.FAILED_PRECONDITION
    assert refused.metadata == {"live_version": model.manifest.version}
    request.model_version = model.manifest.version
    assert (await stub.ExplainClient(request)).score.model_version == model.manifest.version


async def test_a_message_above_the_limit_is_refused(stub, clients):
    request = pb.ExplainClientRequest(client=client_input(clients[0], NO_SUCH="x" * MAX_MESSAGE_BYTES))
    refused = await failure(stub.ExplainClient(request))
    assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_deadline_of_a_millisecond(stub, clients):
    late = await failure(stub.ExplainClient(pb.ExplainClientRequest(client=client_input(clients[0])), timeout=0.001))
    assert late.code is grpc.StatusCode.DEADLINE_EXCEEDED
