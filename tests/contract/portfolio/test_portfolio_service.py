"""Every call of the contract, and every error of it, on both databases."""

import grpc
import numpy as np
import pyarrow.parquet as pq
import pytest
from clairscore.common.v1 import record_pb2
from clairscore.portfolio.v1 import portfolio_pb2 as pb
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from pipeline import batch
from pipeline.features import store
from pipeline.features.dictionary import Kind, Role
from pipeline.model import manifest


@pytest.fixture(scope="module")
def rows(published):
    return pq.read_table(published.features).to_pylist()


@pytest.fixture(scope="module")
def dictionary(published):
    return store.read_header(published.features)[0]


@pytest.fixture(scope="module")
def scores(published, tmp_path_factory):
    file = tmp_path_factory.mktemp("scores") / "scores.parquet"
    batch.score(published.model, published.features, file)
    return {row[store.ID]: row for row in pq.read_table(file).to_pylist()}


def _value(field):
    kind = field.WhichOneof("kind")
    return None if kind is None else getattr(field, kind)


def _assert_score(score, expected):
    assert score.probability_of_default == expected["probability_of_default"]
    assert score.probability_of_repayment == pytest.approx(1 - expected["probability_of_default"], abs=1e-15)
    assert record_pb2.RiskBand.Name(score.band) == f"RISK_BAND_{expected['band'].upper()}"
    assert record_pb2.Decision.Name(score.decision) == f"DECISION_{expected['decision'].upper()}"
    assert score.model_version == expected["model_version"]


def test_get_client(stub, rows, dictionary, scores):
    derived = {f.name for f in dictionary.features if f.role is Role.DERIVED}
    base = {f.name for f in dictionary.base}
    assert derived
    for row in (rows[0], rows[123], rows[-1]):
        client = stub.GetClient(pb.GetClientRequest(sk_id_curr=row[store.ID])).client
        assert client.sk_id_curr == row[store.ID]
        assert {name: _value(field) for name, field in client.record.fields.items()} == {n: row[n] for n in base}
        assert {name: _value(field) for name, field in client.derived.items()} == {n: row[n] for n in derived}
        _assert_score(client.published_score, scores[row[store.ID]])


def _all_pages(stub, request):
    found, totals, token = [], set(), ""
    while True:
        page = stub.SearchClients(pb.SearchClientsRequest(**request, page_token=token))
        found += page.clients
        totals.add(page.total)
        token = page.next_page_token
        if not token:
            assert totals == {len(found)}
            return found
        assert len(page.clients) == request["page_size"]


@pytest.mark.parametrize("prefix", ["", "1", "10", "1001", "10023", "100400", "1004000", "2", "0"])
def test_search_by_prefix_gives_every_client_once_in_order(stub, rows, scores, prefix):
    found = _all_pages(stub, {"id_prefix": prefix, "page_size": 37})
    expected = [row for row in rows if str(row[store.ID]).startswith(prefix)]
    assert [c.sk_id_curr for c in found] == [row[store.ID] for row in expected]
    for client, row in zip(found, expected, strict=True):
        assert client.age == pytest.approx(-row["DAYS_BIRTH"] / 365.25)
        assert client.income == row["AMT_INCOME_TOTAL"]
        assert client.credit == row["AMT_CREDIT"]
        assert client.contract_type == (row["NAME_CONTRACT_TYPE"] or "")
        _assert_score(client.published_score, scores[row[store.ID]])


def _any_of(attribute, *values):
    return pb.AttributeFilter(attribute=attribute, any_of=pb.Categories(values=values))


def _range(attribute, **sides):
    return pb.AttributeFilter(attribute=attribute, range=pb.Range(**sides))


