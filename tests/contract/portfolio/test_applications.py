"""New applications: every call, every error, on both databases; across publications."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import grpc
import pytest
from clairscore.common.v1 import record_pb2
from clairscore.portfolio.v1 import portfolio_pb2 as pb
from google.rpc import error_details_pb2
from grpc_status import rpc_status

FIRST = 100_001
SCORE = record_pb2.Score(
    probability_of_default=0.25,
    probability_of_repayment=0.75,
    band=record_pb2.RISK_BAND_LOW,
    decision=record_pb2.DECISION_ACCEPT,
    model_version="20260101-abc",
    expected_default_rate=0.04,
)


def _record(stub, **changes):
    """A complete record, as the portfolio's own first client has it, with some values changed; None: not known."""
    record = stub.GetClient(pb.GetClientRequest(sk_id_curr=FIRST)).client.record
    kinds = {float: "number", str: "text"}
    for name, value in changes.items():
        record.fields[name].CopyFrom(record_pb2.FieldValue(**({} if value is None else {kinds[type(value)]: value})))
    return record


def _request(stub, reference="Mme Martin, dossier 12", score=SCORE, request_id=None, **changes):
    return pb.SaveApplicationRequest(
        request_id=request_id or str(uuid4()), reference=reference, record=_record(stub, **changes), score=score
    )


def _list(stub, **more):
    return stub.ListApplications(pb.ListApplicationsRequest(**more))


def _error(call, request):
    with pytest.raises(grpc.RpcError) as caught:
        call(request)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in rpc_status.from_call(caught.value).details:
        detail.Unpack(info)
        detail.Unpack(bad)
    return caught.value.code(), dict(info.metadata), {v.field: v.description for v in bad.field_violations}


def test_what_is_stored_is_got_and_listed(stub):
    request = _request(stub, AMT_INCOME_TOTAL=71_000.5, AMT_CREDIT=200_000.0, EXT_SOURCE_1=None)
    stored = stub.SaveApplication(request).application
    assert (stored.reference, stored.record, stored.score) == (request.reference, request.record, SCORE)
    assert stored.record.fields["EXT_SOURCE_1"].WhichOneof("kind") is None
    assert (stored.stored_at[-1], list(stored.obsolete)) == ("Z", [])
    got = stub.GetApplication(pb.GetApplicationRequest(application_id=stored.application_id)).application
    assert got == stored
    first = _list(stub).applications[0]
    assert first == pb.ApplicationSummary(
        application_id=stored.application_id,
        reference=request.reference,
        stored_at=stored.stored_at,
        income=71_000.5,
        credit=200_000.0,
        score=SCORE,
    )


def test_a_save_that_is_repeated_stores_once(stub):
    request = _request(stub, "once")
    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(lambda _: stub.SaveApplication(request).application, range(8)))
    assert len({one.application_id for one in stored}) == 1
    assert sum(one.reference == "once" for one in _list(stub, page_size=100).applications) == 1
    # What was stored is answered, also when the repeated request calls it otherwise.
    request.reference = "twice"
    assert stub.SaveApplication(request).application == stored[0]


def test_a_request_is_good_for_one_record(stub):
    request = _request(stub)
    stored = stub.SaveApplication(request).application
    other = _request(stub, request_id=request.request_id, AMT_CREDIT=1.0)
    code, _, faults = _error(stub.SaveApplication, other)
    assert (code, set(faults)) == (grpc.StatusCode.INVALID_ARGUMENT, {"request_id"})
    assert stub.GetApplication(pb.GetApplicationRequest(application_id=stored.application_id)).application == stored


def test_every_fault_is_named(stub):
    request = _request(
        stub,
        reference=" x",
        score=record_pb2.Score(probability_of_default=0.5, probability_of_repayment=1.5),
        request_id="a\nb",
        AMT_CREDIT=None,
        AMT_ANNUITY="much",
        NAME_INCOME_TYPE="Pirate",
        TARGET=1.0,
        SK_ID_CURR=7.0,
    )
    del request.record.fields["FLAG_EMAIL"]
    code, _, faults = _error(stub.SaveApplication, request)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    wrong = ("AMT_CREDIT", "AMT_ANNUITY", "NAME_INCOME_TYPE", "TARGET", "SK_ID_CURR", "FLAG_EMAIL")
    score = ("probability_of_repayment", "band", "decision", "model_version")
    assert set(faults) == {
        "request_id",
        "reference",
        *(f"record[{name}]" for name in wrong),
        *(f"score.{name}" for name in score),
    }
    assert faults["record[TARGET]"] == "is not a feature of this model"


@pytest.mark.parametrize("share", [float("nan"), -0.1])
def test_an_impossible_score_is_refused(stub, share):
    score = record_pb2.Score()
    score.CopyFrom(SCORE)
    score.expected_default_rate = share
    assert set(_error(stub.SaveApplication, _request(stub, score=score))[2]) == {"score.expected_default_rate"}
    score.CopyFrom(SCORE)
    score.probability_of_default = 0.5
    assert set(_error(stub.SaveApplication, _request(stub, score=score))[2]) == {"score.probability_of_repayment"}


def test_what_was_never_stored_is_not_found(stub):
    for identifier in ("", "' OR 1=1 --", "0" * 32):
        code, metadata, _ = _error(stub.GetApplication, pb.GetApplicationRequest(application_id=identifier))
        assert (code, metadata) == (grpc.StatusCode.NOT_FOUND, {"application_id": identifier})


def test_pages_hold_every_application_once_the_last_stored_first(stub):
    names = [f"page {number}" for number in range(5)]
    for name in names:
        stub.SaveApplication(_request(stub, name))
    found, token = [], ""
    while True:
        page = _list(stub, page_size=2, page_token=token)
        found += page.applications
        token = page.next_page_token
        if not token:
            break
        assert len(page.applications) == 2
    assert [one.reference for one in found[:5]] == names[::-1]
    assert len({one.application_id for one in found}) == len(found)


def test_a_faulty_page_is_refused(stub):
    for field, request in (
        ("page_size", pb.ListApplicationsRequest(page_size=101)),
        ("page_token", pb.ListApplicationsRequest(page_token="-1")),
        ("page_token", pb.ListApplicationsRequest(page_token="9" * 30)),
    ):
        code, _, faults = _error(stub.ListApplications, request)
        assert (code, set(faults)) == (grpc.StatusCode.INVALID_ARGUMENT, {field})
