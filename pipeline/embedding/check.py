"""Whether an exported graph gives the vectors that sentence-transformers gives."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from pipeline.embedding.manifest import Agreement, EmbeddingManifest, Precision
from pipeline.progress import Progress, silent
from services.embedding.encoder import Encoder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Every text of FP32 must reach this cosine, INT8 its own on average.
FP32_LEAST_COSINE = 0.9999
INT8_MEAN_COSINE = 0.99

_PRODUCTS = (
    "Cotton bath towel, 500 GSM, 70 x 140 cm, pack of 2, blue",
    "Analog watch for men with a leather strap, water resistant to 30 m. Warranty: 1 year, international.",
    "USB 3.0 cable, 1.5 m",
    "Baby girl's A-line dress, printed, 100 % cotton; wash separately in cold water, do not bleach.",
    "Key Features of Ceramic Coffee Mug: microwave safe, 330 ml, Price: Rs. 349. A gift for your friends & family!",
    "Crème hydratante visage à l'aloe vera, peaux sèches, 50 ml, sans paraben",
    "Polyester curtain, eyelet, 213 cm in height, maroon, pack of 2: brightens your room and keeps out the light",
    "Jouet d'éveil en bois, dès 12 mois (norme EN 71), livré sans piles",
    "SSD 1 TB NVMe, 3,500 MB/s read; heat-sink included",
    "lunch box",
    "スマートフォンケース – TPU, 6.1″",
    "Sewing machine w/ 19 built-in stitches\n\nSpecifications:\n\tVoltage\t230 V\n\tWeight\t5.2 kg",
)


def _texts() -> tuple[str, ...]:
    """Each alone, and the first two, three, … of them in one: up to beyond what a model reads."""
    longer = [" ".join(_PRODUCTS[:count]) for count in range(2, len(_PRODUCTS) + 1)]
    return (*_PRODUCTS, *longer, " ".join(_PRODUCTS * 5))


TEXTS = _texts()


@dataclass(frozen=True, slots=True)
class Reference:
    """What sentence-transformers makes of ``TEXTS``, shape (texts, dimension)."""

    vectors: npt.NDArray[np.float32]

    @classmethod
    def of(cls, model: "SentenceTransformer", progress: Progress = silent) -> Self:
        """Asks the model, in batches so that progress shows."""
        step, batch = "asking sentence-transformers", 8
        progress(step, 0)
        parts = []
        for start in range(0, len(TEXTS), batch):
            parts.append(model.encode(list(TEXTS[start : start + batch]), show_progress_bar=False))
            progress(step, min(1.0, (start + batch) / len(TEXTS)))
        return cls(np.concatenate(parts))


def compare(folder: Path, manifest: EmbeddingManifest, reference: Reference) -> Agreement:
    """Cosines between the vectors of an exported graph and the reference's."""
    vectors = Encoder.of(folder, manifest).encode(TEXTS).vectors
    cosine = np.sum(vectors * reference.vectors, axis=1, dtype=np.float64) / (
        np.linalg.norm(vectors.astype(np.float64), axis=1)
        * np.linalg.norm(reference.vectors.astype(np.float64), axis=1)
    )
    return Agreement(texts=len(TEXTS), mean_cosine=float(cosine.mean()), least_cosine=float(cosine.min()))


def agrees(agreement: Agreement, precision: Precision) -> bool:
    """Whether it is close enough to be kept."""
    if precision is Precision.FP32:
        return agreement.least_cosine >= FP32_LEAST_COSINE
    return agreement.mean_cosine >= INT8_MEAN_COSINE
