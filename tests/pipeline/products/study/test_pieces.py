"""Kept pieces: made once, whole or not there, and gone when what they were made from changes."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.products.study.pieces import Pieces


def refuse() -> int:
    raise AssertionError("a kept piece is made again")


def test_a_piece_is_made_once(tmp_path: Path) -> None:
    assert Pieces(tmp_path, data="a").keep("one two/3", int, lambda: 7) == 7
    assert Pieces(tmp_path, data="a").keep("one two/3", int, refuse) == 7


def test_numbers_are_kept_exactly(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    Pieces(tmp_path, data="a").keep_array("v", lambda: numbers)

    kept = Pieces(tmp_path, data="a").keep_array("v", lambda: np.zeros(1))

    assert kept.dtype == np.float32
    assert np.array_equal(kept, numbers)


def test_an_interruption_leaves_nothing_half(tmp_path: Path) -> None:
    pieces = Pieces(tmp_path, data="a")

    def interrupted() -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pieces.keep("n", int, interrupted)

    assert pieces.keep("n", int, lambda: 8) == 8
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["n.json"]


def test_other_data_makes_everything_anew(tmp_path: Path) -> None:
    Pieces(tmp_path, data="a").keep("n", int, lambda: 1)

    assert Pieces(tmp_path, data="b").keep("n", int, lambda: 2) == 2
    assert Pieces(tmp_path, data="a").keep("n", int, lambda: 3) == 3
