"""The exported models that are on this machine, each loaded when it is first asked for."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.embedding import manifest as exported
from pipeline.embedding.manifest import MANIFEST, ONNX, EmbeddingManifest
from services.common.errors import InvalidInput, Misconfigured, NotFound, Violation
from services.embedding.encoder import Embedded, Encoder
from services.embedding.gathering import Gatherer
from services.embedding.settings import EmbeddingSettings


@dataclass(frozen=True, slots=True)
class Found:
    """An exported model's folder and what it says of itself."""

    folder: Path
    manifest: EmbeddingManifest

    @property
    def bytes(self) -> int:
        """Size of its graph."""
        return (self.folder / ONNX).stat().st_size


class Models:
    """All exported models of a folder, by id. To be used in one event loop."""

    def __init__(self, settings: EmbeddingSettings, pool: Executor) -> None:
        """Verifies every model of the folder and loads the default one.

        Raises:
            Misconfigured: the default model is not there, or a model's folder is damaged; names what.
        """
        self._settings = settings
        self._pool = pool
        self.found: Mapping[str, Found] = {one.manifest.id: one for one in _find(settings.embedding_dir)}
        self.default = settings.embedding_model
        if self.default not in self.found:
            name = self.default.partition("/")[0]
            raise Misconfigured(
                f"{settings.embedding_dir} has no exported model {self.default}: run `clairscore export-embedding "
                f"{name}`, or name another one in CLAIRSCORE_EMBEDDING_MODEL"
            )
        self._loading = asyncio.Lock()
        self._loaded = {self.default: self._load(self.found[self.default])}

    def manifest(self, model: str) -> EmbeddingManifest:
        """The manifest of a model; an empty id is the default one.

        Raises:
            NotFound: there is no such model; names those that there are.
        """
        found = self.found.get(model or self.default)
        if found is None:
            known = ", ".join(sorted(self.found))
            raise NotFound(f"there is no model {model!r}; there are: {known}", models=known)
        return found.manifest

    async def embed(self, model: str, texts: list[str], prompt: str | None = None) -> Embedded:
        """Embeds texts together with those of concurrent calls.

        Args:
            model: id; empty: the default one.
            texts: one or more.
            prompt: kind of text whose prefix is put before each; None: the model's default.

        Raises:
            NotFound: there is no such model.
            InvalidInput: the model has no such prompt.
            ResourceExhausted: too many texts wait already.
        """
        manifest = self.manifest(model)
        if prompt is not None and prompt not in manifest.prompts:
            kinds = ", ".join(sorted(manifest.prompts)) or "no kinds of text"
            raise InvalidInput([Violation("prompt", f"{manifest.id} knows {kinds}, not {prompt!r}")])
        encoder, gatherer = await self._get(manifest.id)
        prefix = encoder.prefix(prompt)
        return await gatherer.embed([prefix + text for text in texts])

    async def _get(self, model: str) -> tuple[Encoder, Gatherer]:
        async with self._loading:
            if model not in self._loaded:
                load = partial(self._load, self.found[model])
                self._loaded[model] = await asyncio.get_running_loop().run_in_executor(self._pool, load)
            return self._loaded[model]

    def _load(self, found: Found) -> tuple[Encoder, Gatherer]:
        settings = self._settings
        encoder = Encoder.of(found.folder, found.manifest, threads=settings.threads)
        gatherer = Gatherer(
            encoder.embed,
            self._pool,
            gather_seconds=settings.gather_milliseconds / 1000,
            round_texts=settings.round_texts,
            max_waiting=settings.max_waiting_texts,
        )
        return encoder, gatherer


def _find(folder: Path) -> list[Found]:
    places = sorted(file.parent for file in folder.glob(f"*/*/{MANIFEST}"))
    return [Found(place, exported.load(place)) for place in places]
