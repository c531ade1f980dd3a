"""What an exported embedding model says of itself.

Its folder holds ``manifest.json``, ``model.onnx`` and ``tokenizer.json``. The graph takes token ids and gives vectors:
pooling and normalisation are inside. Loading checks every hash, so that a corrupt or mixed folder never serves.
"""

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline import folder as folders
from pipeline.hashing import sha256
from services.common.errors import Misconfigured

MANIFEST = folders.MANIFEST
ONNX = "model.onnx"
TOKENIZER = "tokenizer.json"
FILES = (ONNX, TOKENIZER)
# The graph's output, shape (texts, dimension), float32.
OUTPUT = "embedding"


class Precision(StrEnum):
    """How a graph computes."""

    FP32 = "fp32"
    # Weights and activations of the matrix products as 8-bit integers, the latter's range found anew in each product.
    INT8 = "int8"


class SourceInfo(BaseModel):
    """Where the weights came from."""

    model_config = ConfigDict(frozen=True)

    origin: str
    location: str
    # Commit on the hub; None: not known.
    revision: str | None
    # Of the weights file that was exported.
    sha256: str


class Agreement(BaseModel):
    """How close the exported graph's vectors are to sentence-transformers': cosines over the texts of the check."""

    model_config = ConfigDict(frozen=True)

    texts: int
    mean_cosine: float
    least_cosine: float


class EmbeddingManifest(BaseModel):
    """Everything that a reader of the folder must know."""

    model_config = ConfigDict(frozen=True)

    # Of the model; with the precision it names what was exported: "all-MiniLM-L6-v2/int8".
    name: str
    precision: Precision
    # RFC 3339, UTC.
    created_at: str
    # Numbers in a vector.
    dimension: int = Field(gt=0)
    # Tokens of a text that are read, the special ones included; what follows is cut off.
    max_tokens: int = Field(gt=0)
    # As sentence-transformers names them: "mean", "cls", "max", …
    pooling: tuple[str, ...]
    # Vectors have length 1.
    normalized: bool
    # Put before every text of a kind ("query", "passage", …); empty for most models.
    prompts: dict[str, str]
    # The kind whose prefix is put before a text that none is said of; None: no prefix.
    default_prompt: str | None
    # The graph's inputs, in its order.
    inputs: tuple[str, ...]
    pad_token_id: int
    source: SourceInfo
    agreement: Agreement
    libraries: dict[str, str]
    # SHA-256 by file name.
    files: dict[str, str]

    @property
    def id(self) -> str:
        """Name and precision: "all-MiniLM-L6-v2/int8"."""
        return f"{self.name}/{self.precision}"


def load(folder: Path) -> EmbeddingManifest:
    """Reads and verifies the folder of an exported model.

    Raises:
        Misconfigured: a file is missing, unreadable, or not the one that the manifest describes; names it.
    """
    try:
        manifest = EmbeddingManifest.model_validate_json((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise Misconfigured(f"{folder / MANIFEST} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        fault = error.errors()[0]
        raise Misconfigured(
            f"{folder / MANIFEST} is not a valid embedding manifest: {'.'.join(map(str, fault['loc']))}: {fault['msg']}"
        ) from error
    for name in FILES:
        file = folder / name
        if not file.is_file():
            raise Misconfigured(f"{file} is missing")
        if sha256(file) != manifest.files.get(name):
            raise Misconfigured(f"{file} is not the file that {MANIFEST} describes: its SHA-256 differs")
    return manifest
