"""How fast texts become vectors, beside sentence-transformers: `python -m benchmarks.embedding --products FILE`.

Same texts, same threads, in turns, the best turn of each: `SentenceTransformer.encode` in the batch size that suits
it best, our runtime in process, our service over loopback, and a static model distilled from the same weights. Then
what is left of the quality: accuracy on the split of the study, and agreement (ARI) of 7 clusters with the
categories, on the study's one t-SNE map and, less by chance, on the vectors themselves (median of 10 seeds). bert-
base-uncased is measured with random weights: its speed does not depend on them.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import numpy as np
import numpy.typing as npt
import psutil
import torch
from clairscore.embedding.v1.embedding_pb2 import StreamEmbedRequest
from clairscore.embedding.v1.embedding_pb2_grpc import EmbeddingServiceStub
from rich.console import Console
from rich.table import Table
from sentence_transformers import SentenceTransformer
from sklearn.linear_model import LogisticRegression
from transformers import BertConfig, BertModel

from benchmarks.servers import serving
from pipeline.embedding.export import export
from pipeline.embedding.sources import Source, resolve
from pipeline.products import table
from pipeline.products.study.accuracy import protocol
from pipeline.products.study.clusters import clusters
from pipeline.products.study.static import distil
from services.embedding.encoder import Encoder

Vectors = npt.NDArray[np.float32]

_MINILM = "all-MiniLM-L6-v2"
_BATCH_SIZES = (8, 16, 32, 64)
_SAMPLE = 128
_BLOCK = 500
_START_SECONDS = 60
_SEEDS = 10

_console = Console(width=110)


@dataclass
class Contender:
    """One way to embed, the seconds of each turn by the clock and of all cores, and the vectors of the last one."""

    name: str
    encode: Callable[[], Vectors]
    seconds: list[float] = field(default_factory=list)
    cores: list[float] = field(default_factory=list)
    vectors: Vectors | None = None

    def take_turn(self) -> None:
        """Embeds once, and takes the time."""
        started, before = time.perf_counter(), _cores()
        self.vectors = np.asarray(self.encode())
        self.seconds.append(time.perf_counter() - started)
        self.cores.append(_cores() - before)


def main() -> None:
    """Exports, measures, prints the speeds, then the quality."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--products", type=Path, required=True, help="CSV file of labelled products")
    parser.add_argument("--threads", type=int, default=2, help="threads of every contender")
    parser.add_argument("--rounds", type=int, default=2, help="turns of every contender")
    parser.add_argument("--bert-texts", type=int, default=100, help="texts for bert-base-uncased; 0: not measured")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    # The messages of the libraries about loading.
    logging.disable(logging.WARNING)
    products = table.read(arguments.products)
    texts = [product.description for product in products.rows]
    labels = np.array([product.category for product in products.rows])
    with tempfile.TemporaryDirectory() as scratch:
        _minilm(Path(scratch), texts, labels, arguments)
        if arguments.bert_texts:
            _bert(Path(scratch), texts[: arguments.bert_texts], arguments)


def _minilm(folder: Path, texts: Sequence[str], labels: npt.NDArray[np.str_], arguments: argparse.Namespace) -> None:
    source = resolve(_MINILM)
    contenders, models = _in_process(folder, source, texts, arguments.threads)
    static = distil(source.folder)
    contenders.append(Contender("static, 256 numbers, model2vec", lambda: static.encode(list(texts))))
    env = {"CLAIRSCORE_EMBEDDING_DIR": str(models), "CLAIRSCORE_THREADS": str(arguments.threads)}
    with serving("embedding", env) as port:
        for precision in ("fp32", "int8"):
            contenders.append(
                Contender(f"our service over gRPC, {precision}", _asking(port, f"{_MINILM}/{precision}", texts))
            )
        _turns(contenders, arguments.rounds)
    title = f"{_MINILM}: {len(texts):,} texts, {arguments.threads} threads, best of {arguments.rounds} turns"
    _console.print(_speeds(title, contenders, len(texts)))
    _console.print(_quality(contenders, labels))


