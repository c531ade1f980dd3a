"""Reproducibility, the default rate, and what is written where."""

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.synthetic import portfolio as blocks
from pipeline.synthetic.generate import generate
from pipeline.synthetic.population import BLOCK
from pipeline.synthetic.writing import MARKER, file_names
from services.common.errors import InvalidInput


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(tmp_path / name, 300, seed)
    a, b, c = (digests(tmp_path / name) for name in "abc")
    assert set(a) == {*file_names(), MARKER}
    assert a == b
    assert all(a[name] != c[name] for name in a)


def test_clients_do_not_depend_on_how_many_there_are(tmp_path: Path) -> None:
    generate(tmp_path / "few", BLOCK + 100, 3)
    generate(tmp_path / "many", 2 * BLOCK + 50, 3)
    for file in file_names():
        few, many = ((tmp_path / name / file).read_bytes() for name in ("few", "many"))
        assert many.startswith(few), file
        assert len(many) > len(few), file


def test_blocks_differ() -> None:
    first, second = (blocks.draw(5, block)["application"] for block in (0, 1))
    assert np.intersect1d(first["SK_ID_CURR"], second["SK_ID_CURR"]).size == 0
    assert not np.array_equal(first["EXT_SOURCE_2"], second["EXT_SOURCE_2"], equal_nan=True)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_default_rate_is_eight_percent(seed: int) -> None:
    targets = np.concatenate([blocks.draw(seed, block)["application"]["TARGET"] for block in range(5)])
    deviation = math.sqrt(0.08 * 0.92 / len(targets))
    assert abs(targets.mean() - 0.08) < 4 * deviation


def test_summary_counts_what_was_written(tmp_path: Path) -> None:
    summary = generate(tmp_path / "out", 203, 1)
    written = {file: len(pd.read_csv(tmp_path / "out" / file)) for file in file_names()}
    assert dict(summary.rows) == written
    assert written["application_test.csv"] == 40
    assert written["application_train.csv"] == 163
    train = pd.read_csv(tmp_path / "out" / "application_train.csv")
    assert summary.default_rate == pytest.approx(train.TARGET.mean())
    marker = json.loads((tmp_path / "out" / MARKER).read_text())
    assert (marker["seed"], marker["clients"]) == (1, 203)


def test_one_client_is_enough(tmp_path: Path) -> None:
    summary = generate(tmp_path / "out", 1, 1)
    assert summary.rows["application_train.csv"] == 1
    assert summary.rows["application_test.csv"] == 0


def test_progress_rises_to_one(tmp_path: Path) -> None:
    seen: list[float] = []
    generate(tmp_path / "out", BLOCK + 1, 1, lambda step, done: seen.append(done))
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert seen[-1] == 1


@pytest.mark.parametrize("before", [False, True])
def test_interruption_leaves_nothing_half_written(tmp_path: Path, before: bool) -> None:
    out = tmp_path / "out"
    if before:
        generate(out, 10, 1)
    earlier = digests(out) if before else {}

    def interrupt(step: str, done: float) -> None:
        if done > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(out, 2 * BLOCK, 2, interrupt)
    assert [path.name for path in tmp_path.iterdir()] == (["out"] if before else [])
    assert (digests(out) if before else {}) == earlier


def test_earlier_portfolio_is_replaced(tmp_path: Path) -> None:
    generate(tmp_path / "out", 10, 1)
    generate(tmp_path / "out", 20, 2)
    generate(tmp_path / "fresh", 20, 2)
    assert digests(tmp_path / "out") == digests(tmp_path / "fresh")
    assert {path.name for path in tmp_path.iterdir()} == {"out", "fresh"}


def test_empty_folder_is_filled(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    generate(out, 10, 1)
    assert (out / MARKER).is_file()


def test_foreign_folder_and_file_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "real"
    folder.mkdir()
    (folder / "application_train.csv").write_text("SK_ID_CURR\n1\n")
    file = tmp_path / "file"
    file.write_text("kept")
    for out in (folder, file):
        with pytest.raises(InvalidInput) as caught:
            generate(out, 10, 1)
        assert caught.value.violations[0].field == str(out)
    assert (folder / "application_train.csv").read_text() == "SK_ID_CURR\n1\n"
    assert file.read_text() == "kept"


def test_foreign_file_beside_an_earlier_portfolio_is_not_lost(tmp_path: Path) -> None:
    generate(tmp_path / "out", 10, 1)
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(InvalidInput, match=r"notes\.txt"):
        generate(tmp_path / "out", 10, 2)
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_every_faulty_argument_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        generate(tmp_path / "out", 0, -1)
    assert [violation.field for violation in caught.value.violations] == ["clients", "seed"]
    assert not (tmp_path / "out").exists()
