"""Everything about one model, piece by piece."""

import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from pipeline.evaluation.result import Result
from pipeline.products.classifier.train import in_blocks
from pipeline.products.study import accuracy, clusters, contenders
from pipeline.products.study.accuracy import Labels
from pipeline.products.study.contenders import Contender, Vectors
from pipeline.products.study.corruption import truncated, typos
from pipeline.products.study.document import (
    Clusters,
    FewShot,
    Fields,
    Kind,
    Map,
    ModelResult,
    Projection,
    Protocol,
    Robustness,
    Settings,
    Speed,
    Validation,
)
from pipeline.products.study.pieces import Pieces
from pipeline.products.study.speed import resident, speed
from pipeline.products.table import Product
from pipeline.progress import Progress
from services.embedding.products.classifier import unit

# One letter in twenty is a bad day of a good typist.
_TYPO_RATE = 0.05
_WORDS_KEPT = 20
# The clock's own steps; a few short texts take less.
_LEAST_SECONDS = 1e-3


class About(Result):
    """What a model is; ``size`` and ``memory``, which loading it added to the process, in bytes."""

    name: str
    kind: Kind
    dimension: int
    source: str
    size: int
    memory: int


class Reading(Result):
    """What it took to read all descriptions: seconds of processor time of all threads, bytes of memory."""

    processor_seconds: float
    memory: int


_T = TypeVar("_T")


def conditions(products: Sequence[Product]) -> Mapping[str, list[str]]:
    """The texts of every condition, by its name."""
    described = [product.description for product in products]
    return {
        "description": described,
        "typos": [typos(text, _TYPO_RATE, 0) for text in described],
        "truncated": [truncated(text, _WORDS_KEPT) for text in described],
        "name": [product.name for product in products],
        "both": [f"{product.name}. {product.description}" for product in products],
    }


class Measurement:
    """Measures one model; a model whose pieces are all kept is never loaded."""

    def __init__(
        self,
        model: str,
        load: Callable[[], Contender],
        products: Sequence[Product],
        settings: Settings,
        pieces: Pieces,
        progress: Progress,
    ) -> None:
        self.name = model
        self._load = load
        self._texts = conditions(products)
        self._labels: Labels = np.array([product.category for product in products])
        self._settings = settings
        self._pieces = pieces
        self._progress = progress

    def result(self) -> ModelResult:
        """Everything about the model, from kept pieces where there are some.

        Raises:
            NotFound: its weights cannot be had here.
            Misconfigured: its weights are not what they should be.
        """
        about = self._piece("about", About, self._about)
        labels, settings = self._labels, self._settings
        reading = self._piece("reading", Reading, self._read_descriptions)
        inputs = {
            name: contenders.inputs(about.kind, texts, self._vectors(name)) for name, texts in self._texts.items()
        }
        described = inputs["description"]
        points = self._points(about.kind)
        space = points["description"]

        def estimator() -> Any:
            return contenders.estimator(about.kind)

        return ModelResult(
            name=about.name,
            kind=about.kind,
            dimension=about.dimension,
            source=about.source,
            protocol=self._piece("protocol", Protocol, lambda: accuracy.protocol(described, labels, estimator, space)),
            validation=self._piece(
                "validation",
                Validation,
                lambda: accuracy.validation(described, labels, estimator, settings, self._told("cross-validation")),
            ),
            clusters=tuple(
                found
                for fields, where in points.items()
                for name in clusters.SPACES
                for found in self._clusters(where, fields, name)
            ),
            few_shot=self._piece(
                "few shot",
                tuple[FewShot, ...],
                lambda: accuracy.few_shot(described, labels, estimator, settings, self._told("few labels")),
            ),
            robustness=self._piece(
                "robustness",
                tuple[Robustness, ...],
                lambda: accuracy.robustness(described, inputs, labels, estimator, settings, self._told("robustness")),
            ),
            speed=self._piece("speed", Speed, lambda: self._speed(about, reading, estimator().fit(described, labels))),
            maps=self._piece("maps", tuple[Map, ...], lambda: clusters.maps(space, self._told("maps"))),
        )

    def both(self) -> tuple[Sequence[str], Vectors]:
        """Names and descriptions as one text each, with their vectors."""
        return self._texts["both"], self._vectors("both")

    @cached_property
    def _contender(self) -> Contender:
        step = f"{self.name}: loading"
        self._progress(step, 0.0)
        contender = self._load()
        self._progress(step, 1.0)
        return contender

    def _about(self) -> About:
        before = resident()
        found = self._contender
        return About(
            name=found.name,
            kind=found.kind,
            dimension=found.dimension,
            source=found.source,
            size=found.bytes,
            memory=resident() - before,
        )

    def _read_descriptions(self) -> Reading:
        """Reads the descriptions without looking for kept vectors, for the time that it takes."""
        before, began = resident(), time.process_time()
        vectors = self._encode("description")
        took = time.process_time() - began
        self._pieces.keep_array(f"{self.name} vectors description", lambda: vectors)
        return Reading(processor_seconds=max(took, _LEAST_SECONDS), memory=resident() - before)

    def _encode(self, condition: str) -> Vectors:
        return in_blocks(self._contender.encode, self._texts[condition], self._told(f"reading, {condition}"))

    def _vectors(self, condition: str) -> Vectors:
        return self._pieces.keep_array(f"{self.name} vectors {condition}", lambda: self._encode(condition))

    def _points(self, kind: Kind) -> Mapping[Fields, Vectors]:
        """What groups are looked for in, each of shape (n, d)."""
        names: tuple[Fields, ...] = ("description", "both")
        points = {name: contenders.space(kind, self._texts[name], self._vectors(name)) for name in names}
        if kind != "lexical":
            points["mean"] = np.mean([unit(self._vectors(name)) for name in ("name", "description", "both")], axis=0)
        return points

    def _clusters(self, points: Vectors, fields: Fields, space: Projection) -> tuple[Clusters, ...]:
        return self._piece(
            f"clusters {fields} {space}",
            tuple[Clusters, ...],
            lambda: clusters.clusters(
                points, self._labels, fields, space, self._settings.seeds, self._told(f"clusters, {fields}, {space}")
            ),
        )

    def _speed(self, about: About, reading: Reading, fitted: Any) -> Speed:
        def answer(text: str) -> object:
            return fitted.predict(contenders.inputs(about.kind, [text], self._contender.encode([text])))

        texts, took, size = self._texts["description"], reading.processor_seconds, about.size
        if about.kind == "lexical":
            # Its reading is a part of its classifier, and so is its size.
            began = time.process_time()
            fitted.predict(contenders.inputs(about.kind, texts, self._vectors("description")))
            took = max(time.process_time() - began, _LEAST_SECONDS)
            size = len(pickle.dumps(fitted))
        return speed(
            answer,
            texts,
            processor_seconds=took,
            memory=about.memory + reading.memory,
            size=size,
            settings=self._settings,
        )

    def _piece(self, name: str, kind: Any, make: Callable[[], _T]) -> _T:
        return self._pieces.keep(f"{self.name} {name}", kind, make)

    def _told(self, step: str) -> Callable[[float], None]:
        return lambda done: self._progress(f"{self.name}: {step}", done)
