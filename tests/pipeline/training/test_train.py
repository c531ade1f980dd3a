import json
import shutil

import lightgbm as lgb
import numpy as np
import pyarrow.parquet as pq
import pytest
from support.models import FOR_FEW, write_tiny_features

from pipeline.card.document import ModelCard
from pipeline.features import store
from pipeline.model import scale
from pipeline.model.encoding import Encoder
from pipeline.model.manifest import (
    BOOSTER,
    CARD,
    CARD_PAGES,
    DICTIONARY,
    FILES,
    MANIFEST,
    MODEL_FILES,
    ONNX,
    Manifest,
)
from pipeline.model.runtime import ScoringModel
from pipeline.training import export, validation
from pipeline.training.boosting import Imbalance
from pipeline.training.dataset import read
from pipeline.training.train import train
from services.common.errors import FailedPrecondition, InvalidInput, Misconfigured

SMALL = {"folds": 2, "trees": 15, "threads": 1, "hyper_parameters": FOR_FEW}


@pytest.fixture(scope="module")
def published(tiny_features, tmp_path_factory):
    """A model folder and the manifest that training returned."""
    out = tmp_path_factory.mktemp("published") / "model"
    return out, train(tiny_features, out, **SMALL)


def test_the_folder_holds_what_the_manifest_says_and_loads(published):
    out, manifest = published
    assert {file.name for file in out.iterdir()} == {MANIFEST, *FILES}
    assert manifest.files == {name: store.sha256(out / name) for name in FILES}
    assert ScoringModel.load(out).manifest == manifest
    assert Manifest.model_validate_json((out / MANIFEST).read_text()) == manifest


def test_the_manifest_says_where_the_model_comes_from(published, tiny_features):
    _, manifest = published
    dictionary, origin = store.read_header(tiny_features)
    data = manifest.training_data
    assert (data.sha256, data.rows, data.origin) == (store.sha256(tiny_features), 360, origin)
    assert manifest.feature_contract == dictionary.contract
    assert manifest.libraries["lightgbm"] == lgb.__version__
    assert manifest.created_at.endswith("Z")
    assert manifest.version.startswith(manifest.created_at.replace("-", "").replace(":", "")[:15])
    assert set(manifest.dropped_inputs).isdisjoint(i.name for i in manifest.inputs)


def test_the_metrics_are_those_of_the_folds(published):
    _, manifest = published
    metrics = manifest.metrics
    folds = [metrics["roc_auc_fold_1"], metrics["roc_auc_fold_2"]]
    assert metrics["roc_auc_cv_mean"] == pytest.approx(np.mean(folds))
    assert metrics["roc_auc_cv_std"] == pytest.approx(np.std(folds))
    # The tiny clients' risk follows from their features, so that a model that learns anything beats chance.
    assert metrics["roc_auc_cv_mean"] > 0.55
    for name in ("roc_auc", "ks", "gini", "average_precision", "brier", "in_use_accepted_share"):
        assert metrics[f"{name}_low"] < metrics[name] < metrics[f"{name}_high"]
    assert metrics["average_precision"] > metrics["default_rate"] == manifest.training_data.default_rate
    assert metrics["features"] == len(manifest.inputs)


def test_the_final_model_is_as_large_as_the_folds_say(published):
    out, manifest = published
    assert lgb.Booster(model_file=out / BOOSTER).num_trees() == manifest.metrics["trees"]


def test_inputs_that_are_not_needed_are_left_out_and_named(published, tiny_features):
    out, manifest = published
    kept, gone = [i.name for i in manifest.inputs], set(manifest.deselected_inputs)
    data = read(tiny_features, folds=2)
    assert 0 < len(kept) < len(data.inputs)
    assert kept == [i.name for i in data.inputs if i.name not in gone]
    assert manifest.metrics["selection_roc_auc_change"] >= -0.001
    assert lgb.Booster(model_file=out / BOOSTER).feature_name() == kept


def test_of_many_clients_inputs_are_chosen_on_a_sample_and_all_are_validated(tiny_features, tmp_path, monkeypatch):
    monkeypatch.setattr(validation, "SAMPLE", 200)
    steps = []
    manifest = train(tiny_features, tmp_path / "model", lambda step, done: steps.append(step), **SMALL)
    assert manifest.chosen_on_clients == 200
    assert manifest.training_data.rows == 360
    assert len(manifest.inputs) > 0
    assert manifest.deselected_inputs
    order = list(dict.fromkeys(steps))
    whole, sample = "Cross-validation in 2 folds", "Cross-validation in 2 folds of a sample"
    assert order.index(sample) < order.index("Selecting inputs, 1 of 3") < order.index(whole)
    card = ModelCard.model_validate_json((tmp_path / "model" / CARD).read_text())
    assert card.performance.clients == 360
    assert card.inputs.chosen_on == 200
    for language, said in {"en": "a sample of 200 clients", "fr": "un échantillon de 200 clients"}.items():
        assert said in (tmp_path / "model" / CARD_PAGES[language]).read_text()


