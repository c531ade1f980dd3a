"""One client at a time gives what the pipeline gives for all of them."""

import math
from concurrent.futures import ThreadPoolExecutor

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import raw_rows

from pipeline.features.build import build
from pipeline.features.describe import unobserved
from pipeline.tables.layout import layout
from services.common.errors import InvalidInput

OF_CLIENTS = [name for name, table in layout().items() if table.parent_key == "SK_ID_CURR"]


def served(online, made, client):
    """All features of a client by the service's way."""
    mains = [*made.get("application_train", []), *made.get("application_test", [])]
    main = next(row for row in mains if row["SK_ID_CURR"] == client)
    application = {name: value for name, value in main.items() if name != "TARGET"}
    histories = {t: [row for row in made.get(t, []) if row["SK_ID_CURR"] == client] for t in OF_CLIENTS}
    loans = {row["SK_ID_BUREAU"] for row in histories["bureau"]}
    histories["bureau_balance"] = [row for row in made.get("bureau_balance", []) if row["SK_ID_BUREAU"] in loans]
    base = online.base_from_raw(application, histories)
    return {**base, **online.derive(base)}


def same(found, expected):
    if isinstance(found, float) and isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
    return found == expected


@pytest.mark.slow
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_serving_equals_the_pipeline_on_random_clients(online, tmp_path_factory, seed):
    """Builds whole portfolios: this equality is what lets a model be trained on one way and served on the other."""
    made = raw_rows.tables(seed, range(100, 112), test_clients=range(200, 204))
    folder = tmp_path_factory.mktemp("raw")
    build(raw_rows.write_folder(folder / "raw", made), folder / "features.parquet")
    for expected in pq.read_table(folder / "features.parquet").to_pylist():
        client = expected.pop("SK_ID_CURR")
        del expected["TARGET"]
        found = served(online, made, client)
        assert list(found) == list(expected)
        assert [name for name in expected if not same(found[name], expected[name])] == []


def test_the_names_are_those_of_the_dictionary(online):
    base = online.base_from_raw({}, {})
    assert list(base) == [feature.name for feature in unobserved().base]
    assert set(base.values()) == {None}


def test_a_history_that_is_not_given_has_no_features(online):
    rows = [{"CREDIT_ACTIVE": "Active", "AMT_ANNUITY": 120.0}, {"CREDIT_ACTIVE": "Active", "AMT_ANNUITY": 80}]
    base = online.base_from_raw({"AMT_CREDIT": 1000}, {"bureau": rows})
    assert base["AMT_CREDIT"] == 1000
    assert base["ACTIVE_AMT_ANNUITY_MAX"] == 120
    assert base["ACTIVE_AMT_ANNUITY_MEAN"] == 100
    assert base["PREV_COUNT"] is None


def test_calls_share_nothing(online):
    """Rows of one call are gone in the next, also when many threads call at once."""

    def annuities(number):
        rows = [{"CREDIT_ACTIVE": "Active", "AMT_CREDIT_SUM": number}] * (number % 3 + 1)
        base = online.base_from_raw({"AMT_CREDIT": number}, {"bureau": rows})
        derived = online.derive({**base, "AMT_ANNUITY": 1.0})
        return base["ACTIVE_AMT_CREDIT_SUM_SUM"], base["BURO_COUNT"], derived["CREDIT_TERM"]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(annuities, range(1, 25)))
    assert found == [(n * (n % 3 + 1), n % 3 + 1, n) for n in range(1, 25)]


def test_placeholders_are_understood_as_in_the_files(online):
    base = online.base_from_raw({"ORGANIZATION_TYPE": "XNA", "DAYS_EMPLOYED": 365243}, {})
    assert base["ORGANIZATION_TYPE"] is None
    assert base["DAYS_EMPLOYED"] is None


def test_every_fault_is_named(online):
    application = {
        "SK_ID_CURR": 100001,
        "TARGET": 1,
        "AMT_CREDIT": "much",
        "AMT_ANNUITY": math.inf,
        "DAYS_BIRTH": -3.5,
        "CODE_GENDER": 1.0,
        "NAME_HOUSING_TYPE": "Castle",
        "FLAG_MOBIL": True,
        "SALARY": 1.0,
    }
    good = {"DAYS_CREDIT": -10.0}
    histories = {
        "bureau": [good, good, {"DAYS_CREDIT": "long ago", "RATE": 1.0}],
        "bureau_balance": [{"SK_ID_BUREAU": 1, "STATUS": "0"}, {"STATUS": "0"}],
        "loans": [],
        "application": [],
    }
    with pytest.raises(InvalidInput) as caught:
        online.base_from_raw(application, histories)
    found = {violation.field: violation.description for violation in caught.value.violations}
    known = "use one of bureau, bureau_balance, previous_application"
    assert found.pop("histories[loans]").startswith(f"is not a history table; {known}")
    assert found.pop("histories[application]").startswith(f"is not a history table; {known}")
    assert found.pop("application.NAME_HOUSING_TYPE").startswith("must be one of Co-op apartment, ")
    assert found == {
        "application.TARGET": "is what the model predicts and must not be given",
        "application.AMT_CREDIT": "must be a number",
        "application.AMT_ANNUITY": "must be finite; leave it out if it is not known",
        "application.DAYS_BIRTH": "must be a whole number",
        "application.CODE_GENDER": "must be a category, given as text",
        "application.FLAG_MOBIL": "must be a number",
        "application.SALARY": "is not a column of application",
        "histories[bureau].rows[2].DAYS_CREDIT": "must be a number",
        "histories[bureau].rows[2].RATE": "is not a column of bureau",
        "histories[bureau_balance].rows[1].SK_ID_BUREAU": "is missing; it says which credit the row belongs to",
    }


def test_a_refused_call_leaves_the_next_one_unharmed(online):
    with pytest.raises(InvalidInput):
        online.base_from_raw({"AMT_CREDIT": "much"}, {"bureau": [{"AMT_ANNUITY": 1.0}]})
    assert online.base_from_raw({}, {})["BURO_COUNT"] is None
