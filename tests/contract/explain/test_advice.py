"""What would change the decision, and who is like the client, over the wire."""

import time

import grpc
import pyarrow.parquet as pq
import pytest
from clairscore.common.v1 import record_pb2
from clairscore.explain.v1 import explain_pb2 as pb
from contract.explain.conftest import client_input
from support.scoring import failure

from pipeline.model.applicants import Applicants

# Far beyond what any search takes.
_ENOUGH = 60


@pytest.fixture(scope="module")
def sides(model, clients):
    """The portfolio's first clients, refused and accepted."""
    applicants = Applicants(model)
    refused, accepted = [], []
    for client in clients:
        default = model.probability_of_default(applicants.record(client, {}).vector)[0]
        (accepted if 1 - default >= model.manifest.threshold else refused).append(client)
    return refused, accepted


async def test_answers_are_accepted_by_the_model_and_actionable(stub, sides, model):
    refused, _ = sides
    answered = 0
    for client in refused[:8]:
        request = pb.FindCounterfactualsRequest(client=client_input(client), count=4, max_changes=3)
        answer = await stub.FindCounterfactuals(request, timeout=_ENOUGH)
        assert answer.score.decision == record_pb2.DECISION_REFUSE
        costs = [one.cost for one in answer.counterfactuals]
        assert costs == sorted(costs)
        for one in answer.counterfactuals:
            answered += 1
            assert 0 < len(one.changes) <= 3
            assert one.score.decision == record_pb2.DECISION_ACCEPT
            assert 0 <= one.plausibility <= 1
            assert one.sentence.endswith(".")
            edited = client_input(client)
            for change in one.changes:
                feature = model.dictionary.by_name[change.feature]
                assert feature.actionable
                assert not feature.protected
                edited.overrides[change.feature].CopyFrom(change.after)
            again = await stub.ExplainClient(pb.ExplainClientRequest(client=edited))
            assert again.score == one.score
    assert answered


async def test_limits_are_kept(stub, sides):
    refused, _ = sides
    for client in refused[:8]:
        free = await stub.FindCounterfactuals(
            pb.FindCounterfactualsRequest(client=client_input(client)), timeout=_ENOUGH
        )
        if not free.counterfactuals:
            continue
        fixed = free.counterfactuals[0].changes[0].feature
        request = pb.FindCounterfactualsRequest(
            client=client_input(client), limits=[pb.Limit(feature=fixed, fixed=True)]
        )
        limited = await stub.FindCounterfactuals(request, timeout=_ENOUGH)
        assert fixed not in {c.feature for one in limited.counterfactuals for c in one.changes}
        return
    pytest.fail("nobody had an answer")


async def test_an_accepted_client_has_nothing_to_change(stub, sides):
    _, accepted = sides
    refused = await failure(stub.FindCounterfactuals(pb.FindCounterfactualsRequest(client=client_input(accepted[0]))))
    assert refused.code is grpc.StatusCode.FAILED_PRECONDITION
    assert float(refused.metadata["probability_of_repayment"]) >= 0.52


async def test_the_search_keeps_to_the_deadline(stub, sides):
    refused, _ = sides
    request = pb.FindCounterfactualsRequest(client=client_input(refused[0]), max_changes=5, count=10)
    late = await failure(stub.FindCounterfactuals(request, timeout=0.001))
    assert late.code is grpc.StatusCode.DEADLINE_EXCEEDED
    started = time.monotonic()
    # A short one is answered before it passes, with what there is.
    answer = await stub.FindCounterfactuals(request, timeout=1.5)
    assert time.monotonic() - started < 1.5
    assert answer.score.decision == record_pb2.DECISION_REFUSE


async def test_faulty_limits_are_named(stub, sides):
    refused, _ = sides
    for field, limit in {
        "limits[0].feature": pb.Limit(feature="NO_SUCH"),
        "limits[0].minimum": pb.Limit(feature="AMT_CREDIT", minimum=2, maximum=1),
        "limits[0].max_relative_change": pb.Limit(feature="AMT_CREDIT", max_relative_change=2),
    }.items():
        request = pb.FindCounterfactualsRequest(client=client_input(refused[0]), limits=[limit])
        wrong = await failure(stub.FindCounterfactuals(request))
        assert wrong.code is grpc.StatusCode.INVALID_ARGUMENT
        assert set(wrong.violations) == {field}
    for field, most in {"count": 10, "max_changes": 5}.items():
        request = pb.FindCounterfactualsRequest(client=client_input(refused[0]), **{field: most + 1})
        assert set((await failure(stub.FindCounterfactuals(request))).violations) == {field}


async def test_comparable_clients_are_near_and_on_both_sides(stub, clients, model, model_folder):
    table = pq.read_table(model_folder.parent / "features.parquet")
    ids = table["SK_ID_CURR"].to_pylist()
    request = pb.FindComparableClientsRequest(client=client_input(clients[0]), count=7, exclude_sk_id_curr=ids[0])
    answer = await stub.FindComparableClients(request)
    assert not answer.approximate
    for side, accepted in ((answer.accepted, True), (answer.refused, False)):
        assert len(side) == 7
        assert ids[0] not in {one.sk_id_curr for one in side}
        distances = [one.distance for one in side]
        assert distances == sorted(distances)
        assert all((one.probability_of_repayment >= model.manifest.threshold) == accepted for one in side)
    request.exclude_sk_id_curr = 0
    answer = await stub.FindComparableClients(request)
    nearest = min((*answer.accepted, *answer.refused), key=lambda one: one.distance)
    assert nearest.sk_id_curr == ids[0]
    assert nearest.distance == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("FindCounterfactuals", pb.FindCounterfactualsRequest(model_version="another")),
        ("FindComparableClients", pb.FindComparableClientsRequest(model_version="another")),
    ],
)
async def test_another_model_version_is_refused(stub, model, method, request_):
    refused = await failure(getattr(stub, method)(request_))
    assert refused.code is grpc.StatusCode.FAILED_PRECONDITION
    assert refused.metadata == {"live_version": model.manifest.version}
