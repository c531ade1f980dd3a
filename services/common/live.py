"""Which model answers, and how another one takes its place while calls are being answered."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import structlog
from prometheus_client import Counter, Info
from pydantic import Field

from pipeline.registry.registry import Live, Registry, plain_folder
from services.common.errors import FailedPrecondition, Misconfigured
from services.common.settings import ServiceSettings

_log = structlog.get_logger("live")

_model = Info("clairscore_model", "The model that answers.")
_load_failures = Counter("clairscore_model_load_failures", "Attempts to load a newly published model that failed.")


class ModelSettings(ServiceSettings):
    """The shared settings of a service that answers with a model, and where the model is."""

    # A registry (a folder or a URL), whose live version is followed; or the folder of one model.
    model_dir: str = "var/models"
    # Copies of the versions of a registry that is not on this machine; may be emptied at any time.
    cache_dir: Path = Path("var/cache")
    # Seconds between two looks at the registry's pointer.
    model_poll_seconds: float = Field(default=2.0, gt=0)


class Manifest(Protocol):
    """What the manifests of all kinds of models say."""

    @property
    def version(self) -> str:
        """The model's version."""

    @property
    def feature_contract(self) -> str:
        """What the model is given."""


class Engine(Protocol):
    """What answers with one model."""

    @property
    def manifest(self) -> Manifest:
        """The model's manifest."""


E = TypeVar("E", bound=Engine)


class LiveModel(Generic[E]):
    """Holds the engine of the live model. A call takes it once, and keeps it to its end whatever follows."""

    def __init__(self, engine: E | None, absent: str = "") -> None:
        """``absent`` is said as long as there is no engine: what to do to have one."""
        self._engine = engine
        self._absent = absent
        if engine is not None:
            self.replace(engine)

    @property
    def engine(self) -> E:
        """The engine that answers a call that begins now.

        Raises:
            FailedPrecondition: no model has been published yet.
        """
        if self._engine is None:
            raise FailedPrecondition(self._absent)
        return self._engine

    def expected(self, version: str) -> E:
        """As ``engine``, for a caller who expects that model version; an empty one is any.

        Raises:
            FailedPrecondition: another version is live.
        """
        engine = self.engine
        live = engine.manifest.version
        if version and version != live:
            raise FailedPrecondition(f"model version {version!r} is not live, {live!r} is", live_version=live)
        return engine

    @property
    def version(self) -> str | None:
        """The version that is live; None: none yet."""
        return None if self._engine is None else self._engine.manifest.version

    def replace(self, engine: E) -> None:
        """Lets another engine answer from now on; the former one goes when its last call has ended."""
        self._engine = engine
        _model.info({"version": engine.manifest.version})


class FixedModel(Generic[E]):
    """``live`` is the model of one folder, for good."""

    def __init__(self, engine: E) -> None:
        self.live = LiveModel(engine)

    async def follow(self, every: float) -> None:
        """There is nothing to follow."""


class RegistryFollower(Generic[E]):
    """Keeps ``live`` at the version that a registry points to, as long as that version can be served."""

    def __init__(self, registry: Registry, load: Callable[[Path], E], absent: str | None = None) -> None:
        """Loads the live version.

        Args:
            registry: the registry to follow.
            load: makes an engine, ready to answer, from a verified model folder.
            absent: what callers are told as long as nothing is live; None: without a model there is no start.

        Raises:
            Misconfigured: nothing is live and something must be, or what is live cannot be served; names the file.
            Unavailable: the registry does not answer.
        """
        self._registry = registry
        self._load = load
        pointer = registry.live()
        if pointer is None and absent is None:
            raise Misconfigured(
                f"{registry.location} has no live model: run `clairscore publish`, "
                "or name a model folder in CLAIRSCORE_MODEL_DIR"
            )
        self.live = LiveModel(None if pointer is None else self._open(pointer), absent or "")
        # What need not be looked at again: served, or refused for good.
        self._settled = pointer
        self._answering = True

    async def follow(self, every: float) -> None:
        """Looks at the pointer every so many seconds, until it is cancelled."""
        while True:
            await asyncio.sleep(every)
            await self.look()

    async def look(self) -> None:
        """Serves what the registry points to now. A version that cannot be served is refused: the old one goes on."""
        pointer = await self._read()
        if pointer is None or pointer == self._settled:
            return
        try:
            engine = await asyncio.to_thread(self._open, pointer)
        except Misconfigured as error:
            # It stays wrong: the next look is at the next pointer.
            self._settled = pointer
            self._refuse(pointer, error)
        except Exception as error:  # whatever it is, it must not end the following
            self._refuse(pointer, error)
        else:
            self._settled = pointer
            former = self.live.version
            self.live.replace(engine)
            _log.info("model switched", version=pointer.version, former=former)

    async def _read(self) -> Live | None:
        try:
            pointer = await asyncio.to_thread(self._registry.live)
        except Exception as error:  # storage of any kind may fail in any way, and be back at the next look
            if self._answering:
                _log.error("registry unreadable", error=str(error), serving=self.live.version)
            self._answering = False
            return None
        self._answering = True
        return pointer

    def _refuse(self, pointer: Live, error: Exception) -> None:
        _load_failures.inc()
        _log.error("model refused", version=pointer.version, error=str(error), serving=self.live.version)

    def _open(self, pointer: Live) -> E:
        engine = self._load(self._registry.folder(pointer.version))
        if engine.manifest.version != pointer.version:
            raise Misconfigured(f"{self._registry.location}/{pointer.version} holds version {engine.manifest.version}")
        if engine.manifest.feature_contract != pointer.feature_contract:
            raise Misconfigured(
                f"model {pointer.version} has another feature contract than it was published for: publish it again"
            )
        return engine


def follower(settings: ModelSettings, load: Callable[[Path], E]) -> FixedModel[E] | RegistryFollower[E]:
    """Loads the model that the settings name, to be followed where it can change.

    Raises:
        Misconfigured: the registry or the model folder is missing, corrupt or foreign; names the file.
        Unavailable: the registry does not answer.
    """
    folder = plain_folder(settings.model_dir)
    if folder is not None:
        return FixedModel(load(folder))
    return RegistryFollower(Registry(settings.model_dir, settings.cache_dir), load)
