"""Drift of a publication: the card's own figures for the card's own clients, and alarms for changed ones."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from prometheus_client import REGISTRY
from support.explanations import explain_portfolio

from pipeline.evaluation.drift import drift
from pipeline.features.store import ID, TARGET
from pipeline.model.manifest import CARD
from services.explain.portfolio import parts
from services.explain.portfolio.drift import Measured, Reference, measure, tell


@pytest.fixture(scope="module")
def reference(model_folder):
    return Reference.load(model_folder)


def test_of_the_clients_that_the_card_was_made_with_it_says_what_the_card_says(portfolio, reference, model_folder):
    card = json.loads((model_folder / CARD).read_bytes())["drift"]
    clients, found = portfolio.drift(reference)
    assert clients == card["current_clients"]
    expected = {one["feature"]: one["psi"] for one in (card["score"], *card["listed"])}
    assert {one.feature: one.psi for one in found} == pytest.approx(expected, abs=1e-9)
    by_chance = {one["feature"]: one["expected"] for one in (card["score"], *card["listed"])}
    assert {one.feature: one.expected for one in found} == pytest.approx(by_chance, abs=1e-9)


def test_clients_who_have_changed_are_told_from_those_who_have_not(
    portfolio, reference, explainer, model_folder, tmp_path
):
    """A number of new clients goes up by three standard deviations; nobody else is touched."""
    columns = {one.feature for one in reference.features}
    features = pq.read_table(model_folder.parent / "features.parquet")
    name = next(
        n for n in features.column_names if n in columns and pa.types.is_floating(features.schema.field(n).type)
    )
    values = features[name].to_numpy()
    new = features[TARGET].is_null().to_numpy()
    moved = np.where(new, values + 3 * np.nanstd(values), values)
    place = features.column_names.index(name)
    changed = features.set_column(place, features.schema.field(name), pa.array(moved, from_pandas=True))
    pq.write_table(changed, tmp_path / "changed.parquet")
    explained = explain_portfolio(explainer, tmp_path / "changed.parquet", tmp_path / "explained")
    before = {one.feature: one.psi for one in portfolio.drift(reference)[1]}
    after = {one.feature: one.psi for one in explained.drift(reference)[1]}
    assert after[name] > before[name] + 0.25
    untouched = set(before) - {name, "score"}
    assert {n: after[n] for n in untouched} == pytest.approx({n: before[n] for n in untouched})


@pytest.mark.parametrize("seed", range(5))
def test_it_agrees_with_the_offline_comparison_on_categories_gaps_and_rare_values(seed, tmp_path):
    random = np.random.default_rng(seed)
    before = {
        "number": np.where(random.random(500) < 0.1, np.nan, random.normal(size=500)),
        "counts": random.poisson(1, 500).astype(float),
        "category": random.choice([None, "a", "b", "rare"], 500, p=[0.1, 0.5, 0.39, 0.01]),
    }
    after = {name: random.choice(column, 200) for name, column in before.items()}
    found = drift(before, after)
    reference = Reference(500, 200, found)

    columns = {name: pa.array(column, from_pandas=True) for name, column in after.items()}
    known = {ID: pa.array(range(200)), TARGET: pa.nulls(200, pa.int8())}
    parts.write(tmp_path, 0, pa.table(known | columns))
    clients, measured = measure(reference, parts.Parts(tmp_path))
    assert clients == 200
    assert [one.psi for one in measured] == pytest.approx([one.psi for one in found], abs=1e-9)


def test_where_every_outcome_is_known_there_is_no_figure(reference, explainer, model_folder, tmp_path):
    features = pq.read_table(model_folder.parent / "features.parquet")
    known = features.filter(pc.is_valid(features[TARGET]))
    pq.write_table(known, tmp_path / "known.parquet")
    explained = explain_portfolio(explainer, tmp_path / "known.parquet", tmp_path / "explained")
    assert explained.drift(reference) == (0, ())


def test_what_is_told_replaces_what_was_told_before():
    tell(10, [Measured("A", 0.3, 0.01), Measured("B", 0.1, 0.01)])
    tell(20, [Measured("B", 0.2, 0.02)])
    assert REGISTRY.get_sample_value("clairscore_explain_drift_psi", {"feature": "A"}) is None
    assert REGISTRY.get_sample_value("clairscore_explain_drift_psi", {"feature": "B"}) == 0.2
    assert REGISTRY.get_sample_value("clairscore_explain_drift_expected_psi", {"feature": "B"}) == 0.02
    assert REGISTRY.get_sample_value("clairscore_explain_drift_clients") == 20
    tell(0, ())


def test_a_model_without_card_has_no_reference(tmp_path):
    assert Reference.load(tmp_path) is None
