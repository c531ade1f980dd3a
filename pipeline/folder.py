"""Replaces a model folder as a whole: readers see the old one or the new one, never a mixture."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.common.errors import InvalidInput, Violation

# Every folder of ours that is replaced as a whole says what it holds in this file.
MANIFEST = "manifest.json"

_LOCK = "lock"
_OLD = "old"


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
    _clear_what_was_killed(out)
    with (
        tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as scratch,
        Path(scratch, _LOCK).open("w") as lock,
    ):
        # The system gives the lock back even when the process is killed.
        fcntl.flock(lock, fcntl.LOCK_EX)
        new, old = Path(scratch, "new"), Path(scratch, _OLD)
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


def _clear_what_was_killed(out: Path) -> None:
    for left in out.parent.iterdir():
        lock = left / _LOCK
        if not left.name.startswith(f".{out.name}.") or not lock.is_file():
            continue
        with lock.open("r+") as stream, suppress(BlockingIOError):
            # Held by a run that is at work, which is left alone.
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if (left / _OLD).exists() and not out.exists():
                (left / _OLD).rename(out)
            shutil.rmtree(left, ignore_errors=True)


def _refuse_foreign(out: Path) -> None:
    if out.is_dir():
        if not any(out.iterdir()) or (out / MANIFEST).is_file():
            return
        raise InvalidInput([Violation(str(out), "is a folder with other content than a model; name another one")])
    if out.exists():
        raise InvalidInput([Violation(str(out), "is a file; name a folder")])
