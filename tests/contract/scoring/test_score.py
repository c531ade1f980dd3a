"""Score over a socket: the three forms of input agree, and every faulty one is refused with its fields."""

import math

import grpc
import lightgbm as lgb
import numpy as np
import pytest
from clairscore.common.v1 import record_pb2
from clairscore.scoring.v1 import scoring_pb2 as pb
from support.raw_rows import tables
from support.scoring import failure, field_value, field_values

from pipeline.features.dictionary import Role
from pipeline.features.serving import OnlineFeatures
from pipeline.model.manifest import BOOSTER
from pipeline.tables.layout import ColumnType, Unit, layout

EXACT = 1e-9


def by_vector(values, **others):
    return pb.ScoreRequest(vector=pb.FeatureVector(values=np.asarray(values).tolist()), **others)


def by_record(fields, overrides=None, **others):
    record = record_pb2.ClientRecord(fields=field_values(fields))
    return pb.ScoreRequest(record=record, overrides=field_values(overrides or {}), **others)


def raw_application(application, histories):
    return pb.RawApplication(
        application=pb.Row(columns=field_values(application)),
        histories=[
            pb.HistoryTable(table=table, rows=[pb.Row(columns=field_values(row)) for row in rows])
            for table, rows in histories.items()
        ],
    )


@pytest.fixture
def raw_clients(clients, model):
    """Clients as raw rows: plausible applications, and histories of any size and content."""
    columns = layout()["application"].columns
    names = [f.name for f in model.dictionary.base if f.role is Role.APPLICATION]
    made = []
    for seed, client in enumerate(clients[:6]):
        histories = tables(seed, [100_001])
        histories.pop("application_train")
        application = {name: _possible(client[name], columns[name]) for name in names}
        made.append(
            (application, {table: [_possible_row(table, row) for row in rows] for table, rows in histories.items()})
        )
    return made


def _possible_row(table, row):
    return {name: _possible(value, layout()[table].columns[name]) for name, value in row.items()}


def _possible(value, column):
    """The value made whole where it must be, and not negative where it counts something."""
    if value is None or isinstance(value, str):
        return value
    value = float(round(value)) if column.type is ColumnType.INTEGER else float(value)
    return abs(value) if column.unit is Unit.COUNT else value


async def test_scores_equal_native_lightgbm(scoring, vectors, model_folder, model):
    native = lgb.Booster(model_file=model_folder / BOOSTER).predict(vectors[:50])
    for vector, default, rate in zip(vectors[:50], *model.manifest.probabilities(native), strict=True):
        score = (await scoring.Score(by_vector(vector))).score
        assert score.probability_of_default == pytest.approx(default, abs=1e-5)
        assert score.expected_default_rate == pytest.approx(rate, abs=1e-5)
        assert score.probability_of_default + score.probability_of_repayment == pytest.approx(1, abs=EXACT)


async def test_band_and_decision_follow_the_manifest(scoring, vectors, model):
    seen = set()
    for vector in vectors[:100]:
        score = (await scoring.Score(by_vector(vector))).score
        band = model.manifest.band(score.probability_of_repayment)
        decision = model.manifest.decision(score.probability_of_repayment)
        assert record_pb2.RiskBand.Name(score.band) == f"RISK_BAND_{band.name}"
        assert record_pb2.Decision.Name(score.decision) == f"DECISION_{decision.name}"
        assert score.model_version == model.manifest.version
        seen.add(score.decision)
    assert len(seen) == 2, "the clients of this test must not all be decided alike"


async def test_a_record_scores_like_its_vector(scoring, clients, vectors):
    for client, vector in zip(clients, vectors, strict=False):
        from_record = (await scoring.Score(by_record(client))).score
        from_vector = (await scoring.Score(by_vector(vector))).score
        assert from_record.probability_of_default == pytest.approx(from_vector.probability_of_default, abs=EXACT)


