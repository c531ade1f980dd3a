"""Two versions of a client over the wire."""

import grpc
import pytest
from clairscore.explain.v1 import explain_pb2 as pb
from contract.explain.conftest import client_input
from support.scoring import failure, field_value

EDITS = {"EXT_SOURCE_2": 0.05, "EXT_SOURCE_3": None, "AMT_CREDIT": 250_000.0, "NAME_EDUCATION_TYPE": "Higher education"}


def request(client, **fields):
    return pb.CompareVersionsRequest(before=client_input(client), after=client_input(client, **EDITS), **fields)


async def test_changes_add_up_to_the_difference(stub, clients):
    for client in clients[:10]:
        answer = await stub.CompareVersions(request(client))
        changed = {name for name, value in EDITS.items() if client[name] != value}
        assert {change.feature for change in answer.changes} == changed
        margin = sum(change.margin_change for change in answer.changes)
        points = sum(change.points_change for change in answer.changes)
        assert margin == pytest.approx(answer.margin_after - answer.margin_before, abs=1e-9)
        gained = answer.after.probability_of_repayment - answer.before.probability_of_repayment
        assert points == pytest.approx(gained, abs=1e-5)
        assert answer.exact
        for change in answer.changes:
            assert change.before == field_value(client[change.feature])
            assert change.after == field_value(EDITS[change.feature])
            assert change.label
            assert change.label != change.feature


async def test_both_versions_are_scored_as_explained(stub, clients):
    answer = await stub.CompareVersions(request(clients[0]))
    for version, score in (
        (client_input(clients[0]), answer.before),
        (client_input(clients[0], **EDITS), answer.after),
    ):
        assert score == (await stub.ExplainClient(pb.ExplainClientRequest(client=version))).score


async def test_swapped_versions_have_opposite_signs(stub, clients):
    there = await stub.CompareVersions(request(clients[1]))
    swapped = pb.CompareVersionsRequest(before=client_input(clients[1], **EDITS), after=client_input(clients[1]))
    back = await stub.CompareVersions(swapped)
    for one, other in zip(there.changes, back.changes, strict=True):
        assert one.feature == other.feature
        assert one.margin_change == pytest.approx(-other.margin_change, abs=1e-12)
        assert one.points_change == pytest.approx(-other.points_change, abs=1e-12)


async def test_equal_versions_have_no_changes(stub, clients):
    same = pb.CompareVersionsRequest(before=client_input(clients[0]), after=client_input(clients[0]), language="en")
    answer = await stub.CompareVersions(same)
    assert not answer.changes
    assert answer.margin_before == answer.margin_after
    assert answer.summary


async def test_the_sentence_is_in_the_caller_s_language(stub, clients):
    french = (await stub.CompareVersions(request(clients[0]))).summary
    english = (await stub.CompareVersions(request(clients[0], language="en"))).summary
    assert "probabilité" in french
    assert "probability" in english


async def test_versions_of_different_clients_are_refused(stub, clients):
    fields = {"before_sk_id_curr": 100_001, "after_sk_id_curr": 100_002}
    refused = await failure(stub.CompareVersions(request(clients[0], **fields)))
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(refused.violations) == {"after_sk_id_curr"}
    fields = {"before_sk_id_curr": 100_001, "after_sk_id_curr": 0}
    assert (await stub.CompareVersions(request(clients[0], **fields))).changes


async def test_faults_name_the_version(stub, clients):
    missing = pb.CompareVersionsRequest(before=client_input(clients[0]))
    assert set((await failure(stub.CompareVersions(missing))).violations) == {"after"}
    faulty = pb.CompareVersionsRequest(before=client_input({"AMT_CREDIT": 1.0}), after=client_input(clients[0]))
    refused = await failure(stub.CompareVersions(faulty))
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    # Too many to travel one by one: fields with the same fault share a violation.
    assert all(name.startswith("before.") for field in refused.violations for name in field.split(", ") if name != "…")
    other = await failure(stub.CompareVersions(request(clients[0], model_version="another")))
    assert other.code is grpc.StatusCode.FAILED_PRECONDITION
    assert "live_version" in other.metadata
