"""Model versions that never change, and the pointer to the live one.

A registry holds a folder for each version, ``VERSION/…``, and the pointer ``live.json``. A version is there once its
``checksums.json`` is, which is written last and names every other file of it with its SHA-256.
"""

import getpass
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from pipeline.folder import MANIFEST
from pipeline.hashing import sha256
from pipeline.registry.folder import identify
from pipeline.registry.storage import Storage
from services.common.errors import FailedPrecondition, Misconfigured

POINTER = "live.json"
CHECKSUMS = "checksums.json"

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CHECKSUMS = TypeAdapter(dict[str, str])


class Live(BaseModel):
    """What ``live.json`` says."""

    model_config = ConfigDict(frozen=True)

    version: str
    # The version that was live before; None for the first one.
    previous: str | None
    # What the model is given: the contract of the features that the portfolio was published with; for the product
    # classifier, the embedding model that its vectors come from.
    feature_contract: str
    # RFC 3339, UTC.
    switched_at: str
    switched_by: str


class Registry:
    """A registry on a disk or at any URL that fsspec knows."""

    def __init__(self, location: str, cache: Path) -> None:
        """Takes the registry's folder or URL, and the folder that keeps copies of versions that are elsewhere.

        Raises:
            Misconfigured: nothing that is installed knows such a URL, or the folder is a model's own.
        """
        self.location = location
        self._storage = Storage(location)
        self._cache = cache
        if plain_folder(location) is not None:
            raise Misconfigured(f"{location} is the folder of one model, not a registry")

    def live(self) -> Live | None:
        """Returns the pointer; None: nothing has been made live yet.

        Raises:
            Misconfigured: the pointer is not one.
            Unavailable: the storage does not answer.
        """
        content = self._storage.read(POINTER)
        if content is None:
            return None
        try:
            return Live.model_validate_json(content)
        except ValidationError as error:
            raise Misconfigured(f"{self.location}/{POINTER} is not a pointer to a model version") from error

    def add(self, folder: Path) -> str:
        """Copies a model folder into the registry and returns its version. Adding the same folder again does nothing.

        Raises:
            Misconfigured: not a whole model folder.
            FailedPrecondition: the registry has other content under the same version.
            Unavailable: the storage does not answer.
        """
        version = identify(folder).version
        if not _VERSION.fullmatch(version):
            raise Misconfigured(f"{folder / MANIFEST}: {version!r} cannot be the name of a folder")
        checksums = {file.name: sha256(file) for file in sorted(folder.iterdir()) if file.is_file()}
        present = self._checksums(version)
        if present is None:
            for name in checksums:
                self._storage.write(f"{version}/{name}", (folder / name).read_bytes())
            self._storage.write(f"{version}/{CHECKSUMS}", _CHECKSUMS.dump_json(checksums, indent=1))
        elif present != checksums:
            names = ", ".join(sorted({name for name, _ in present.items() ^ checksums.items()}))
            raise FailedPrecondition(
                f"{self.location} has version {version} with other content than {folder} ({names}). "
                "A published version never changes: train a new one."
            )
        return version

    def folder(self, version: str) -> Path:
        """Returns a version as a verified folder of this machine; one that is elsewhere is copied to the cache.

        Raises:
            Misconfigured: the version is not there, or one of its files is missing or changed; names the file.
            Unavailable: the storage does not answer.
        """
        checksums = self._checksums(version)
        if checksums is None:
            raise Misconfigured(f"{self.location} has no version {version}")
        here = self._storage.folder
        if here is not None:
            _verify(here / version, checksums)
            return here / version
        copy = self._cache / hashlib.sha256(self.location.encode()).hexdigest()[:16] / version
        try:
            _verify(copy, checksums)
        except Misconfigured:
            self._download(version, checksums, copy)
        return copy

    def has(self, version: str) -> bool:
        """Whether a whole version is in the registry.

        Raises:
            Unavailable: the storage does not answer.
        """
        return self._checksums(version) is not None

    def go_live(self, version: str, feature_contract: str) -> Live:
        """Points to a version, in one step; readers see the old pointer or the new one.

        Args:
            version: one that is in the registry.
            feature_contract: of the features, or vectors, that it will be given.

        Raises:
            Misconfigured: the version is not in the registry.
            Unavailable: the storage does not answer.
        """
        if not self.has(version):
            raise Misconfigured(f"{self.location} has no version {version}")
        now = self.live()
        live = Live(
            version=version,
            previous=None if now is None else now.version,
            feature_contract=feature_contract,
            switched_at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            switched_by=_user(),
        )
        self._storage.write(POINTER, live.model_dump_json(indent=1).encode())
        return live

    def _checksums(self, version: str) -> Mapping[str, str] | None:
        content = self._storage.read(f"{version}/{CHECKSUMS}")
        if content is None:
            return None
        try:
            return _CHECKSUMS.validate_json(content)
        except ValidationError as error:
            raise Misconfigured(f"{self.location}/{version}/{CHECKSUMS} is damaged") from error

    def _download(self, version: str, checksums: Mapping[str, str], copy: Path) -> None:
        copy.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{version}.", dir=copy.parent) as scratch:
            aside = Path(scratch, version)
            aside.mkdir()
            for name in checksums:
                content = self._storage.read(f"{version}/{name}")
                if content is None:
                    raise Misconfigured(f"{self.location}/{version}/{name} is missing")
                (aside / name).write_bytes(content)
            try:
                _verify(aside, checksums)
            except Misconfigured as error:
                raise Misconfigured(error.message.replace(str(aside), f"{self.location}/{version}")) from error
            shutil.rmtree(copy, ignore_errors=True)
            try:
                aside.rename(copy)
            except OSError:
                # Another process has copied the same version meanwhile.
                _verify(copy, checksums)


def plain_folder(location: str) -> Path | None:
    """Returns the location when it is a model folder as training writes it; None when it is a registry."""
    folder = Storage(location).folder
    return folder if folder is not None and (folder / MANIFEST).is_file() else None


def _verify(folder: Path, checksums: Mapping[str, str]) -> None:
    for name, expected in checksums.items():
        file = folder / name
        if not file.is_file():
            raise Misconfigured(f"{file} is missing")
        if sha256(file) != expected:
            raise Misconfigured(f"{file} is not the file that was published: its SHA-256 differs")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a user without a name.
        return f"uid {os.getuid()}"
