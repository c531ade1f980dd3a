"""Trains the product classifier and writes its folder, all of it or nothing."""

import hashlib
import json
import textwrap
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.embedding.manifest import ONNX
from pipeline.folder import MANIFEST, replaced
from pipeline.hashing import sha256
from pipeline.products import table
from pipeline.products.classifier import suspects
from pipeline.products.classifier.develop import develop, figures
from pipeline.products.classifier.model import CANDIDATES, Candidate, Model, Texts
from pipeline.products.table import Product, Products
from pipeline.progress import Progress, silent
from services.common.errors import FailedPrecondition, InvalidInput, Violation
from services.embedding.encoder import Encoder
from services.embedding.products.classifier import ProductClassifier, unit
from services.embedding.products.manifest import (
    FILES,
    PRODUCTS,
    SUSPECTS,
    VOCABULARY,
    WEIGHTS,
    EncoderInfo,
    ProductManifest,
    TrainingData,
)

_LIBRARIES = ("cleanlab", "numpy", "scikit-learn", "scipy")
_PARITY = 1e-6
# Of a product's text, what a person needs to know it by.
_SHOWN_CHARACTERS = 240
_BATCH = 64


def text_of(product: Product) -> str:
    """What the classifier reads of a product: name, description, brand and specification in one text."""
    parts = (f"{product.name}. {product.description}", product.brand, product.specification)
    return " ".join(part for part in parts if part)


def train(
    file: Path,
    encoder: Encoder,
    out: Path,
    progress: Progress = silent,
    *,
    threshold: float = 0.5,
    candidates: Sequence[Candidate] = CANDIDATES,
    folds: int = 5,
    inner_folds: int = 3,
    seed: int = 0,
) -> ProductManifest:
    """Embeds, chooses, calibrates, judges, exports, compares with scikit-learn, and publishes a classifier's folder.

    Args:
        file: labelled products, as ``pipeline.products.table`` reads them.
        encoder: the embedding model that will serve.
        out: the folder to write; a classifier that is there is replaced once the new one is complete and compared.
        progress: hears of every step.
        threshold: probability (0..1) below which the answer is "don't know".
        candidates: what is chosen from.
        folds: of the outer cross-validation.
        inner_folds: of the inner one.
        seed: of all folds.

    Raises:
        InvalidInput: the file is at fault, ``threshold`` is out of range, or ``out`` holds something else.
        FailedPrecondition: what was exported does not answer as scikit-learn does.
    """
    if not 0 <= threshold <= 1:
        raise InvalidInput([Violation("threshold", f"must lie between 0 and 1, not {threshold:g}")])
    with replaced(out) as aside:
        products = table.read(file, least=folds * inner_folds)
        labels = np.array([product.category for product in products.rows])
        words = [text_of(product) for product in products.rows]
        texts = Texts.of(words, embed(encoder, words, progress))
        developed = develop(
            texts, labels, candidates=candidates, folds=folds, inner_folds=inner_folds, seed=seed, progress=progress
        )
        progress("Exporting", 0.0)
        metrics = figures(developed.held_out, labels, threshold)
        found = suspects.find(products.rows, labels, developed.held_out)
        suspects.write(aside / SUSPECTS, found)
        _write_model(aside, developed.model, products, texts)
        manifest = _manifest(aside, developed.model, products, encoder, threshold, metrics | {"suspects": len(found)})
        (aside / MANIFEST).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        _check_parity(ProductClassifier.load(aside), developed.model, texts)
        progress("Exporting", 1.0)
    return manifest


def embed(encoder: Encoder, texts: Sequence[str], progress: Progress) -> npt.NDArray[np.float32]:
    """Vectors of texts, shape (n, dimension)."""
    return in_blocks(lambda block: encoder.encode(block).vectors, texts, lambda done: progress("Embedding", done))


def in_blocks(
    encode: Callable[[Sequence[str]], npt.NDArray[np.float32]],
    texts: Sequence[str],
    told: Callable[[float], None],
) -> npt.NDArray[np.float32]:
    """Encodes texts a block at a time, longest first, and tells the share done (0..1) after each block."""
    order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
    vectors: dict[int, npt.NDArray[np.float32]] = {}
    for start in range(0, len(order), _BATCH):
        block = order[start : start + _BATCH]
        vectors.update(zip(block, encode([texts[place] for place in block]), strict=True))
        told(len(vectors) / len(order))
    return np.stack([vectors[place] for place in range(len(order))])


def _write_model(folder: Path, model: Model, products: Products, texts: Texts) -> None:
    terms: Sequence[str] = model.vectorizer.get_feature_names_out().tolist()
    (folder / VOCABULARY).write_text(json.dumps(terms, ensure_ascii=False), encoding="utf-8")
    rows = [
        {
            "id": product.identifier,
            "text": textwrap.shorten(text_of(product), _SHOWN_CHARACTERS, placeholder="…"),
            "label": product.category,
        }
        for product in products.rows
    ]
    (folder / PRODUCTS).write_text(json.dumps(rows, ensure_ascii=False, indent=0), encoding="utf-8")
    coefficients, intercepts = model.linear
    np.savez_compressed(
        folder / WEIGHTS,
        coefficients=coefficients,
        intercepts=intercepts,
        idf=model.vectorizer.idf_,
        vectors=unit(texts.vectors).astype(np.float32),
    )


def _manifest(
    folder: Path, model: Model, products: Products, encoder: Encoder, threshold: float, metrics: dict[str, float]
) -> ProductManifest:
    files = {name: sha256(folder / name) for name in FILES}
    now = datetime.now(UTC).replace(microsecond=0)
    content = [files, model.temperature, threshold, encoder.manifest.files[ONNX]]
    identity = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return ProductManifest(
        version=f"{now:%Y%m%dT%H%M%SZ}-{identity[:8]}",
        created_at=now.isoformat().replace("+00:00", "Z"),
        classes=products.categories,
        encoder=EncoderInfo(
            id=encoder.manifest.id, dimension=encoder.manifest.dimension, sha256=encoder.manifest.files[ONNX]
        ),
        vector_weight=model.candidate.weight,
        temperature=model.temperature,
        confidence_threshold=threshold,
        choice=str(model.candidate),
        metrics=metrics,
        training_data=TrainingData(sha256=products.sha256, rows=len(products.rows), synthetic=products.synthetic),
        libraries={name: version(name) for name in _LIBRARIES},
        files=files,
    )


def _check_parity(served: ProductClassifier, model: Model, texts: Texts) -> None:
    """Compares what would be served with scikit-learn on every training product."""
    given = served.probabilities([str(text) for text in texts.texts], texts.vectors)
    worst = float(np.abs(given - model.probabilities(texts)).max())
    if not worst <= _PARITY:
        raise FailedPrecondition(
            f"The exported classifier is not the trained one: probabilities differ by {worst:.2g}, at most "
            f"{_PARITY:g} is accepted. Nothing was published; check the versions of scikit-learn and numpy."
        )
