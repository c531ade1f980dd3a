"""Classifies products: a linear model over a text's vector and its words, with calibrated probabilities.

Also gives the labelled products nearest to a text, as evidence and as a search.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from services.common.errors import Misconfigured
from services.embedding.products import manifest as folders
from services.embedding.products.lexical import Lexicon
from services.embedding.products.manifest import PRODUCTS, VOCABULARY, WEIGHTS, ProductManifest

Vectors = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled product of the training file; ``similarity`` is the cosine with what was asked about, -1 to 1."""

    identifier: str
    text: str
    label: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Classified:
    """A product's category.

    Attributes:
        label: the most probable category, also where it is not confident.
        probability: of the label, calibrated, 0 to 1.
        confident: the probability reaches the threshold; otherwise the honest answer is "don't know".
        neighbours: labelled products, nearest first.
    """

    label: str
    probability: float
    confident: bool
    neighbours: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class Linear:
    """The model: ``coefficients`` of shape (classes, terms + dimension), words first, and ``intercepts`` (classes,)."""

    coefficients: npt.NDArray[np.float64]
    intercepts: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labelled:
    """The products that the model learned from; ``vectors`` of length 1, shape (products, dimension)."""

    identifiers: Sequence[str]
    texts: Sequence[str]
    labels: Sequence[str]
    vectors: npt.NDArray[np.float32]


class ProductClassifier:
    """One classifier. Safe to call from several threads at once."""

    def __init__(self, manifest: ProductManifest, lexicon: Lexicon, linear: Linear, labelled: Labelled) -> None:
        self.manifest = manifest
        self._lexicon = lexicon
        self._linear = linear
        self._labelled = labelled

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads and verifies a folder that ``clairscore train-products`` wrote.

        Raises:
            Misconfigured: a file is missing, changed or not what it should be; names it.
        """
        manifest = folders.load(folder)
        terms: list[str] = json.loads((folder / VOCABULARY).read_bytes())
        products: list[dict[str, str]] = json.loads((folder / PRODUCTS).read_bytes())
        with np.load(folder / WEIGHTS) as weights:
            lexicon = Lexicon({term: column for column, term in enumerate(terms)}, weights["idf"])
            linear = Linear(weights["coefficients"], weights["intercepts"])
            vectors = weights["vectors"]
        shape = (len(manifest.classes), len(terms) + manifest.encoder.dimension)
        if linear.coefficients.shape != shape:
            raise Misconfigured(
                f"{folder / WEIGHTS} has coefficients of shape {linear.coefficients.shape}, not {shape}"
            )
        labelled = Labelled(
            [product["id"] for product in products],
            [product["text"] for product in products],
            [product["label"] for product in products],
            vectors,
        )
        return cls(manifest, lexicon, linear, labelled)

    def classify(self, texts: Sequence[str], vectors: Vectors, neighbours: int = 3) -> list[Classified]:
        """Classifies products.

        Args:
            texts: name and description of each product in one text, with brand and specification where they are known.
            vectors: of the texts by the manifest's encoder, shape (texts, dimension).
            neighbours: labelled products to give with each.
        """
        probabilities = self.probabilities(texts, vectors)
        found = self.nearest(vectors, neighbours)
        best = probabilities.argmax(axis=1)
        return [
            Classified(
                self.manifest.classes[label],
                float(row[label]),
                bool(row[label] >= self.manifest.confidence_threshold),
                near,
            )
            for label, row, near in zip(best, probabilities, found, strict=True)
        ]

    def probabilities(self, texts: Sequence[str], vectors: Vectors) -> npt.NDArray[np.float64]:
        """Calibrated probabilities, shape (texts, classes), classes in the manifest's order; each row sums to 1."""
        terms = self._linear.coefficients.shape[1] - vectors.shape[1]
        words, dense = self._linear.coefficients[:, :terms], self._linear.coefficients[:, terms:]
        values = self.manifest.vector_weight * unit(vectors) @ dense.T + self._linear.intercepts
        for row, text in enumerate(texts):
            columns, weights = self._lexicon.weights(text)
            values[row] += words[:, columns] @ weights
        return softmax(values / self.manifest.temperature)

    def nearest(self, vectors: Vectors, count: int) -> list[tuple[Neighbour, ...]]:
        """The most similar labelled products of each vector, most similar first; ``vectors`` (texts, dimension)."""
        labelled = self._labelled
        cosines = unit(vectors) @ labelled.vectors.T.astype(np.float64)
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
        return [
            tuple(
                Neighbour(
                    labelled.identifiers[place],
                    labelled.texts[place],
                    labelled.labels[place],
                    float(np.clip(row[place], -1, 1)),
                )
                for place in places
            )
            for row, places in zip(cosines, order, strict=True)
        ]


def unit(vectors: Vectors) -> npt.NDArray[np.float64]:
    """Vectors scaled to length 1, shape (n, dimension); a vector of length 0 stays what it is."""
    exact = np.asarray(vectors, dtype=np.float64)
    length = np.linalg.norm(exact, axis=1, keepdims=True)
    scaled: npt.NDArray[np.float64] = exact / np.where(length > 0, length, 1.0)
    return scaled


def softmax(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probabilities from decision values, both of shape (n, classes)."""
    exponentials = np.exp(values - values.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float64] = exponentials / exponentials.sum(axis=1, keepdims=True)
    return shares
