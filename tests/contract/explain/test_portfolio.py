"""What looks at the whole portfolio, over the wire: importance, beeswarm, effects, interactions, cohorts, progress."""

import grpc
import numpy as np
import pyarrow.parquet as pq
import pytest
from clairscore.common.v1 import record_pb2
from clairscore.explain.v1 import explain_pb2 as pb
from clairscore.explain.v1.explain_pb2_grpc import ExplainServiceStub
from contract.explain.conftest import client_input
from support.processes import start_service
from support.scoring import failure

from services.explain.explainer import Explainer

REFUSED = pb.Cohort(decision=record_pb2.DECISION_REFUSE)
NOBODY = pb.Cohort(filters=[pb.FeatureFilter(feature="AMT_CREDIT", range=pb.NumberRange(maximum=-1.0))])


@pytest.fixture(scope="module")
def explainer(model_folder):
    return Explainer.load(model_folder)


@pytest.fixture(scope="module")
def table(model_folder):
    return pq.read_table(model_folder.parent / "features.parquet")


@pytest.fixture(scope="module")
def contributions(explainer, table):
    return explainer.contributions(explainer.model.encoder.table(table))


@pytest.fixture(scope="module")
def refused(explainer, table):
    repayment = 1 - explainer.model.probability_of_default(explainer.model.encoder.table(table))
    return repayment < explainer.manifest.threshold


async def test_importance_is_the_mean_absolute_contribution(stub, explainer, contributions, refused):
    for cohort, chosen in ((pb.Cohort(), np.full(len(refused), True)), (REFUSED, refused)):
        answer = await stub.GetImportance(pb.GetImportanceRequest(cohort=cohort))
        assert answer.clients == chosen.sum()
        assert {one.feature for one in answer.features} == set(explainer.place)
        weights = [one.mean_absolute for one in answer.features]
        assert weights == sorted(weights, reverse=True)
        for one in answer.features:
            own = contributions[chosen, explainer.place[one.feature]]
            assert one.mean_absolute == pytest.approx(np.abs(own).mean(), abs=1e-6)
            assert one.mean == pytest.approx(own.mean(), abs=1e-6)
            whole = np.abs(contributions[:, explainer.place[one.feature]]).mean()
            assert one.portfolio_mean_absolute == pytest.approx(whole, abs=1e-6)


async def test_similar_clients_are_a_cohort(stub, clients):
    similar = pb.Cohort(similar=pb.SimilarClients(client=client_input(clients[0]), count=20))
    assert (await stub.GetImportance(pb.GetImportanceRequest(cohort=similar))).clients == 20


async def test_a_beeswarm_has_the_most_important_features_of_the_same_clients(stub):
    answer = await stub.GetBeeswarm(pb.GetBeeswarmRequest(cohort=REFUSED, features=5, clients=50))
    importance = await stub.GetImportance(pb.GetImportanceRequest(cohort=REFUSED))
    assert [swarm.feature for swarm in answer.swarms] == [one.feature for one in importance.features[:5]]
    assert answer.clients == importance.clients
    for swarm in answer.swarms:
        assert len(swarm.contributions) == len(swarm.ranks) == min(50, answer.clients)
        ranks = np.array(swarm.ranks)
        assert ((ranks >= 0) & (ranks <= 1) | np.isnan(ranks)).all()
    assert answer == await stub.GetBeeswarm(pb.GetBeeswarmRequest(cohort=REFUSED, features=5, clients=50))


async def test_an_effect_is_drawn_for_numbers_and_categories(stub, clients, explainer):
    names = [f.name for f in explainer.features]
    number = "EXT_SOURCE_2" if "EXT_SOURCE_2" in names else "EXT_SOURCE_3"
    category = next(f.name for f in explainer.features if f.categories)
    for name in (number, category):
        request = pb.GetEffectRequest(feature=name, client=client_input(clients[0]), points=10, clients=30)
        answer = await stub.GetEffect(request)
        assert len(answer.values) == len(answer.contributions) == 30
        assert len(answer.grid) == len(answer.partial_dependence) == len(answer.individual) > 1
        assert all(0 <= p <= 1 for p in (*answer.partial_dependence, *answer.individual))
        assert sum(one.known for one in answer.default_rates) <= answer.clients
        assert bool(answer.categories) == (name == category)
        if name == number:
            assert len(answer.zones) == len(answer.critical_values) + 1
            assert all(zone.risk for zone in answer.zones)


async def test_two_features_act_together_on_a_grid(stub, explainer):
    x, y, *_ = (f.name for f in explainer.features if not f.categories and f.name.startswith("EXT_SOURCE_"))
    answer = await stub.GetInteraction(pb.GetInteractionRequest(feature_x=x, feature_y=y, cells=4))
    assert len(answer.cells) == (len(answer.x.edges) - 1) * (len(answer.y.edges) - 1)
    assert sum(cell.clients for cell in answer.cells) <= answer.clients
    assert answer.strength >= 0