def test_all_clients_choose_where_they_are_few(published):
    out, manifest = published
    assert manifest.chosen_on_clients is None
    assert "on a sample" not in (out / CARD_PAGES["en"]).read_text()


def test_expected_default_rates_add_up_to_the_defaults(published, tiny_features):
    out, manifest = published
    model = ScoringModel.load(out)
    table = pq.read_table(tiny_features)
    table = table.filter(table[store.TARGET].is_valid())
    default, rate = model.probabilities(model.encoder.table(table))
    assert rate.mean() == pytest.approx(manifest.training_data.default_rate, abs=0.03)
    # Someone as risky as the average has a score of one half.
    average = np.abs(rate - manifest.training_data.default_rate).argmin()
    assert default[average] == pytest.approx(0.5, abs=0.03)


def test_bands_and_cost_optimum_are_those_of_the_card(published):
    out, manifest = published
    card = ModelCard.model_validate_json((out / CARD).read_text())
    assert [(b.lower, b.upper) for b in manifest.bands] == [(b.lower, b.upper) for b in card.bands.bands]
    for band, figures in zip(manifest.bands, card.bands.bands, strict=True):
        rate = figures.default_rate
        expected = (None, None, None) if rate is None else (rate.value, rate.low, rate.high)
        assert (band.default_rate, band.default_rate_low, band.default_rate_high) == expected
    assert manifest.cost_optimum is not None
    assert manifest.cost_optimum.threshold == card.acceptance.cost.optimal.value
    assert manifest.cost_optimum.low <= manifest.cost_optimum.threshold <= manifest.cost_optimum.high
    # At a cost ratio of 10 a default rate of 1 in 11 is refused.
    prior = manifest.training_data.default_rate
    assert 1 - manifest.cost_optimum.calibrated == pytest.approx(scale.balanced(1 / 11, prior))


def test_the_card_describes_the_model_beside_it(published):
    out, manifest = published
    card = ModelCard.model_validate_json((out / CARD).read_text())
    assert card.version == manifest.version
    assert card.files == {name: manifest.files[name] for name in MODEL_FILES}
    assert card.performance.roc_auc.value == manifest.metrics["roc_auc"]
    assert {f.attribute for f in card.fairness} == {"gender", "age_band", "region_rating"}
    # Every tenth of the tiny clients has no TARGET.
    assert card.drift is not None
    assert (card.drift.reference_clients, card.drift.current_clients) == (360, 40)
    assert {"POS_CASH_balance", "installments_payments"} <= set(card.data.absent_tables)
    assert "application" not in card.data.absent_tables
    for language, page in CARD_PAGES.items():
        text = (out / page).read_text()
        assert f'<html lang="{language}">' in text
        assert manifest.version in text


def test_threshold_and_cost_ratio_are_settings(tiny_features, tmp_path):
    manifest = train(tiny_features, tmp_path / "model", threshold=0.4, cost_ratio=2.0, tolerance=None, **SMALL)
    assert manifest.threshold == manifest.bands[2].upper == 0.4
    assert manifest.metrics["in_use_threshold"] == 0.4
    assert manifest.metrics["customer_threshold"] == 0.52
    assert manifest.cost_optimum is not None
    assert manifest.cost_optimum.cost_ratio == 2
    assert manifest.deselected_inputs == ()


@pytest.mark.parametrize(("name", "value"), [("threshold", 0.0), ("threshold", 1.0), ("cost_ratio", 0.0)])
def test_settings_out_of_range_are_refused(tiny_features, tmp_path, name, value):
    with pytest.raises(InvalidInput, match=name):
        train(tiny_features, tmp_path / "model", **{name: value})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("imbalance", [Imbalance.WEIGHTS, Imbalance.UNDERSAMPLING])
def test_calibration_undoes_what_the_treatment_of_imbalance_shifts(tmp_path, imbalance):
    features = write_tiny_features(tmp_path / "features.parquet", clients=2000)
    small = SMALL | {"trees": 40}
    manifest = train(features, tmp_path / "model", imbalance=imbalance, tolerance=None, **small)
    model = ScoringModel.load(tmp_path / "model")
    table = pq.read_table(features)
    table = table.filter(table[store.TARGET].is_valid())
    matrix = model.encoder.table(table)
    prior = manifest.training_data.default_rate
    assert model.raw(matrix).mean() > prior + 0.05
    assert model.expected_default_rate(matrix).mean() == pytest.approx(prior, abs=0.04)


def test_the_same_features_and_seed_give_the_same_trees(published, tiny_features, tmp_path):
    out, first = published
    second = train(tiny_features, tmp_path / "again", **SMALL)
    assert {name: second.files[name] for name in MODEL_FILES} == {name: first.files[name] for name in MODEL_FILES}
    assert (second.calibrator, second.bands, second.cost_optimum) == (first.calibrator, first.bands, first.cost_optimum)
    assert second.metrics == first.metrics
    assert (tmp_path / "again" / BOOSTER).read_bytes() == (out / BOOSTER).read_bytes()


