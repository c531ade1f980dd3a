"""Replaces a model folder as a whole: readers see the old one or the new one, never a mixture."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.model.manifest import MANIFEST
from services.common.errors import InvalidInput, Violation


@contextmanager
def replaced(out: Path) -> Iterator[Path]:
    """Gives an empty folder beside ``out`` that takes its place when the block ends without an error.

    A folder cannot be renamed onto a full one, so the old one steps aside first: for the moment between two renames
    there is none at ``out``. Whatever interrupts the block or the swap, the old folder is there again afterwards.

    Raises:
        InvalidInput: ``out`` is there and is not a model folder; it stays untouched.
    """
    _refuse_foreign(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as scratch:
        new, old = Path(scratch, "new"), Path(scratch, "old")
        # The scratch folder is private; a folder made inside it has the permissions that a user expects.
        new.mkdir()
        yield new
        try:
            if out.exists():
                out.rename(old)
            new.rename(out)
        except BaseException:
            if old.exists() and not out.exists():
                old.rename(out)
            raise


def _refuse_foreign(out: Path) -> None:
    if out.is_dir():
        if not any(out.iterdir()) or (out / MANIFEST).is_file():
            return
        raise InvalidInput([Violation(str(out), "is a folder with other content than a model; name another one")])
    if out.exists():
        raise InvalidInput([Violation(str(out), "is a file; name a folder")])
