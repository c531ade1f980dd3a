import json

import numpy as np
import pytest
from support.embedding import tiny_bert, tiny_sentence_transformer

from pipeline.embedding import check, export, sources
from pipeline.embedding.manifest import MANIFEST, ONNX, Precision
from services.common.errors import Misconfigured
from services.embedding.encoder import Encoder

TEXTS = ["cotton bath towel", "leather strap watch for men", "usb cable", "towel " * 200]


@pytest.fixture(params=["bert", "distilbert", "cls", "max", "prefixes"])
def layout(request, tmp_path):
    """A model in each of the layouts, and what its files say: pooling, normalised, tokens read, prefixes."""
    folder = tmp_path / request.param
    if request.param in ("bert", "distilbert"):
        return tiny_bert(folder, kind=request.param), (("mean",), False, 64, {})
    if request.param == "prefixes":
        prompts = {"query": "query: ", "passage": "passage: "}
        return tiny_sentence_transformer(folder, pooling="mean_tokens", prompts=prompts), (("mean",), True, 16, prompts)
    kind = {"cls": "cls_token", "max": "max_tokens"}[request.param]
    return tiny_sentence_transformer(folder, pooling=kind), ((request.param,), True, 16, {})


def test_what_is_exported_gives_what_sentence_transformers_gives(layout, tmp_path):
    folder, (pooling, normalized, tokens, prompts) = layout
    exported = export.export(sources.resolve(str(folder)), tmp_path / "out", precisions=[Precision.FP32])
    encoder = Encoder.load(exported[0].folder, threads=1)
    manifest = encoder.manifest
    assert (manifest.pooling, manifest.normalized, manifest.max_tokens, manifest.prompts) == (
        pooling,
        normalized,
        tokens,
        prompts,
    )
    original = export.load(folder)
    got = encoder.encode(TEXTS)
    np.testing.assert_allclose(got.vectors, original.encode(TEXTS), atol=1e-4)
    assert got.truncated.tolist() == [False, False, False, True]
    for kind in prompts:
        expected = original.encode(TEXTS, prompt_name=kind)
        np.testing.assert_allclose(encoder.encode(TEXTS, prompt=kind).vectors, expected, atol=1e-4)


def test_a_graph_that_does_not_agree_is_not_kept(tmp_path, monkeypatch):
    folder = tiny_bert(tmp_path / "tiny")
    out = tmp_path / "out"
    export.export(sources.resolve(str(folder)), out, precisions=[Precision.FP32])
    before = (out / "tiny" / "fp32" / MANIFEST).read_bytes()
    reference = check.Reference.of

    def other(model, progress):
        vectors = reference(model, progress).vectors
        return check.Reference(vectors[::-1].copy())

    monkeypatch.setattr(check.Reference, "of", other)
    with pytest.raises(Misconfigured, match="least cosine"):
        export.export(sources.resolve(str(folder)), out, precisions=[Precision.FP32])
    (int8,) = export.export(sources.resolve(str(folder)), out, precisions=[Precision.INT8])
    assert int8.folder is None
    assert [path.name for path in out.iterdir()] == ["tiny"]
    assert [path.name for path in (out / "tiny").iterdir()] == ["fp32"]
    assert (out / "tiny" / "fp32" / MANIFEST).read_bytes() == before, "what was there before stays"


def test_a_changed_file_is_not_loaded(tmp_path):
    folder = tiny_bert(tmp_path / "tiny")
    (one,) = export.export(sources.resolve(str(folder)), tmp_path / "out", precisions=[Precision.FP32])
    (one.folder / ONNX).write_bytes(b"other")
    with pytest.raises(Misconfigured, match="SHA-256"):
        Encoder.load(one.folder)
    manifest = json.loads((one.folder / MANIFEST).read_text())
    del manifest["dimension"]
    (one.folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(Misconfigured, match="dimension"):
        Encoder.load(one.folder)


def test_a_folder_that_holds_no_model_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Misconfigured, match="cannot be loaded"):
        export.load(tmp_path / "empty")