def _bert(folder: Path, texts: Sequence[str], arguments: argparse.Namespace) -> None:
    weights = folder / "bert-base-uncased-random"
    tokenizer = SentenceTransformer(str(resolve(_MINILM).folder), device="cpu").tokenizer
    torch.manual_seed(0)
    BertModel(BertConfig()).save_pretrained(weights)
    # Both read the same vocabulary.
    tokenizer.model_max_length = BertConfig().max_position_embeddings
    tokenizer.save_pretrained(weights)
    contenders, _models = _in_process(folder, resolve(str(weights)), texts, arguments.threads)
    _turns(contenders, arguments.rounds)
    title = f"bert-base-uncased with random weights: {len(texts):,} texts, {arguments.threads} threads"
    _console.print(_speeds(title, contenders, len(texts)))


def _in_process(folder: Path, source: Source, texts: Sequence[str], threads: int) -> tuple[list[Contender], Path]:
    """sentence-transformers and our runtime with the same weights; and the folder of the exported models."""
    model = SentenceTransformer(str(source.folder), device="cpu")
    size = _best_batch_size(model, texts[:_SAMPLE])
    contenders = [
        Contender(
            f"SentenceTransformer.encode, batches of {size}",
            lambda: model.encode(list(texts), batch_size=size, show_progress_bar=False),
        )
    ]
    models = folder / "models"
    for one in export(source, models):
        if one.folder is None:
            _console.print(f"{source.name} {one.precision}: mean cosine {one.agreement.mean_cosine:.4f}, not kept")
            continue
        encoder = Encoder.load(one.folder, threads=threads)
        contenders.append(
            Contender(f"our runtime in process, {one.precision}", lambda encoder=encoder: encoder.encode(texts).vectors)
        )
    return contenders, models


def _best_batch_size(model: SentenceTransformer, texts: Sequence[str]) -> int:
    """The size that takes the least processor time, which other work on the machine does not lengthen."""
    seconds = {}
    for size in _BATCH_SIZES:
        started = time.process_time()
        model.encode(list(texts), batch_size=size, show_progress_bar=False)
        seconds[size] = time.process_time() - started
    return min(seconds, key=seconds.__getitem__)


def _asking(port: int, model: str, texts: Sequence[str]) -> Callable[[], Vectors]:
    async def ask() -> Vectors:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            await asyncio.wait_for(channel.channel_ready(), _START_SECONDS)
            stub = EmbeddingServiceStub(channel)  # type: ignore[no-untyped-call]
            blocks = [texts[start : start + _BLOCK] for start in range(0, len(texts), _BLOCK)]
            answers = stub.StreamEmbed(iter([StreamEmbedRequest(model=model, texts=block) for block in blocks]))
            parts = [np.array(one.values, dtype=np.float32).reshape(-1, one.dimension) async for one in answers]
        return np.concatenate(parts)

    return lambda: asyncio.run(ask())


def _cores() -> float:
    """Seconds that all cores have worked for this process and the services that it started."""
    here = psutil.Process()
    return sum(sum(one.cpu_times()[:2]) for one in (here, *here.children(recursive=True)))


def _turns(contenders: Sequence[Contender], rounds: int) -> None:
    for turn in range(rounds):
        for contender in contenders:
            with _console.status(f"turn {turn + 1} of {rounds}: {contender.name}"):
                contender.take_turn()


def _speeds(title: str, contenders: Sequence[Contender], count: int) -> Table:
    result = Table("", title=title)
    for header in ("documents/s", "times", "core seconds"):
        result.add_column(header, justify="right")
    first = min(contenders[0].seconds)
    for contender in contenders:
        best = min(contender.seconds)
        result.add_row(contender.name, f"{count / best:,.0f}", f"{first / best:.1f}", f"{min(contender.cores):.1f}")
    return result


def _quality(contenders: Sequence[Contender], labels: npt.NDArray[np.str_]) -> Table:
    result = Table("", title="What is left of the quality")
    for header in ("accuracy", "ARI, t-SNE map", "ARI, vectors"):
        result.add_column(header, justify="right")
    for contender in contenders:
        if contender.vectors is None:
            continue
        with _console.status(f"judging {contender.name}"):
            found = protocol(contender.vectors, labels, lambda: LogisticRegression(max_iter=1000), contender.vectors)
            by_k_means, _by_ward = clusters(contender.vectors, labels, "description", "raw", _SEEDS, lambda _done: None)
        result.add_row(contender.name, f"{found.accuracy:.4f}", f"{found.ari:.3f}", f"{by_k_means.ari.value:.3f}")
    return result


if __name__ == "__main__":
    main()
