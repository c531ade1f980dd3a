"""Files below one folder or URL, on whatever fsspec reaches: a disk, ``s3://``, ``gs://``, ``memory://``."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

from services.common.errors import Misconfigured, Unavailable


class Storage:
    """Whole files by their name below the location. Blocking, and safe to call from several threads at once."""

    def __init__(self, location: str) -> None:
        """Connects to nothing yet.

        Raises:
            Misconfigured: nothing that is installed knows such a URL.
        """
        self.location = location
        try:
            self._files, self._root = fsspec.core.url_to_fs(location)
        except (ImportError, ValueError) as error:
            raise Misconfigured(f"{location}: {error}") from error

    @property
    def folder(self) -> Path | None:
        """The location as a folder of this machine; None when it is elsewhere."""
        return Path(self._root) if isinstance(self._files, LocalFileSystem) else None

    def read(self, name: str) -> bytes | None:
        """Returns a file's content; None: there is no such file.

        Raises:
            Unavailable: the storage does not answer.
            OSError: the file cannot be read.
        """
        with self._answering():
            try:
                content: bytes = self._files.cat_file(self._path(name))
            except (FileNotFoundError, NotADirectoryError):
                return None
            return content

    def write(self, name: str, content: bytes) -> None:
        """Writes a file; a reader sees what was there before or all of the new content.

        Raises:
            Unavailable: the storage does not answer.
            OSError: the file cannot be written.
        """
        folder = self.folder
        with self._answering():
            if folder is None:
                # An object store shows an object when all of it has arrived.
                self._files.pipe_file(self._path(name), content)
                return
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            aside = file.with_name(f".{file.name}.partial")
            with aside.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            aside.replace(file)

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            raise
        except Exception as error:  # the clients of the object stores share no other base class
            raise Unavailable(f"{self.location} does not answer: {error}", retry_after=5) from error
