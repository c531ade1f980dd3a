"""Saved scenarios: every call, every error, on both databases; across publications."""

from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from clairscore.common.v1 import record_pb2
from clairscore.portfolio.v1 import portfolio_pb2 as pb
from clairscore.portfolio.v1.portfolio_pb2_grpc import PortfolioServiceStub
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from support.models import write_tiny_features
from support.processes import start_service

from pipeline.features import store
from pipeline.features.dictionary import FeatureDictionary
from pipeline.publish import publish

FIRST = 100_001
NUMBER, CATEGORY = "AMT_CREDIT", "NAME_INCOME_TYPE"
CHANGES = {NUMBER: 71_000.5, CATEGORY: "Working", "AMT_ANNUITY": None}


def _fields(overrides):
    kinds = {float: "number", str: "text"}
    return {
        name: record_pb2.FieldValue(**({} if value is None else {kinds[type(value)]: value}))
        for name, value in overrides.items()
    }


def _save(stub, sk_id_curr=FIRST, name="Moins de crédit", overrides=None):
    fields = _fields(CHANGES if overrides is None else overrides)
    return stub.SaveScenario(pb.SaveScenarioRequest(sk_id_curr=sk_id_curr, name=name, overrides=fields)).scenario


def _list(stub, sk_id_curr):
    return list(stub.ListScenarios(pb.ListScenariosRequest(sk_id_curr=sk_id_curr)).scenarios)


def _error(call, request):
    with pytest.raises(grpc.RpcError) as caught:
        call(request)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in rpc_status.from_call(caught.value).details:
        detail.Unpack(info)
        detail.Unpack(bad)
    return caught.value.code(), dict(info.metadata), {v.field: v.description for v in bad.field_violations}


def test_what_is_saved_is_listed_got_and_deleted(stub):
    saved = _save(stub)
    assert (saved.sk_id_curr, saved.name, list(saved.obsolete)) == (FIRST, "Moins de crédit", [])
    assert dict(saved.overrides) == _fields(CHANGES)
    assert saved.saved_at.endswith("Z")
    request = {"sk_id_curr": FIRST, "scenario_id": saved.scenario_id}
    assert stub.GetScenario(pb.GetScenarioRequest(**request)).scenario == saved
    assert _list(stub, FIRST) == [saved]
    assert _list(stub, FIRST + 1) == []
    stub.DeleteScenario(pb.DeleteScenarioRequest(**request))
    # Once more, as a client whose first answer was lost.
    stub.DeleteScenario(pb.DeleteScenarioRequest(**request))
    assert _list(stub, FIRST) == []


def test_the_same_name_replaces_and_keeps_the_identifier(stub):
    client = FIRST + 2
    first = _save(stub, client, "a")
    other = _save(stub, client, "b", {NUMBER: 1.0})
    again = _save(stub, client, "a", {NUMBER: 2.0})
    assert again.scenario_id == first.scenario_id != other.scenario_id
    assert dict(again.overrides) == _fields({NUMBER: 2.0})
    assert {s.name for s in _list(stub, client)} == {"a", "b"}
    assert _save(stub, client + 1, "a").scenario_id != first.scenario_id


def test_officers_who_save_under_one_name_at_once_share_one_scenario(stub):
    client = FIRST + 4
    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(lambda credit: _save(stub, client, "both", {NUMBER: float(credit)}), range(1, 9)))
    assert len({s.scenario_id for s in saved}) == 1
    (kept,) = _list(stub, client)
    assert kept.overrides[NUMBER].number in range(1, 9)


def test_a_scenario_belongs_to_its_client(stub):
    saved = _save(stub, FIRST + 5)
    for request in (
        pb.GetScenarioRequest(sk_id_curr=FIRST + 6, scenario_id=saved.scenario_id),
        pb.GetScenarioRequest(sk_id_curr=FIRST + 5, scenario_id="' OR 1=1 --"),
        pb.GetScenarioRequest(sk_id_curr=FIRST + 5),
    ):
        code, metadata, _ = _error(stub.GetScenario, request)
        assert code is grpc.StatusCode.NOT_FOUND
        assert metadata == {"scenario_id": request.scenario_id}
    stub.DeleteScenario(pb.DeleteScenarioRequest(sk_id_curr=FIRST + 6, scenario_id=saved.scenario_id))
    assert _list(stub, FIRST + 5) == [saved]