def test_the_number_of_threads_changes_no_tree(published, tiny_features, tmp_path):
    _, first = published
    second = train(tiny_features, tmp_path / "threads", **(SMALL | {"threads": 2}))
    assert second.files[ONNX] == first.files[ONNX]


def test_another_seed_gives_other_trees(published, tiny_features, tmp_path):
    _, first = published
    second = train(tiny_features, tmp_path / "other", seed=1, **SMALL)
    assert second.files[BOOSTER] != first.files[BOOSTER]
    assert second.version.split("-")[1] != first.version.split("-")[1]


def test_every_step_reports_its_progress_to_the_end(tiny_features, tmp_path):
    heard = {}
    train(tiny_features, tmp_path / "model", lambda step, done: heard.setdefault(step, []).append(done), **SMALL)
    assert [step for step in heard if not step.startswith("Selecting inputs")] == [
        "Reading features",
        "Cross-validation in 2 folds",
        "Final fit",
        "Exporting",
        "Comparing ONNX with LightGBM",
        "Model card",
    ]
    for step, done in heard.items():
        assert done == sorted(done), step
        assert done[-1] == 1, step


@pytest.fixture
def old(published, tmp_path):
    return shutil.copytree(published[0], tmp_path / "model")


def _bytes(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_published_model_is_replaced(old, tiny_features):
    before = _bytes(old)
    manifest = train(tiny_features, old, seed=1, **SMALL)
    assert ScoringModel.load(old).manifest == manifest
    assert _bytes(old)[ONNX] != before[ONNX]
    assert [file.name for file in old.parent.iterdir()] == ["model"]


@pytest.mark.parametrize(
    "step",
    [
        "Reading features",
        "Cross-validation in 2 folds",
        "Selecting inputs, 1 of 3",
        "Final fit",
        "Exporting",
        "Comparing ONNX with LightGBM",
        "Model card",
    ],
)
def test_an_interruption_at_any_step_leaves_the_published_model(old, tiny_features, step):
    before = _bytes(old)

    def interrupt(current, done):
        if current == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(tiny_features, old, interrupt, seed=1, **SMALL)
    assert _bytes(old) == before
    assert [file.name for file in old.parent.iterdir()] == ["model"]


def test_an_export_that_is_not_the_trained_model_is_not_published(old, tiny_features, monkeypatch):
    """One leaf a thousandth off, as another version of a converter might make it."""
    before = _bytes(old)
    real = export.to_onnx

    def wrong(booster):
        model = real(booster)
        (trees,) = (node for node in model.graph.node if node.op_type == "TreeEnsembleClassifier")
        (leaves,) = (a for a in trees.attribute if a.name == "class_weights")
        leaves.floats[0] += 1e-3
        return model

    monkeypatch.setattr(export, "to_onnx", wrong)
    with pytest.raises(FailedPrecondition, match="probabilities differ by"):
        train(tiny_features, old, **SMALL)
    assert _bytes(old) == before


def test_an_export_that_does_not_load_is_not_published(tiny_features, tmp_path, monkeypatch):
    real = export.to_onnx

    def wrong(booster):
        model = real(booster)
        model.graph.input[0].type.tensor_type.shape.dim[1].dim_value += 1
        return model

    monkeypatch.setattr(export, "to_onnx", wrong)
    with pytest.raises(Misconfigured, match=r"model\.onnx must have one float input"):
        train(tiny_features, tmp_path / "model", **SMALL)
    assert not list(tmp_path.iterdir())


def test_features_that_cannot_be_trained_on_leave_nothing(tmp_path):
    (tmp_path / "f.parquet").write_text("no")
    with pytest.raises(InvalidInput, match="not a readable Parquet file"):
        train(tmp_path / "f.parquet", tmp_path / "out" / "model", **SMALL)
    assert not (tmp_path / "out" / "model").exists()


def test_a_served_record_scores_as_it_was_trained(published, tiny_features):
    out, _ = published
    model = ScoringModel.load(out)
    names = list(json.loads((out / DICTIONARY).read_text())["features"])
    table = pq.read_table(tiny_features).slice(0, 30)
    booster = lgb.Booster(model_file=out / BOOSTER)
    expected = booster.predict(Encoder(model.manifest.inputs, model.dictionary).table(table))
    for row, probability in zip(table.to_pylist(), expected, strict=True):
        record = {feature["name"]: row[feature["name"]] for feature in names}
        base = {feature.name: record[feature.name] for feature in model.dictionary.base}
        model.records.validate(base)
        matrix = model.encoder.record(record)
        model.vectors.validate(matrix)
        assert model.raw(matrix)[0] == pytest.approx(probability, abs=1e-6)
