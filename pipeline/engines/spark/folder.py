"""Puts what Spark wrote in its place: a folder of Parquet files in the order of their rows."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.common.errors import InvalidInput, Violation

PART = "part-{:05d}.parquet"


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Gives the name of a new folder beside ``out`` that takes its place at the end, or is removed if anything fails.

    Raises:
        InvalidInput: ``out`` is a file, or a folder that holds something else than Parquet files.
    """
    if out.exists() and not out.is_dir():
        raise InvalidInput([Violation(str(out), "is a file; Spark writes a folder, give another name")])
    if out.is_dir() and any(path.suffix != ".parquet" and not path.name.startswith("_") for path in out.iterdir()):
        raise InvalidInput([Violation(str(out), "holds something else than Parquet files; give another folder")])
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.{os.getpid()}.part")
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    try:
        yield aside
        if out.exists():
            out.rename(old)
        aside.rename(out)
    finally:
        for leftover in (aside, old):
            shutil.rmtree(leftover, ignore_errors=True)


def tidy(folder: Path) -> list[Path]:
    """Gives Spark's files names that do not change from run to run, removes its marks, and returns them in order."""
    parts = sorted(folder.glob("part-*.parquet"))
    named = [folder / PART.format(number) for number in range(len(parts))]
    for part, name in zip(parts, named, strict=True):
        part.rename(name)
    for mark in (*folder.glob(".*"), *folder.glob("_SUCCESS")):
        mark.unlink()
    return named