async def test_a_raw_application_scores_like_its_record_and_vector(scoring, model, raw_clients):
    features = OnlineFeatures()
    assert any(histories for _, histories in raw_clients)
    for application, histories in raw_clients:
        base = features.base_from_raw(application, histories)
        vector = model.encoder.record({**base, **features.derive(base)})[0]
        request = pb.ScoreRequest(application=raw_application(application, histories))
        from_raw = (await scoring.Score(request)).score.probability_of_default
        from_record = (await scoring.Score(by_record(base))).score.probability_of_default
        from_vector = (await scoring.Score(by_vector(vector))).score.probability_of_default
        assert from_raw == pytest.approx(from_record, abs=EXACT)
        assert from_raw == pytest.approx(from_vector, abs=EXACT)


async def test_overrides_score_like_the_changed_record(scoring, clients):
    overrides = {"AMT_CREDIT": 2_000_000.0, "NAME_CONTRACT_TYPE": "Revolving loans", "EXT_SOURCE_2": 0.05}
    moved = 0
    for client in clients[:20]:
        overridden = (await scoring.Score(by_record(client, overrides))).score.probability_of_default
        changed = (await scoring.Score(by_record({**client, **overrides}))).score.probability_of_default
        assert overridden == pytest.approx(changed, abs=EXACT)
        moved += overridden != (await scoring.Score(by_record(client))).score.probability_of_default
    assert moved, "none of the overrides mattered: the test shows nothing"


async def test_an_override_without_a_value_makes_the_feature_missing(scoring, clients):
    client = next(c for c in clients if c["EXT_SOURCE_3"] is not None)
    overridden = await scoring.Score(by_record(client, {"EXT_SOURCE_3": None}))
    assert overridden == await scoring.Score(by_record({**client, "EXT_SOURCE_3": None}))


async def test_overrides_of_a_raw_application_replace_aggregates_too(scoring, raw_clients):
    application, histories = raw_clients[1]
    base = OnlineFeatures().base_from_raw(application, histories)
    overrides = {"AMT_CREDIT": 90_000.0, "ACTIVE_AMT_CREDIT_SUM_DEBT_SUM": 1e7}
    request = pb.ScoreRequest(application=raw_application(application, histories), overrides=field_values(overrides))
    overridden = (await scoring.Score(request)).score.probability_of_default
    changed = (await scoring.Score(by_record({**base, **overrides}))).score.probability_of_default
    assert overridden == pytest.approx(changed, abs=EXACT)


async def test_a_history_that_is_not_given_is_not_known(scoring, raw_clients):
    application, _ = raw_clients[3]
    base = OnlineFeatures().base_from_raw(application, {})
    without = (await scoring.Score(pb.ScoreRequest(application=raw_application(application, {})))).score
    assert without.probability_of_default == pytest.approx(
        (await scoring.Score(by_record(base))).score.probability_of_default, abs=EXACT
    )


async def test_another_model_version_is_refused_with_the_live_one(scoring, vectors, model):
    failed = await failure(scoring.Score(by_vector(vectors[0], model_version="of-yesterday")))
    assert failed.code is grpc.StatusCode.FAILED_PRECONDITION
    assert failed.metadata == {"live_version": model.manifest.version}
    answer = await scoring.Score(by_vector(vectors[0], model_version=model.manifest.version))
    assert answer.score.model_version == model.manifest.version


async def test_no_input_is_refused(scoring):
    failed = await failure(scoring.Score(pb.ScoreRequest()))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failed.violations) == {"input"}


@pytest.mark.parametrize("change", [-1, 1])
async def test_a_vector_of_the_wrong_length_is_refused(scoring, vectors, change):
    failed = await failure(scoring.Score(by_vector(np.resize(vectors[0], vectors.shape[1] + change))))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert str(vectors.shape[1]) in failed.violations["values"]


async def test_an_empty_vector_is_refused(scoring):
    failed = await failure(scoring.Score(by_vector([])))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failed.violations) == {"values"}


async def test_every_faulty_value_of_a_vector_is_named(scoring, vectors, model):
    names = [i.name for i in model.manifest.inputs]
    vector = vectors[0].copy()
    faults = {"AMT_CREDIT": -1.0, "AMT_INCOME_TOTAL": math.nan, "DAYS_BIRTH": math.inf, "EXT_SOURCE_2": 1.5}
    for name, value in faults.items():
        vector[names.index(name)] = value
    failed = await failure(scoring.Score(by_vector(vector)))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failed.violations) == set(faults)


