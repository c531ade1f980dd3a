"""Keeps every finished piece of a study, so that an interrupted run goes on where it was."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

_T = TypeVar("_T")


class Pieces:
    """A folder of pieces by name. A piece is written aside and renamed: it is whole or not there."""

    def __init__(self, folder: Path, **made_from: str) -> None:
        """``made_from`` is everything that the pieces depend on; pieces made from anything else are removed."""
        identity = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:16]
        self._folder = folder / identity
        if folder.is_dir():
            for other in folder.iterdir():
                if other != self._folder:
                    shutil.rmtree(other, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)

    def keep(self, name: str, kind: Any, make: Callable[[], _T]) -> _T:
        """The piece of that name: as it was kept, or made now and kept; ``kind`` is its type."""
        adapter: TypeAdapter[_T] = TypeAdapter(kind)
        file = self._folder / f"{_file_name(name)}.json"
        if file.is_file():
            return adapter.validate_json(file.read_bytes())
        made = make()
        with _aside(file) as aside:
            aside.write_bytes(adapter.dump_json(made))
        return made

    def keep_array(self, name: str, make: Callable[[], npt.NDArray[np.floating]]) -> npt.NDArray[np.floating]:
        """As ``keep``, for numbers."""
        file = self._folder / f"{_file_name(name)}.npy"
        if file.is_file():
            kept: npt.NDArray[np.floating] = np.load(file)
            return kept
        made = make()
        with _aside(file) as aside, aside.open("wb") as stream:
            np.save(stream, made)
        return made


def _file_name(name: str) -> str:
    return "".join(character if character.isalnum() or character in "-_." else "_" for character in name)


@contextmanager
def _aside(file: Path) -> Iterator[Path]:
    aside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        yield aside
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
