"""Keeps the explanations of what is published, by the live model."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import structlog
from clairscore.portfolio.v1 import portfolio_pb2 as pb
from clairscore.portfolio.v1.portfolio_pb2_grpc import PortfolioServiceStub
from prometheus_client import Counter, Gauge

from services.common.client import Connection, call
from services.common.errors import ClairscoreError, FailedPrecondition, Unavailable
from services.explain.explainer import Explainer
from services.explain.portfolio.job import PortfolioJob
from services.explain.portfolio.store import ExplainedPortfolio

_RETRY_AFTER = 5.0
_LONGEST_WAIT = 60.0

_clients = Gauge("clairscore_explain_portfolio_clients", "Clients of the publication that is explained.")
_done = Gauge("clairscore_explain_portfolio_clients_done", "Clients of it that are explained.")
_failures = Counter("clairscore_explain_portfolio_failures", "Attempts to explain the portfolio that failed.")
_log = structlog.get_logger("explain.portfolio")


class State(StrEnum):
    """How far the explanations are."""

    WAITING = "waiting"
    COMPUTING = "computing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """``clients_done`` of ``clients`` are explained."""

    state: State
    clients_done: int = 0
    clients: int = 0

    @property
    def share(self) -> float:
        """What is done, 0..1."""
        if self.state is State.READY:
            return 1.0
        return self.clients_done / self.clients if self.clients else 0.0


class LivePortfolio:
    """Explains each new publication in the background, when the live model is the one that it was made with."""

    def __init__(self, explainer: Callable[[], Explainer], address: str, folder: Path, *, threads: int = 1) -> None:
        """Connects to nothing yet.

        Args:
            explainer: gives the live model's explainer.
            address: ``host:port`` of the portfolio service.
            folder: of the explanations.
            threads: threads that explain in the background.
        """
        self._explainer = explainer
        self._connection = Connection(address, PortfolioServiceStub)
        self._folder = folder
        self._threads = threads
        self._wanted: tuple[str, str] | None = None
        self._job: asyncio.Task[ExplainedPortfolio] | None = None
        self._opened: ExplainedPortfolio | None = None
        self._state, self._done, self._clients = State.WAITING, 0, 0
        # Why there is nothing to explain; None: the portfolio service has not been heard yet.
        self._reason: str | None = None

    @property
    def progress(self) -> Progress:
        """How far the explanations are."""
        return Progress(self._state, self._done, self._clients)

    def portfolio(self) -> ExplainedPortfolio:
        """Returns the explained portfolio.

        Raises:
            Unavailable: it is being computed (details: progress, 0..1), or the portfolio service was never heard.
            FailedPrecondition: nothing is published, or another model is live than the one that it was made with.
        """
        opened = self._opened
        if opened is not None and opened.about.model_version == self._explainer().manifest.version:
            return opened
        progress = f"{self.progress.share:.3f}"
        match self._state:
            case State.WAITING if self._reason is not None:
                raise FailedPrecondition(self._reason)
            case State.FAILED:
                message = "The portfolio could not be explained; it will be tried again."
            case _:
                message = "The portfolio is being explained; try again in a moment."
        raise Unavailable(message, retry_after=_RETRY_AFTER, progress=progress)

    async def follow(self, every: float) -> None:
        """Looks at what is live every so many seconds, more rarely after failures, until it is cancelled."""
        wait = every
        try:
            while True:
                wait = every if await self._look() else min(2 * wait, _LONGEST_WAIT)
                # The job's end is looked at when it comes.
                await asyncio.wait([self._job], timeout=wait) if self._job else await asyncio.sleep(wait)
        finally:
            await self._end_job()

    async def close(self) -> None:
        """Ends the connection."""
        await self._connection.close()

    async def _look(self) -> bool:
        """Makes job and state follow what is live; False: something failed."""
        try:
            publication = await call(self._connection.stub.GetPublication, pb.GetPublicationRequest())
        except FailedPrecondition as error:
            await self._want(None, error.message)
            return True
        except ClairscoreError as error:
            # What is explained stays so; a job that needs the service says itself that it fails.
            _log.warning("portfolio service does not answer", error=error.message)
            await self._collect()
            return False
        explainer = self._explainer()
        version = explainer.manifest.version
        if publication.model_version != version:
            reason = f"The portfolio was published with model {publication.model_version}, but {version} is live."
            await self._want(None, reason)
            return True
        wanted = version, publication.publication
        if wanted != self._wanted:
            await self._want(wanted, None)
            self._done, self._clients = 0, publication.clients
            _clients.set(publication.clients)
        healthy = await self._collect()
        if self._opened is None and self._job is None and healthy:
            self._begin(explainer, publication)
        return healthy

    async def _want(self, wanted: tuple[str, str] | None, reason: str | None) -> None:
        """Ends what is not wanted any more."""
        if wanted is None or wanted != self._wanted:
            await self._end_job()
            self._opened, self._state, self._done, self._clients = None, State.WAITING, 0, 0
        self._wanted, self._reason = wanted, reason

    def _begin(self, explainer: Explainer, publication: pb.GetPublicationResponse) -> None:
        self._state = State.COMPUTING
        job = PortfolioJob(
            explainer,
            self._connection.stub,
            self._folder,
            publication,
            threads=self._threads,
            report=self._report,
        )
        self._job = asyncio.create_task(job.run())

    async def _collect(self) -> bool:
        """Takes a job's result; False: it failed."""
        job = self._job
        if job is None or not job.done():
            return True
        self._job = None
        try:
            self._opened = job.result()
        except FailedPrecondition:
            # Another publication came between: the next look finds it.
            return True
        except Exception as error:  # whatever it is, it must not end the following
            self._state = State.FAILED
            _failures.inc()
            _log.error("portfolio not explained", error=str(error), exc_info=not isinstance(error, Unavailable))
            return False
        self._state = State.READY
        _log.info("portfolio explained", clients=self._clients, model_version=self._opened.about.model_version)
        return True

    async def _end_job(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await job

    def _report(self, done: int) -> None:
        self._done = done
        _done.set(done)
