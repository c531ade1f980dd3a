"""The page that classifies products: what it was given, how far it is, what came out. Knows nothing of Panel."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from frontend.clients.products import Classified, Classifier
from frontend.clients.services import Services
from frontend.clients.types import Service
from frontend.page_session import PageSession, PageView
from frontend.products.reading import ProductText
from frontend.remote import NOT_ASKED, Failed, LatestCall, Ready, Remote
from services.common.errors import (
    ClairscoreError,
    DeadlineExceeded,
    FailedPrecondition,
    ResourceExhausted,
    Unavailable,
    Violation,
)

# Products of one call: about a second of work, so that progress is seen.
_BLOCK = 32
_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Job:
    """Products on their way through the classifier of ``version``; ``done`` are the first ones' categories.

    ``source`` is the file's name, empty for a pasted text.
    """

    source: str
    products: Sequence[ProductText]
    done: Sequence[Classified] = ()
    version: str = ""
    running: bool = True

    @property
    def complete(self) -> bool:
        """Whether every product has its category."""
        return len(self.done) == len(self.products)

    @property
    def unknown(self) -> int:
        """How many the classifier does not know."""
        return sum(not one.confident for one in self.done)


@dataclass(frozen=True, slots=True)
class ProductsView(PageView):
    """Everything that the page shows at one moment; ``faults`` are those of what was last given, in words.

    ``blocked`` is failed while the job waits for the service, and when it was given up.
    """

    classifier: Remote[Classifier] = NOT_ASKED
    job: Job | None = None
    blocked: Remote[object] = NOT_ASKED
    faults: Sequence[Violation] = ()

    @property
    def waits(self) -> Mapping[Service, Sequence[Remote[object]]]:
        """The services that the page needs, each with what it waits for."""
        return {Service.EMBEDDING: (self.classifier, self.blocked)}


class ProductsSession(PageSession[ProductsView]):
    """One open page."""

    def __init__(self, services: Services) -> None:
        super().__init__(services, ProductsView())
        self._calls_classifier: LatestCall[Classifier] = self._call(lambda value: self._set(classifier=value))
        self._work: asyncio.Task[None] | None = None

    def start(self, arguments: Mapping[str, str]) -> None:
        """Begins to ask, in the running event loop."""
        super().start(arguments)
        self._calls_classifier.start(self._services.products.classifier)

    def choose(self, choice: str) -> None:
        """Keeps the client for the other pages."""
        self._set(choice=choice)

    def close(self) -> None:
        """Gives up every call; the page is gone."""
        super().close()
        self._give_up()

    def refuse(self, faults: Sequence[Violation]) -> None:
        """Shows what is wrong with what was given; a job under way goes on."""
        self._set(faults=tuple(faults))

    def classify(self, products: Sequence[ProductText], source: str = "") -> None:
        """Classifies products, one block after the other; a job under way is given up."""
        self._give_up()
        self._set(job=Job(source, tuple(products)), blocked=NOT_ASKED, faults=())
        self._work = asyncio.create_task(self._classify(products, source))

    def stop(self) -> None:
        """Ends the job; what it has found stays."""
        self._give_up()
        job = self.view.job
        if job is not None and job.running:
            self._set(job=Job(job.source, job.products, job.done, job.version, running=False), blocked=NOT_ASKED)

    def _give_up(self) -> None:
        if self._work is not None:
            self._work.cancel()
            self._work = None

    async def _classify(self, products: Sequence[ProductText], source: str) -> None:
        done: list[Classified] = []
        version = ""
        while len(done) < len(products):
            texts = [product.text for product in products[len(done) : len(done) + _BLOCK]]
            try:
                found, version = await self._services.products.classify(texts, version)
            except FailedPrecondition as error:
                # Another classifier went live meanwhile: all products are to be classified by one and the same.
                if version:
                    done, version = [], ""
                    continue
                await self._wait(error, _RETRY_SECONDS)
            except ResourceExhausted as error:
                if error.retry_after is None:
                    self._fail(error)
                    return
                await self._wait(error, error.retry_after)
            except (Unavailable, DeadlineExceeded) as error:
                await self._wait(error, _RETRY_SECONDS)
            except ClairscoreError as error:
                self._fail(error)
                return
            else:
                done.extend(found)
                running = len(done) < len(products)
                job = Job(source, tuple(products), tuple(done), version, running)
                self._set(job=job, blocked=NOT_ASKED)
        known = self.view.classifier
        if isinstance(known, Ready) and known.value.version != version:
            self._calls_classifier.renew(known, self._services.products.classifier)

    async def _wait(self, error: ClairscoreError, seconds: float) -> None:
        self._set(blocked=Failed(error))
        await asyncio.sleep(seconds)

    def _fail(self, error: ClairscoreError) -> None:
        job = self.view.job
        if job is not None:
            self._set(job=Job(job.source, job.products, job.done, job.version, running=False), blocked=Failed(error))

    def _back(self, service: Service) -> None:
        super()._back(service)
        if service is Service.EMBEDDING:
            self._calls_classifier.renew(self.view.classifier, self._services.products.classifier)
