"""The manifest of a product classifier: classes, encoder, calibration, confidence, figures, hashes of the files.

A classifier's folder holds ``manifest.json``, ``weights.npz`` (linear model, inverse document frequencies, vectors of
the labelled products), ``vocabulary.json``, ``products.json`` (the labelled products) and ``suspects.csv`` (labels that
look wrong). Loading checks every hash.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.folder import MANIFEST
from pipeline.registry.folder import verify
from services.common.errors import Misconfigured

WEIGHTS = "weights.npz"
VOCABULARY = "vocabulary.json"
PRODUCTS = "products.json"
SUSPECTS = "suspects.csv"
FILES = (WEIGHTS, VOCABULARY, PRODUCTS, SUSPECTS)


class EncoderInfo(BaseModel):
    """The embedding model that the vectors come from."""

    model_config = ConfigDict(frozen=True)

    # Name and precision: "all-MiniLM-L6-v2/fp32".
    id: str
    dimension: int = Field(gt=0)
    # SHA-256 of its ONNX file.
    sha256: str


class TrainingData(BaseModel):
    """What the classifier was trained on."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    rows: int
    synthetic: bool


class ProductManifest(BaseModel):
    """Everything that a reader of the classifier must know."""

    model_config = ConfigDict(frozen=True)

    version: str
    # RFC 3339, UTC.
    created_at: str
    classes: tuple[str, ...] = Field(min_length=2)
    encoder: EncoderInfo
    # What a text's vector of length 1 is multiplied by, beside its word weights of length 1.
    vector_weight: float = Field(gt=0)
    # What decision values are divided by before they become probabilities.
    temperature: float = Field(gt=0)
    # Probability below which the answer is "don't know".
    confidence_threshold: float = Field(ge=0, le=1)
    # What was chosen in cross-validation: "svm C=1", …
    choice: str
    # Figures by name; ``x_low`` and ``x_high`` are the limits of the 95 % interval of ``x``.
    metrics: dict[str, float]
    training_data: TrainingData
    libraries: dict[str, str]
    # SHA-256 by file name.
    files: dict[str, str]

    @property
    def feature_contract(self) -> str:
        """What the classifier must be given: the vectors of this encoder."""
        return f"{self.encoder.id}@{self.encoder.sha256[:16]}"


def load(folder: Path) -> ProductManifest:
    """Reads and verifies a classifier's folder.

    Raises:
        Misconfigured: a file is missing, unreadable, or not the one that the manifest describes; names it.
    """
    try:
        manifest = ProductManifest.model_validate_json((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise Misconfigured(f"{folder / MANIFEST} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        fault = error.errors()[0]
        raise Misconfigured(
            f"{folder / MANIFEST} is not the manifest of a product classifier: "
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
        ) from error
    verify(folder, {**dict.fromkeys(FILES, ""), **manifest.files})
    return manifest
