"""Every way in which a model folder can be broken."""

import json
import shutil

import pytest

from pipeline.features.store import sha256
from pipeline.model.manifest import FILES, MANIFEST, MODEL_FILES, Band, Decision, load
from services.common.errors import Misconfigured


@pytest.fixture
def folder(tiny_model, tmp_path):
    return shutil.copytree(tiny_model, tmp_path / "model")


def _change(folder, change):
    file = folder / MANIFEST
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def _rehash(folder, name):
    _change(folder, lambda m: m["files"].update({name: sha256(folder / name)}))


def test_an_intact_folder_loads(folder):
    manifest, dictionary = load(folder)
    assert manifest.feature_contract == dictionary.contract


@pytest.mark.parametrize("name", [MANIFEST, *FILES])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(Misconfigured, match=name):
        load(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_one_changed_byte_is_named(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(Misconfigured, match=f"{name} is not the file that {MANIFEST} describes"):
        load(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_named(folder, name):
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    with pytest.raises(Misconfigured, match=name):
        load(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": "1"}', b"\xff\xfe"])
def test_a_manifest_that_is_none_is_named(folder, content):
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(Misconfigured, match=f"{MANIFEST} is not a valid model manifest"):
        load(folder)


def test_no_folder_at_all_is_named(tmp_path):
    with pytest.raises(Misconfigured, match=r"manifest\.json cannot be read: No such file"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda m: m["bands"].pop(), "seven"),
        (lambda m: m["bands"].reverse(), "in order"),
        (lambda m: m["bands"][0].update(lower=0.1), "rise from 0 to 1"),
        (lambda m: m["bands"][2].update(upper=0.3), "rise from 0 to 1"),
        (lambda m: m["bands"][3].update(lower=0.53), "touch"),
        (lambda m: m.update(threshold=0.5), "band and decision would disagree"),
        (lambda m: m.update(threshold=1.5), "less than 1"),
        (lambda m: m["inputs"].append(m["inputs"][0]), "distinct names"),
        (lambda m: m.update(inputs=[]), "distinct names"),
        (lambda m: m.pop("calibrator"), "calibrator: Field required"),
        (lambda m: m["calibrator"].update(kind="isotonic"), "calibrator"),
        (lambda m: m["training_data"].update(default_rate=0.0), "greater than 0"),
        (lambda m: m["cost_optimum"].update(cost_ratio=-1), "greater than 0"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(folder, change, why):
    _change(folder, change)
    with pytest.raises(Misconfigured, match=why):
        load(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda i: i.update(feature="NOT_A_FEATURE"),
        lambda i: i.update(category="No such category"),
        lambda i: i.update(feature="NAME_EDUCATION_TYPE"),
    ],
)
def test_inputs_that_the_dictionary_does_not_know_are_named(folder, change):
    _change(folder, lambda m: change(next(i for i in m["inputs"] if i["name"] == "AMT_CREDIT")))
    with pytest.raises(Misconfigured, match=r"inputs that dictionary\.json does not know: AMT_CREDIT"):
        load(folder)


def test_the_dictionary_of_another_contract_is_named(folder):
    file = folder / "dictionary.json"
    content = json.loads(file.read_text())
    content["features"].pop(0)
    file.write_text(json.dumps(content))
    _rehash(folder, "dictionary.json")
    with pytest.raises(Misconfigured, match=r"dictionary\.json has another feature contract"):
        load(folder)


def test_a_dictionary_that_is_none_is_named(folder):
    (folder / "dictionary.json").write_text("{}")
    _rehash(folder, "dictionary.json")
    with pytest.raises(Misconfigured, match=r"dictionary\.json is not a valid feature dictionary"):
        load(folder)


def test_a_folder_without_a_card_still_scores(folder):
    """Only what the manifest lists has to be there, beside the model itself."""
    for name in set(FILES) - set(MODEL_FILES):
        (folder / name).unlink()
        _change(folder, lambda m, name=name: m["files"].pop(name))
    manifest, _ = load(folder)
    assert set(manifest.files) == set(MODEL_FILES)


@pytest.mark.parametrize(
    ("repayment", "band", "decision"),
    [
        (0.0, Band.VERY_HIGH, Decision.REFUSE),
        (0.519999, Band.SLIGHTLY_HIGH, Decision.REFUSE),
        (0.52, Band.MEDIUM, Decision.ACCEPT),
        (1.0, Band.VERY_LOW, Decision.ACCEPT),
    ],
)
def test_bands_and_decision_agree_at_the_limits(tiny_model, repayment, band, decision):
    manifest, _ = load(tiny_model)
    assert (manifest.band(repayment), manifest.decision(repayment)) == (band, decision)
