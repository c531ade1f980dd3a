"""What the folders of all kinds of models have in common: ``manifest.json``, with version and hashes of the files."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.folder import MANIFEST
from pipeline.hashing import sha256
from services.common.errors import Misconfigured


class Identity(BaseModel):
    """What every manifest says, whatever else it says."""

    model_config = ConfigDict(frozen=True)

    version: str
    # SHA-256 by file name, of all files but the manifest.
    files: dict[str, str]


def identify(folder: Path) -> Identity:
    """Reads which model a folder holds, and verifies that it is whole.

    Raises:
        Misconfigured: the manifest cannot be read, or a file is missing or not the one that it describes; names it.
    """
    try:
        identity = Identity.model_validate_json((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise Misconfigured(f"{folder / MANIFEST} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise Misconfigured(f"{folder / MANIFEST} is not a model manifest") from error
    verify(folder, identity.files)
    return identity


def verify(folder: Path, files: Mapping[str, str]) -> None:
    """Compares a model folder's files with the SHA-256 that its manifest gives.

    Raises:
        Misconfigured: a file is missing or differs; names it.
    """
    for name, expected in files.items():
        file = folder / name
        if not file.is_file():
            raise Misconfigured(f"{file} is missing")
        if sha256(file) != expected:
            raise Misconfigured(f"{file} is not the file that {MANIFEST} describes: its SHA-256 differs")
