"""``clairscore export-embedding`` as a user types it: a model that is exported, and those that cannot be."""

import os
import subprocess
import sys
from pathlib import Path

from support.embedding import tiny_bert

from services.embedding.encoder import Encoder


def run(folder: Path, model: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "export-embedding", model],
        cwd=folder,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_folder_becomes_models_that_can_be_loaded(tmp_path):
    ended = run(tmp_path, str(tiny_bert(tmp_path / "tiny")))
    assert ended.returncode == 0, ended.stderr
    assert "var/embeddings/tiny/fp32: cosine with sentence-transformers: mean 1.00000" in ended.stdout
    assert Encoder.load(tmp_path / "var/embeddings/tiny/fp32").encode(["a towel"]).vectors.shape == (1, 32)


def test_a_model_that_cannot_be_had_is_said_with_what_gets_it(tmp_path):
    ended = run(tmp_path, "bert-base-uncased")
    assert ended.returncode == 1
    assert "hf download google-bert/bert-base-uncased --revision 86b5e09" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "var").exists()
