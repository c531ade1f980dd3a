"""Explains one publication by one model, into one folder, part by part; what was interrupted goes on where it ended."""

import asyncio
import fcntl
import shutil
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
from clairscore.portfolio.v1 import portfolio_pb2 as pb
from clairscore.portfolio.v1.portfolio_pb2_grpc import PortfolioServiceStub
from pydantic import ValidationError

from pipeline.features.store import ID
from services.common import tracing
from services.common.client import outgoing
from services.common.errors import ClairscoreError
from services.explain.explainer import Explainer
from services.explain.portfolio import build, drift, parts
from services.explain.portfolio.store import Complete, ExplainedPortfolio

# Clients in a part: what an interruption loses at most.
PART_ROWS = 16_384
# Clients explained before a cancellation is looked at: half a second of a large model.
_SLICE_ROWS = 1024
# Between two blocks of the portfolio service, in seconds.
_BLOCK_DEADLINE = 60.0
# Between two looks at a folder that another process works on, in seconds.
_LOOK_SECONDS = 1.0
_BEGUN = "begun.json"
_LOCK = ".lock"
_T = TypeVar("_T")


class Stopped(Exception):
    """The job was cancelled while a thread of it was working."""


class PortfolioJob:
    """One run, in the running event loop; computing is done in a thread."""

    def __init__(
        self,
        explainer: Explainer,
        portfolio: PortfolioServiceStub,
        root: Path,
        publication: pb.GetPublicationResponse,
        *,
        threads: int = 1,
        report: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Prepares a run.

        Args:
            explainer: explains with the model that the publication was made with.
            portfolio: where the clients are read from.
            root: the folder of all explanations; made when it is not there.
            publication: the live one.
            threads: threads that explain.
            report: told how many clients are explained, whenever there are more.
        """
        self._explainer = explainer
        self._portfolio = portfolio
        self._root = root
        self._about = build.about(explainer, publication.publication, publication.clients)
        self._folder = root / f"{self._about.model_version}-{self._about.publication}"
        self._threads = threads
        self._report = report
        self._stop = threading.Event()

    async def run(self) -> ExplainedPortfolio:
        """Explains what is not explained yet, and opens the result.

        Raises:
            Unavailable: the portfolio service does not answer.
            FailedPrecondition: another publication has become the live one.
            ClairscoreError: a client cannot be explained.
            OSError: the folder cannot be written.
        """
        with tracing.action("explain the portfolio"):
            return await self._run()

    async def _run(self) -> ExplainedPortfolio:
        while not self._is_complete:
            with _lock(self._root) as mine:
                if mine and not self._is_complete:
                    await self._explain()
            if not mine:
                self._report(sum(pq.read_metadata(file).num_rows for file in parts.files(self._folder)))
                await asyncio.sleep(_LOOK_SECONDS)
        self._report(self._about.clients)
        opened = await self._in_thread(ExplainedPortfolio, self._folder, self._explainer.model.dictionary)
        reference = self._explainer.reference
        drift.tell(*(await self._in_thread(opened.drift, reference) if reference else (0, ())))
        return opened

    @property
    def _is_complete(self) -> bool:
        return Complete.read(self._folder) == self._about

    async def _explain(self) -> None:
        self._begin()
        number, done, last_id = self._kept()
        self._report(done)
        async with aclosing(self._read(last_id)) as blocks:
            async for clients in blocks:
                await self._in_thread(self._write_part, number, done, clients)
                number, done = number + 1, done + clients.num_rows
        if done != self._about.clients:
            raise ClairscoreError(f"The publication has {self._about.clients} clients, but {done} were read.")
        await self._in_thread(self._complete)

    def _begin(self) -> None:
        """Leaves a folder with parts of this very job, or none."""
        begun = self._folder / _BEGUN
        try:
            same = Complete.model_validate_json(begun.read_bytes()) == self._about
        except (OSError, ValidationError):
            same = False
        if not same:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            begun.write_text(self._about.model_dump_json())

    def _kept(self) -> tuple[int, int, int]:
        """How many parts there are, of how many clients, and the last one's identifier; what is not whole goes."""
        done, last_id, kept = 0, 0, parts.files(self._folder)
        for number, file in enumerate(kept):
            try:
                ids = pq.read_table(file, columns=[ID])[ID]
            except (OSError, pa.ArrowInvalid):
                for broken in kept[number:]:
                    broken.unlink()
                return number, done, last_id
            done, last_id = done + len(ids), ids[-1].as_py()
        return len(kept), done, last_id

    async def _read(self, after: int) -> AsyncGenerator[pa.Table, None]:
        """Gives the clients of one part after the other, from the portfolio service."""
        request = pb.ReadColumnsRequest(
            columns=build.columns(self._explainer.model.dictionary),
            after_sk_id_curr=after,
            publication=self._about.publication,
        )
        buffer: list[pa.Table] = []
        with outgoing(self._portfolio.ReadColumns) as metadata:
            stream: Any = self._portfolio.ReadColumns(request, metadata=metadata)
            try:
                while True:
                    async with asyncio.timeout(_BLOCK_DEADLINE):
                        message = await stream.read()
                    if message is grpc.aio.EOF:
                        break
                    buffer.append(pa.ipc.open_stream(message.arrow).read_all())
                    while sum(block.num_rows for block in buffer) >= PART_ROWS:
                        clients = pa.concat_tables(buffer)
                        yield clients.slice(0, PART_ROWS)
                        buffer = [clients.slice(PART_ROWS)]
            finally:
                stream.cancel()
        rest = pa.concat_tables(buffer) if buffer else pa.table({})
        if rest.num_rows:
            yield rest

    def _write_part(self, number: int, done: int, clients: pa.Table) -> None:
        explained = []
        for start in range(0, clients.num_rows, _SLICE_ROWS):
            self._check()
            block = clients.slice(start, _SLICE_ROWS)
            explained.append(build.explain(self._explainer, block, threads=self._threads))
            self._report(done + start + block.num_rows)
        parts.write(self._folder, number, pa.concat_tables(explained).combine_chunks())

    def _complete(self) -> None:
        dictionary = self._explainer.model.dictionary
        build.complete(self._folder, dictionary, self._about, threads=self._threads, step=self._check)
        _remove_others(self._root, self._folder)

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped

    async def _in_thread(self, function: Callable[..., _T], *arguments: object) -> _T:
        """Runs a function in a thread. Cancelled, it ends with the thread: the folder is then nobody's any more."""
        work = asyncio.ensure_future(asyncio.to_thread(function, *arguments))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            self._stop.set()
            await asyncio.wait([work])
            with suppress(Exception):
                work.result()
            raise


@contextmanager
def _lock(root: Path) -> Iterator[bool]:
    """Holds the right to write below the folder, if nobody else does; the system gives it back after a kill."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _remove_others(root: Path, new: Path) -> None:
    """Keeps the new explanations and those before them, which calls may still be reading."""
    others = [folder for folder in root.iterdir() if folder.is_dir() and folder != new]
    complete = [folder for folder in others if Complete.read(folder) is not None]
    previous = max(complete, key=lambda folder: folder.stat().st_mtime, default=None)
    for folder in others:
        if folder != previous:
            shutil.rmtree(folder, ignore_errors=True)