def test_an_unknown_client_is_not_found(stub):
    for call, request in (
        (stub.SaveScenario, pb.SaveScenarioRequest(sk_id_curr=7, name="x", overrides=_fields(CHANGES))),
        (stub.ListScenarios, pb.ListScenariosRequest(sk_id_curr=7)),
        (stub.GetScenario, pb.GetScenarioRequest(sk_id_curr=7)),
        (stub.DeleteScenario, pb.DeleteScenarioRequest(sk_id_curr=7)),
        (stub.ListScenarios, pb.ListScenariosRequest(sk_id_curr=2**64 - 1)),
    ):
        code, metadata, _ = _error(call, request)
        assert (code, metadata) == (grpc.StatusCode.NOT_FOUND, {"sk_id_curr": str(request.sk_id_curr)})
    assert _error(stub.ListScenarios, pb.ListScenariosRequest())[0] is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("name", ["", " ", "x" * 81, " x", "x\n", "a\tb", "\u200b"])
def test_a_faulty_name_is_refused(stub, name):
    request = pb.SaveScenarioRequest(sk_id_curr=FIRST, name=name, overrides=_fields(CHANGES))
    code, _, faults = _error(stub.SaveScenario, request)
    assert (code, set(faults)) == (grpc.StatusCode.INVALID_ARGUMENT, {"name"})


def test_a_name_may_have_eighty_characters_of_any_language(stub):
    name = "é" * 78 + " 漢"
    assert _save(stub, FIRST + 7, name).name == name


def test_every_faulty_override_is_named(stub, published):
    dictionary: FeatureDictionary = store.read_header(published.features)[0]
    derived = next(f.name for f in dictionary.features if f.role == "derived")
    overrides = {
        NUMBER: None,
        "AMT_ANNUITY": "much",
        "AMT_GOODS_PRICE": float("nan"),
        "AMT_INCOME_TOTAL": -1.0,
        CATEGORY: 3.0,
        "NAME_EDUCATION_TYPE": "Hogwarts",
        "CODE_GENDER": "F",
        "SHOE_SIZE": 43.0,
        derived: 0.5,
        "FLAG_EMAIL": 1.0,
    }
    request = pb.SaveScenarioRequest(sk_id_curr=FIRST, name="x", overrides=_fields(overrides))
    code, _, faults = _error(stub.SaveScenario, request)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert {name.removeprefix("overrides[").removesuffix("]") for name in faults} == set(overrides) - {"FLAG_EMAIL"}
    assert "derived" in faults[f"overrides[{derived}]"]
    assert faults["overrides[CODE_GENDER]"] == "may not be changed"
    assert faults["overrides[SHOE_SIZE]"] == "is not a feature"


@pytest.mark.parametrize("count", [0, 301])
def test_a_scenario_changes_one_to_three_hundred_features(stub, count):
    overrides = _fields({f"F{number}": 1.0 for number in range(count)})
    code, _, faults = _error(stub.SaveScenario, pb.SaveScenarioRequest(sk_id_curr=FIRST, name="x", overrides=overrides))
    assert (code, set(faults)) == (grpc.StatusCode.INVALID_ARGUMENT, {"overrides"})


def test_a_client_has_fifty_scenarios_at_most(stub):
    client = FIRST + 8
    for number in range(50):
        _save(stub, client, str(number))
    assert _list(stub, client)[0].name == "49"
    request = pb.SaveScenarioRequest(sk_id_curr=client, name="one more", overrides=_fields(CHANGES))
    assert _error(stub.SaveScenario, request)[0] is grpc.StatusCode.RESOURCE_EXHAUSTED
    _save(stub, client, "7", {NUMBER: 5.0})
    stub.DeleteScenario(pb.DeleteScenarioRequest(sk_id_curr=client, scenario_id=_list(stub, client)[-1].scenario_id))
    assert _save(stub, client, "one more").name == "one more"


def test_scenarios_outlive_publications(model, tmp_path, request, published):
    # The module's own database must not see another publication.
    if published.database_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path / 'portfolio.db'}"
    else:
        url = request.getfixturevalue("postgres").create_database("outlive")
    folder, features = tmp_path / "features", model.parent / "features.parquet"
    publish(model, features, url, folder)
    env = {"DATABASE_URL": url, "CLAIRSCORE_PORTFOLIO_DIR": str(folder)}
    with start_service("portfolio", env) as running, grpc.insecure_channel(running.address) as channel:
        stub = PortfolioServiceStub(channel)
        saved, of_last = _save(stub), _save(stub, FIRST + 399)

        publish(model, write_tiny_features(tmp_path / "few.parquet", clients=60, seed=3), url, folder)
        assert _list(stub, FIRST) == [saved]
        gone = pb.GetScenarioRequest(sk_id_curr=FIRST + 399, scenario_id=of_last.scenario_id)
        code, metadata, _ = _error(stub.GetScenario, gone)
        assert (code, metadata) == (grpc.StatusCode.NOT_FOUND, {"sk_id_curr": str(FIRST + 399)})

        publish(model, features, url, folder)
        assert stub.GetScenario(gone).scenario == of_last