_FILTERS = {
    "gender": ([_any_of("gender", "F")], lambda r, s: r["CODE_GENDER"] == "F"),
    "contract type": (
        [_any_of("contract_type", "Cash loans")],
        lambda r, s: r["NAME_CONTRACT_TYPE"] == "Cash loans",
    ),
    "income type": ([_any_of("income_type", "Working")], lambda r, s: r["NAME_INCOME_TYPE"] == "Working"),
    "education": (
        [_any_of("education", "Higher education", "Academic degree")],
        lambda r, s: r["NAME_EDUCATION_TYPE"] in ("Higher education", "Academic degree"),
    ),
    "family status": ([_any_of("family_status", "Married")], lambda r, s: r["NAME_FAMILY_STATUS"] == "Married"),
    "age": ([_range("age", minimum=30, maximum=40)], lambda r, s: 30 <= -r["DAYS_BIRTH"] / 365.25 <= 40),
    "income": ([_range("income", minimum=60_000)], lambda r, s: r["AMT_INCOME_TOTAL"] >= 60_000),
    "credit": ([_range("credit", maximum=60_000)], lambda r, s: r["AMT_CREDIT"] <= 60_000),
    "band": (
        [_any_of("band", "low", "very_low", "medium")],
        lambda r, s: s["band"] in ("low", "very_low", "medium"),
    ),
    "decision": ([_any_of("decision", "accept")], lambda r, s: s["decision"] == "accept"),
    "repayment": (
        [_range("probability_of_repayment", minimum=0.47, maximum=0.49)],
        lambda r, s: 0.47 <= s["probability_of_repayment"] <= 0.49,
    ),
    "all of them": (
        [_any_of("gender", "F", "M"), _range("age", minimum=40), _any_of("decision", "accept")],
        lambda r, s: r["CODE_GENDER"] in ("F", "M") and -r["DAYS_BIRTH"] / 365.25 >= 40 and s["decision"] == "accept",
    ),
}


@pytest.mark.parametrize("name", _FILTERS)
def test_search_by_attributes(stub, rows, scores, name):
    filters, matches = _FILTERS[name]
    found = _all_pages(stub, {"filters": filters, "page_size": 50})
    expected = [row[store.ID] for row in rows if matches(row, scores[row[store.ID]])]
    assert [c.sk_id_curr for c in found] == expected
    assert 0 < len(expected) < len(rows)


def test_a_page_has_twenty_clients_by_default(stub):
    assert len(stub.SearchClients(pb.SearchClientsRequest()).clients) == 20


def test_list_features(stub, dictionary):
    answer = stub.ListFeatures(pb.ListFeaturesRequest())
    assert answer.feature_contract == dictionary.contract
    assert [f.name for f in answer.features] == [f.name for f in dictionary.features]
    for found, expected in zip(answer.features, dictionary.features, strict=True):
        assert (found.label_fr, found.label_en) == (expected.label_fr, expected.label_en)
        assert pb.FeatureKind.Name(found.kind) == f"FEATURE_KIND_{expected.kind.upper()}"
        assert pb.FeatureRole.Name(found.role) == f"FEATURE_ROLE_{expected.role.upper()}"
        assert pb.Unit.Name(found.unit) == f"UNIT_{expected.unit.upper()}"
        assert (found.source_table, found.source_column) == (expected.source_table, expected.source_column)
        assert found.aggregation == expected.aggregation
        assert [(c.value, c.label_fr, c.label_en) for c in found.categories] == [
            (c.value, c.label_fr, c.label_en) for c in expected.categories
        ]
        for figure in ("minimum", "maximum", "median"):
            value = getattr(expected, figure)
            assert found.HasField(figure) == (value is not None)
            assert value is None or getattr(found, figure) == value
        assert found.missing_rate == expected.missing_rate
        assert (found.editable, found.protected) == (expected.editable, expected.protected)
        direction = f"DIRECTION_{expected.direction.name if expected.direction else 'UNSPECIFIED'}"
        assert (found.actionable, pb.Direction.Name(found.direction)) == (expected.actionable, direction)
        assert (found.step if found.HasField("step") else None) == expected.step


def test_distribution_of_a_number(stub, rows):
    values = np.array([row["EXT_SOURCE_2"] for row in rows if row["EXT_SOURCE_2"] is not None])
    answer = stub.GetDistribution(pb.GetDistributionRequest(feature="EXT_SOURCE_2", bins=25))
    counts, edges = np.histogram(values, 25)
    assert (answer.clients, answer.missing) == (len(rows), len(rows) - len(values))
    assert list(answer.histogram.counts) == counts.tolist()
    np.testing.assert_allclose(answer.histogram.edges, edges, rtol=1e-12)
    np.testing.assert_allclose(answer.histogram.percentiles, np.percentile(values, range(1, 100)), rtol=1e-12)
    assert answer.histogram.mean == pytest.approx(values.mean(), rel=1e-12)


