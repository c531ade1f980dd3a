"""What the service does, free of any transport: checks texts, embeds, classifies, searches."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.embedding.manifest import ONNX, EmbeddingManifest
from services.common.errors import InvalidInput, Misconfigured, ResourceExhausted, Violation
from services.common.live import LiveModel
from services.embedding.encoder import Embedded
from services.embedding.models import Models
from services.embedding.products.classifier import Classified, Neighbour, ProductClassifier
from services.embedding.products.manifest import ProductManifest

MOST_NEIGHBOURS = 20
MOST_FOUND = 100


class Followed(Protocol):
    """Keeps a live model up to date."""

    live: LiveModel[ProductClassifier]

    async def follow(self, every: float) -> None:
        """Looks every so many seconds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Products' categories, in the order of the texts, whether each text was cut off, and the classifier."""

    classified: Sequence[Classified]
    truncated: Sequence[bool]
    manifest: ProductManifest


class EmbeddingEngine:
    """The models and the live classifier behind ``async`` calls."""

    def __init__(self, models: Models, live: LiveModel[ProductClassifier], *, max_texts: int) -> None:
        self.models = models
        self.live = live
        self.max_texts = max_texts

    async def embed(
        self, model: str, texts: list[str], prompt: str | None = None
    ) -> tuple[EmbeddingManifest, Embedded]:
        """Embeds texts by the model of that id; an empty id is the default one.

        Raises:
            NotFound: there is no such model.
            InvalidInput: there are no texts, or one is empty; or the model has no such prompt.
            ResourceExhausted: too many texts, in the call or waiting.
        """
        manifest = self.models.manifest(model)
        self._check(texts)
        return manifest, await self.models.embed(manifest.id, texts, prompt)

    async def classify(self, texts: list[str], neighbours: int, version: str = "") -> Answer:
        """Classifies products by the live classifier, with so many labelled products as evidence for each.

        Raises:
            FailedPrecondition: there is no live classifier, or it has another version than the given one.
            InvalidInput: there are no texts, one is empty, or ``neighbours`` is out of range.
            ResourceExhausted: too many texts, in the call or waiting.
        """
        classifier = self.live.expected(version)
        self._check(texts)
        if neighbours > MOST_NEIGHBOURS:
            raise InvalidInput([Violation("neighbours", f"must be 0 to {MOST_NEIGHBOURS}, not {neighbours}")])
        embedded = await self.models.embed(classifier.manifest.encoder.id, texts)
        classified = await asyncio.to_thread(classifier.classify, texts, embedded.vectors, neighbours)
        return Answer(classified, embedded.truncated.tolist(), classifier.manifest)

    async def search(self, text: str, limit: int) -> tuple[Sequence[Neighbour], ProductManifest]:
        """Finds the labelled products most similar to a text, most similar first.

        Raises:
            FailedPrecondition: there is no live classifier.
            InvalidInput: the text is empty or ``limit`` out of range.
            ResourceExhausted: too many texts wait.
        """
        classifier = self.live.engine
        faults = [] if text.strip() else [Violation("text", "must not be empty")]
        if not 1 <= limit <= MOST_FOUND:
            faults.append(Violation("limit", f"must be 1 to {MOST_FOUND}, not {limit}"))
        if faults:
            raise InvalidInput(faults)
        embedded = await self.models.embed(classifier.manifest.encoder.id, [text])
        (found,) = await asyncio.to_thread(classifier.nearest, embedded.vectors, limit)
        return found, classifier.manifest

    def _check(self, texts: Sequence[str]) -> None:
        if not texts:
            raise InvalidInput([Violation("texts", "must hold at least one text")])
        if len(texts) > self.max_texts:
            raise ResourceExhausted(
                f"{len(texts)} texts in one message; send at most {self.max_texts}", max_texts=str(self.max_texts)
            )
        empty = [position for position, text in enumerate(texts) if not text.strip()]
        if empty:
            raise InvalidInput([Violation(f"texts[{position}]", "must not be empty") for position in empty])


def load_classifier(models: Models, folder: Path) -> ProductClassifier:
    """Reads and verifies a classifier whose embedding model is here.

    Raises:
        Misconfigured: a file is missing or changed, or the embedding model is not here; names it.
    """
    classifier = ProductClassifier.load(folder)
    needed = classifier.manifest.encoder
    found = models.found.get(needed.id)
    if found is None or found.manifest.files[ONNX] != needed.sha256:
        raise Misconfigured(
            f"classifier {classifier.manifest.version} was trained with the vectors of {needed.id} "
            f"({needed.sha256[:12]}), which is not among the exported models here: export it, or train again"
        )
    return classifier
