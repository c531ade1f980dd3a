"""Whole columns over the wire: what they hold, every error, and what ends a stream."""

import grpc
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from clairscore.portfolio.v1 import portfolio_pb2 as pb
from clairscore.portfolio.v1.portfolio_pb2_grpc import PortfolioServiceStub
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from support.models import write_tiny_features
from support.processes import start_service

from pipeline import batch
from pipeline.features import store
from pipeline.features.dictionary import Kind
from pipeline.publish import publish

_SCORE = ["probability_of_default", "probability_of_repayment", "band", "decision"]


@pytest.fixture(scope="module")
def dictionary(model):
    return store.read_header(model.parent / "features.parquet")[0]


@pytest.fixture(scope="module")
def everything(dictionary):
    return [store.ID, store.TARGET, *(feature.name for feature in dictionary.features), *_SCORE]


def _read(stub, columns, **request):
    messages = list(stub.ReadColumns(pb.ReadColumnsRequest(columns=columns, **request)))
    return messages, [pa.ipc.open_stream(message.arrow).read_all() for message in messages]


def test_every_column_as_published(stub, published, dictionary, everything, tmp_path):
    messages, blocks = _read(stub, everything)
    found = pa.concat_tables(blocks)
    expected = pq.read_table(published.features).replace_schema_metadata()
    features = [store.ID, store.TARGET, *(feature.name for feature in dictionary.features)]
    assert found.select(features).equals(expected.select(features))
    assert found.schema.field(store.ID).type == pa.int64()
    assert found.schema.field(store.TARGET).type == pa.int8()
    for feature in dictionary.features:
        number = feature.kind is Kind.NUMBER
        assert found.schema.field(feature.name).type == (pa.float64() if number else pa.string())
    batch.score(published.model, published.features, tmp_path / "scores.parquet")
    scores = pq.read_table(tmp_path / "scores.parquet")
    for name in _SCORE[:2]:
        np.testing.assert_allclose(found[name], scores[name], atol=1e-6)
    for name in _SCORE[2:]:
        assert found[name].to_pylist() == scores[name].to_pylist()
    live = stub.GetPublication(pb.GetPublicationRequest()).publication
    assert live
    assert {(message.publication, message.clients) for message in messages} == {(live, 400)}


def test_columns_come_in_the_order_asked_for(stub, everything):
    names = everything[::-17]
    _, blocks = _read(stub, names)
    assert all(block.column_names == names for block in blocks)


@pytest.mark.parametrize("after", [0, 100_000, 100_123, 100_399, 100_400, 2**63, 2**64 - 1])
def test_goes_on_after_a_client(stub, after):
    messages, blocks = _read(stub, [store.ID], after_sk_id_curr=after)
    assert [i for block in blocks for i in block[store.ID].to_pylist()] == list(range(max(after, 100_000) + 1, 100_401))
    assert {message.clients for message in messages} <= {400}


def test_the_live_publication_by_name(stub):
    live = stub.GetPublication(pb.GetPublicationRequest()).publication
    messages, _ = _read(stub, [store.ID], publication=live)
    assert {message.publication for message in messages} == {live}


def _error(stub, **request):
    with pytest.raises(grpc.RpcError) as caught:
        list(stub.ReadColumns(pb.ReadColumnsRequest(**request)))
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in rpc_status.from_call(caught.value).details:
        detail.Unpack(info)
        detail.Unpack(bad)
    return caught.value.code(), dict(info.metadata), [v.field for v in bad.field_violations]


def test_faulty_columns_are_refused(stub):
    refused = grpc.StatusCode.INVALID_ARGUMENT
    assert _error(stub) == (refused, {}, ["columns"])
    assert _error(stub, columns=["TARGET"] * 2001) == (refused, {}, ["columns"])
    assert _error(stub, columns=["TARGET", "AMT_CREDIT", "TARGET"]) == (refused, {}, ["columns[0]", "columns[2]"])


@pytest.mark.parametrize(
    "column", ["", "target", "record", "expected_default_rate", 'AMT_CREDIT", "record', "é" * 5000]
)
def test_an_unknown_column_is_not_found(stub, column):
    code, metadata, _ = _error(stub, columns=["AMT_CREDIT", column])
    assert code is grpc.StatusCode.NOT_FOUND
    assert column.startswith(metadata["column"])


def test_another_publication_than_the_live_one(stub):
    live = stub.GetPublication(pb.GetPublicationRequest()).publication
    code, metadata, _ = _error(stub, columns=["AMT_CREDIT"], publication="another")
    assert (code, metadata) == (grpc.StatusCode.FAILED_PRECONDITION, {"live_publication": live})


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """More blocks than gRPC buffers, of all columns."""
    return write_tiny_features(tmp_path_factory.mktemp("large") / "large.parquet", clients=12_000, seed=5)


def _place(request, kind, tmp_path):
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'portfolio.db'}"
    return request.getfixturevalue("postgres").create_database("columns")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_stream_ends_on_the_publication_that_it_began_with(request, kind, model, large, everything, tmp_path):
    url, folder = _place(request, kind, tmp_path), tmp_path / "features"
    publish(model, large, url, folder)
    env = {"DATABASE_URL": url, "CLAIRSCORE_PORTFOLIO_DIR": str(folder)}
    with start_service("portfolio", env) as service, grpc.insecure_channel(service.address) as channel:
        stub = PortfolioServiceStub(channel)
        former = stub.GetPublication(pb.GetPublicationRequest()).publication
        stream = stub.ReadColumns(pb.ReadColumnsRequest(columns=everything))
        first = next(stream)
        publish(model, model.parent / "features.parquet", url, folder)
        assert stub.GetPublication(pb.GetPublicationRequest()).clients == 400
        messages = [first, *stream]
        assert {message.publication for message in messages} == {former}
        rows = [pa.ipc.open_stream(message.arrow).read_all().num_rows for message in messages]
        assert sum(rows) == 12_000
        assert all(len(message.arrow) < 4 * 1024 * 1024 for message in messages)
        code, metadata, _ = _error(stub, columns=["AMT_CREDIT"], publication=former)
        live = stub.GetPublication(pb.GetPublicationRequest()).publication
        assert (code, metadata) == (grpc.StatusCode.FAILED_PRECONDITION, {"live_publication": live})


def test_a_caller_that_goes_ends_the_reading(model, large, everything, tmp_path):
    url, folder = f"sqlite:///{tmp_path / 'portfolio.db'}", tmp_path / "features"
    publish(model, large, url, folder)
    env = {"DATABASE_URL": url, "CLAIRSCORE_PORTFOLIO_DIR": str(folder)}
    with start_service("portfolio", env) as service, grpc.insecure_channel(service.address) as channel:
        stream = PortfolioServiceStub(channel).ReadColumns(pb.ReadColumnsRequest(columns=everything))
        next(stream)
        stream.cancel()
        service.wait_for_event("call", method="ReadColumns", code="CANCELLED")
        # Others are served meanwhile and after.
        assert PortfolioServiceStub(channel).GetPublication(pb.GetPublicationRequest()).clients == 12_000
