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
# Between two looks, after failures: twice as long each time, up to so many seconds.
_LONGEST_WAIT = 30.0
_DOUBLINGS = 10

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
        # Failures in a row.
        self._failed = 0

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
        try:
            while True:
                await self._look()
                wait = min(every * 2 ** min(self._failed, _DOUBLINGS), _LONGEST_WAIT)
                # The job's end is looked at when it comes.
                await asyncio.wait([self._job], timeout=wait) if self._job else await asyncio.sleep(wait)
        finally:
            await self._end_job()

    async def close(self) -> None:
        """Ends the connection."""
        await self._connection.close()

    async def _look(self) -> None:
        """Makes job and state follow what is live."""
        if not self._collect():
            # Tried again at the next look, which is further away.
            return
        try:
            publication = await call(self._connection.stub.GetPublication, pb.GetPublicationRequest())
        except FailedPrecondition as error:
            await self._want(None, error.message)
            return
        except ClairscoreError as error:
            # What is explained stays so; a job that needs the service fails by itself.
            self._failed += 1
            _log.warning("portfolio service does not answer", error=error.message)
            return
        explainer = self._explainer()
        version = explainer.manifest.version
        if publication.model_version != version:
            reason = f"The portfolio was published with model {publication.model_version}, but {version} is live."
            await self._want(None, reason)
            return
        await self._want((version, publication.publication), None)
        if self._opened is not None:
            self._failed = 0
        elif self._job is None:
            self._begin(explainer, publication)

    async def _want(self, wanted: tuple[str, str] | None, reason: str | None) -> None:
        """Takes note of model and publication to be explained, or why there are none; ends what is not wanted."""
        if wanted != self._wanted:
            await self._end_job()
            self._opened, self._state, self._done, self._clients = None, State.WAITING, 0, 0
        if wanted is None or wanted != self._wanted:
            self._failed = 0
        self._wanted, self._reason = wanted, reason

    def _begin(self, explainer: Explainer, publication: pb.GetPublicationResponse) -> None:
        self._state, self._clients = State.COMPUTING, publication.clients
        _clients.set(publication.clients)
        job = PortfolioJob(
            explainer,
            self._connection.stub,
            self._folder,
            publication,
            threads=self._threads,
            report=self._report,
        )
        self._job = asyncio.create_task(job.run())

    def _collect(self) -> bool:
        """Takes the result of a job that has ended; False: it failed."""
        job = self._job
        if job is None or not job.done():
            return True
        self._job = None
        try:
            self._opened = job.result()
        except FailedPrecondition:
            # Another publication came between: the look that follows finds it.
            return True
        except Exception as error:  # whatever it is, it must not end the following
            self._state = State.FAILED
            self._failed += 1
            _failures.inc()
            _log.error("portfolio not explained", error=str(error), exc_info=not isinstance(error, Unavailable))
            return False
        self._state, self._failed = State.READY, 0
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