async def test_a_missing_value_is_accepted_where_the_model_knows_missing_values(scoring, vectors, model):
    vector = vectors[0].copy()
    vector[[i.name for i in model.manifest.inputs].index("EXT_SOURCE_2")] = math.nan
    assert 0 <= (await scoring.Score(by_vector(vector))).score.probability_of_default <= 1


async def test_every_faulty_field_of_a_record_is_named(scoring, clients):
    faulty = {
        **clients[0],
        "AMT_CREDIT": "much",
        "AMT_INCOME_TOTAL": None,
        "DAYS_BIRTH": math.nan,
        "AMT_ANNUITY": math.inf,
        "EXT_SOURCE_2": 2.0,
        "NAME_CONTRACT_TYPE": "Barter",
        "CODE_GENDER": 1.0,
        "FAVOURITE_COLOUR": "blue",
        "PAYMENT_RATE": 0.05,
        "TARGET": 1.0,
    }
    del faulty["AMT_GOODS_PRICE"]
    failed = await failure(scoring.Score(by_record(faulty)))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failed.reason == "INVALID_INPUT"
    changed = {name for name in faulty if name not in clients[0] or faulty[name] is not clients[0][name]}
    assert set(failed.violations) == changed | {"AMT_GOODS_PRICE"}


async def test_an_empty_record_names_every_feature_to_a_client_with_default_limits(scoring, model):
    failed = await failure(scoring.Score(by_record({})))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    named = {name for field in failed.violations for name in field.split(", ")} - {"…"}
    assert named <= {feature.name for feature in model.dictionary.base}
    left_out = [text for field, text in failed.violations.items() if field == "…"]
    more = int(left_out[0].split()[1]) if left_out else 0
    assert len(named) + more == len(model.dictionary.base)


async def test_faulty_overrides_are_named_as_overrides(scoring, clients):
    overrides = {"AMT_CREDIT": -5.0, "PAYMENT_RATE": 0.1, "AMT_CREDITS": 5.0}
    failed = await failure(scoring.Score(by_record(clients[0], overrides)))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failed.violations) == {f"overrides[{name}]" for name in overrides}


async def test_overrides_with_a_vector_are_refused(scoring, vectors):
    request = by_vector(vectors[0], overrides={"AMT_CREDIT": field_value(1.0)})
    failed = await failure(scoring.Score(request))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failed.violations) == {"overrides[AMT_CREDIT]"}


async def test_every_fault_of_a_raw_application_is_named(scoring, raw_clients):
    application, _ = raw_clients[1]
    application = {**application, "TARGET": 1.0, "AMT_CREDIT": "much", "NO_SUCH_COLUMN": 1.0}
    histories = {"bureau": [{"DAYS_CREDIT": math.inf}], "criminal_record": [{"DAYS": 1.0}]}
    failed = await failure(scoring.Score(pb.ScoreRequest(application=raw_application(application, histories))))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failed.violations) == {
        "application.TARGET",
        "application.AMT_CREDIT",
        "application.NO_SUCH_COLUMN",
        "histories[bureau].rows[0].DAYS_CREDIT",
        "histories[criminal_record]",
    }


async def test_a_history_table_given_twice_is_refused(scoring, raw_clients):
    application, _ = raw_clients[1]
    message = raw_application(application, {"bureau": []})
    message.histories.add(table="bureau")
    failed = await failure(scoring.Score(pb.ScoreRequest(application=message)))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failed.violations) == {"application.histories[1].table"}


async def test_an_application_without_the_amount_is_refused(scoring, raw_clients):
    application, histories = raw_clients[2]
    application = {name: value for name, value in application.items() if name != "AMT_CREDIT"}
    failed = await failure(scoring.Score(pb.ScoreRequest(application=raw_application(application, histories))))
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failed.violations) == {"AMT_CREDIT"}
