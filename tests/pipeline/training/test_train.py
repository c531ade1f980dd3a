import json
import shutil

import lightgbm as lgb
import numpy as np
import pyarrow.parquet as pq
import pytest

from pipeline.features import store
from pipeline.model.encoding import Encoder
from pipeline.model.manifest import BOOSTER, DICTIONARY, FILES, MANIFEST, ONNX, Manifest
from pipeline.model.runtime import ScoringModel
from pipeline.training import export
from pipeline.training.train import train
from services.common.errors import FailedPrecondition, InvalidInput, Misconfigured

SMALL = {"folds": 2, "trees": 15, "threads": 1}


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
    assert 0 < metrics["ks_cv_mean"] < 1
    assert metrics["average_precision_cv_mean"] > metrics["default_rate"] == manifest.training_data.default_rate
    assert metrics["features"] == len(manifest.inputs)


def test_the_final_model_is_as_large_as_the_folds_were_on_average(published):
    out, manifest = published
    assert lgb.Booster(model_file=out / BOOSTER).num_trees() == manifest.metrics["best_iteration"]


def test_both_classes_weigh_the_same(published, tiny_features):
    """On balanced weights the mean score over both classes is near one half, whatever the default rate."""
    out, manifest = published
    model = ScoringModel.load(out)
    table = pq.read_table(tiny_features)
    default = model.probability_of_default(model.encoder.table(table))
    target = table[store.TARGET].to_numpy()
    balanced = (default[target == 1].mean() + default[target == 0].mean()) / 2
    assert balanced == pytest.approx(0.5, abs=0.03)
    assert manifest.training_data.default_rate == pytest.approx(0.4, abs=0.05)


def test_the_same_features_and_seed_give_the_same_trees(published, tiny_features, tmp_path):
    out, first = published
    second = train(tiny_features, tmp_path / "again", **SMALL)
    assert second.files == first.files
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
    assert len(heard) == 6
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
    ["Reading features", "Cross-validation, fold 2 of 2", "Final fit", "Exporting", "Comparing ONNX with LightGBM"],
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
        assert model.probability_of_default(matrix)[0] == pytest.approx(probability, abs=1e-6)