async def test_the_portfolio_is_explained(stub, model, table):
    answer = await stub.GetProgress(pb.GetProgressRequest())
    assert answer.state == pb.GetProgressResponse.STATE_READY
    assert answer.progress == 1
    assert answer.clients == answer.clients_done == table.num_rows
    assert answer.model_version == model.manifest.version


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("GetImportance", pb.GetImportanceRequest(cohort=NOBODY)),
        ("GetBeeswarm", pb.GetBeeswarmRequest(cohort=NOBODY)),
        ("GetEffect", pb.GetEffectRequest(feature="EXT_SOURCE_3", cohort=NOBODY)),
    ],
)
async def test_an_empty_cohort_is_refused(stub, method, request_):
    refused = await failure(getattr(stub, method)(request_))
    assert refused.code is grpc.StatusCode.FAILED_PRECONDITION
    assert refused.metadata == {"cohort_clients": "0"}


async def test_faults_of_a_cohort_are_named(stub):
    unknown = pb.Cohort(filters=[pb.FeatureFilter(feature="NO_SUCH", missing=True)])
    refused = await failure(stub.GetImportance(pb.GetImportanceRequest(cohort=unknown)))
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(refused.violations) == {"cohort.filters[0].feature"}
    similar = pb.Cohort(similar=pb.SimilarClients())
    refused = await failure(stub.GetImportance(pb.GetImportanceRequest(cohort=similar)))
    assert set(refused.violations) == {"cohort.similar.client"}
    refused = await failure(stub.GetImportance(pb.GetImportanceRequest(cohort=pb.Cohort(decision=9))))
    assert set(refused.violations) == {"cohort.decision"}
    refused = await failure(stub.GetImportance(pb.GetImportanceRequest(cohort=pb.Cohort(bands=[1, 99]))))
    assert set(refused.violations) == {"cohort.bands[1]"}


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("GetImportance", pb.GetImportanceRequest(model_version="another")),
        ("GetBeeswarm", pb.GetBeeswarmRequest(model_version="another")),
        ("GetEffect", pb.GetEffectRequest(model_version="another", feature="EXT_SOURCE_3")),
        ("GetInteraction", pb.GetInteractionRequest(model_version="another")),
    ],
)
async def test_another_model_version_is_refused(stub, model, method, request_):
    refused = await failure(getattr(stub, method)(request_))
    assert refused.code is grpc.StatusCode.FAILED_PRECONDITION
    assert refused.metadata == {"live_version": model.manifest.version}


async def test_counts_out_of_range_are_named(stub):
    for field, call in {
        "features": stub.GetBeeswarm(pb.GetBeeswarmRequest(features=51)),
        "clients": stub.GetBeeswarm(pb.GetBeeswarmRequest(clients=5001)),
        "points": stub.GetEffect(pb.GetEffectRequest(feature="EXT_SOURCE_3", points=4)),
        "cells": stub.GetInteraction(pb.GetInteractionRequest(cells=51)),
        "language": stub.GetImportance(pb.GetImportanceRequest(language="de")),
    }.items():
        refused = await failure(call)
        assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
        assert set(refused.violations) == {field}


async def test_unknown_features_are_not_found(stub):
    for call in (
        stub.GetEffect(pb.GetEffectRequest(feature="NO_SUCH")),
        stub.GetInteraction(pb.GetInteractionRequest(feature_x="EXT_SOURCE_3", feature_y="NO_SUCH")),
    ):
        refused = await failure(call)
        assert refused.code is grpc.StatusCode.NOT_FOUND
        assert refused.metadata == {"feature": "NO_SUCH"}
    same = pb.GetInteractionRequest(feature_x="EXT_SOURCE_3", feature_y="EXT_SOURCE_3")
    assert set((await failure(stub.GetInteraction(same))).violations) == {"feature_y"}


async def test_without_a_portfolio_single_clients_are_explained_all_the_same(model_folder, clients, tmp_path):
    env = {
        "CLAIRSCORE_MODEL_DIR": str(model_folder),
        "CLAIRSCORE_EXPLANATIONS_DIR": str(tmp_path),
        # Nobody listens there.
        "CLAIRSCORE_PORTFOLIO_ADDRESS": "127.0.0.1:1",
    }
    with start_service("explain", env) as service:
        async with grpc.aio.insecure_channel(service.address, options=[("grpc.enable_retries", 0)]) as channel:
            alone = ExplainServiceStub(channel)
            answer = await alone.ExplainClient(pb.ExplainClientRequest(client=client_input(clients[0])))
            assert not any(c.HasField("global_importance") for c in answer.contributions)
            refused = await failure(alone.GetImportance(pb.GetImportanceRequest()))
            assert refused.code is grpc.StatusCode.UNAVAILABLE
            progress = await alone.GetProgress(pb.GetProgressRequest())
            assert progress.state != pb.GetProgressResponse.STATE_READY
        assert service.terminate() == 0