def test_distribution_has_forty_bins_by_default_and_five_hundred_at_most(stub):
    for bins, expected in ((0, 40), (1, 1), (500, 500)):
        answer = stub.GetDistribution(pb.GetDistributionRequest(feature="EXT_SOURCE_2", bins=bins))
        assert len(answer.histogram.counts) == expected


def test_distribution_of_every_category(stub, rows, dictionary):
    for feature in dictionary.features:
        if feature.kind is Kind.CATEGORY:
            values = [row[feature.name] for row in rows]
            answer = stub.GetDistribution(pb.GetDistributionRequest(feature=feature.name, bins=7))
            assert (answer.clients, answer.missing) == (len(rows), values.count(None))
            found = [(c.value, c.clients) for c in answer.categories.counts]
            assert found == [(c.value, values.count(c.value)) for c in feature.categories]


def test_get_publication(stub, published, rows, dictionary):
    answer = stub.GetPublication(pb.GetPublicationRequest())
    assert answer.model_version == manifest.load(published.model)[0].version
    assert answer.clients == len(rows)
    assert answer.synthetic
    assert answer.feature_contract == dictionary.contract
    assert np.datetime64(answer.published_at.removesuffix("Z")) <= np.datetime64("now")
    assert answer.published_at.endswith("Z")


def _error(call, request):
    with pytest.raises(grpc.RpcError) as caught:
        call(request)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in rpc_status.from_call(caught.value).details:
        detail.Unpack(info)
        detail.Unpack(bad)
    return caught.value.code(), dict(info.metadata), [v.field for v in bad.field_violations]


@pytest.mark.parametrize("sk_id_curr", [1, 99_999, 2**63 - 1, 2**63, 2**64 - 1])
def test_an_unknown_client_is_not_found(stub, sk_id_curr):
    code, metadata, _ = _error(stub.GetClient, pb.GetClientRequest(sk_id_curr=sk_id_curr))
    assert code is grpc.StatusCode.NOT_FOUND
    assert metadata == {"sk_id_curr": str(sk_id_curr)}


@pytest.mark.parametrize("feature", ["", "TARGET", "SK_ID_CURR", "amt_credit", 'AMT_CREDIT" --', "é" * 5000])
def test_an_unknown_feature_is_not_found(stub, feature):
    code, metadata, _ = _error(stub.GetDistribution, pb.GetDistributionRequest(feature=feature))
    assert code is grpc.StatusCode.NOT_FOUND
    assert feature.startswith(metadata["feature"])


def test_faulty_requests_are_refused_field_by_field(stub):
    request = pb.SearchClientsRequest(
        id_prefix="12x",
        filters=[
            _any_of("gender", "F"),
            _any_of("age", "30"),
            _range("credit", minimum=float("nan")),
            _range("income", minimum=2, maximum=1),
            pb.AttributeFilter(attribute="gender"),
            _any_of("shoe_size", "43"),
        ],
        page_size=1001,
    )
    code, _, fields = _error(stub.SearchClients, request)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert fields == [
        "id_prefix",
        "filters[1].any_of",
        "filters[2].range.minimum",
        "filters[3].range",
        "filters[4]",
        "filters[5].attribute",
        "page_size",
    ]


def test_a_token_of_another_search_is_refused(stub):
    token = stub.SearchClients(pb.SearchClientsRequest(id_prefix="1", page_size=5)).next_page_token
    for request in (
        pb.SearchClientsRequest(id_prefix="10", page_token=token),
        pb.SearchClientsRequest(id_prefix="1", filters=[_any_of("gender", "F")], page_token=token),
        pb.SearchClientsRequest(page_token="next please"),
    ):
        code, _, fields = _error(stub.SearchClients, request)
        assert (code, fields) == (grpc.StatusCode.INVALID_ARGUMENT, ["page_token"])


@pytest.mark.parametrize(
    ("method", "request_", "field"),
    [
        ("GetClient", pb.GetClientRequest(), "sk_id_curr"),
        ("GetDistribution", pb.GetDistributionRequest(feature="EXT_SOURCE_2", bins=501), "bins"),
    ],
)
def test_a_value_out_of_range_is_refused(stub, method, request_, field):
    code, _, fields = _error(getattr(stub, method), request_)
    assert (code, fields) == (grpc.StatusCode.INVALID_ARGUMENT, [field])
