"""Who is compared: each a way to get probabilities of default for a block of rows.

Requests are serialised before the clock starts and answers are parsed after it stops, for everyone alike: what is
measured is the way to the server, the server, and the way back.
"""

import asyncio
import json
import os
import subprocess
import sys
import venv
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import numpy.typing as npt
from clairscore.scoring.v1 import scoring_pb2
from inference import open_inference_pb2 as oip

from benchmarks import floor
from benchmarks.model import BenchmarkModel
from benchmarks.servers import free_port, process, serving
from pipeline.model.manifest import BOOSTER, ONNX

_INFER = "/inference.GRPCInferenceService/ModelInfer"
_SCORING = "/clairscore.scoring.v1.ScoringService"
# MLServer's own pins differ from ours.
_MLSERVER = ("mlserver", "mlserver-lightgbm")

Matrix = npt.NDArray[np.float32]
Probabilities = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Prepared:
    """A request that only has to be sent: ``ask`` is timed, ``read`` turns its answer into probabilities of default."""

    ask: Callable[[], Awaitable[Any]]
    read: Callable[[Any], Probabilities]


@dataclass(frozen=True)
class Contender:
    """One way to score rows."""

    name: str
    prepare: Callable[[Matrix], Prepared]
    # An in-process call keeps the caller's thread: calls in flight at once mean nothing for it.
    remote: bool = True


def inprocess(model: BenchmarkModel, threads: int) -> list[Contender]:
    """LightGBM called directly, without a network."""

    def booster(rows: Matrix) -> Prepared:
        async def ask() -> Any:
            return model.booster.predict(rows, num_threads=threads)

        return Prepared(ask, np.asarray)

    def wrapper(rows: Matrix) -> Prepared:
        async def ask() -> Any:
            return model.classifier.predict_proba(rows, num_threads=threads)

        return Prepared(ask, lambda answer: np.asarray(answer[:, 1]))

    return [
        Contender("LightGBM booster, no server", booster, remote=False),
        Contender("LightGBM scikit-learn, no server", wrapper, remote=False),
    ]


@contextmanager
def bare_handler(model: BenchmarkModel, threads: int) -> Iterator[Contender]:
    """The floor."""
    port = free_port()
    command = [sys.executable, floor.__file__, str(model.folder / ONNX), str(port), str(threads)]
    with process([*command, str(model.rows.shape[1])], {}):
        call = _unary(port, floor.METHOD)
        yield Contender(
            "bare handler (floor)",
            lambda rows: Prepared(_asking(call, rows.tobytes()), lambda answer: np.frombuffer(answer, np.float64)),
        )


@contextmanager
def clairscore(model: BenchmarkModel, threads: int) -> Iterator[list[Contender]]:
    """The scoring service as an operator starts it, by both of its contracts."""
    with serving("scoring", {"CLAIRSCORE_MODEL_DIR": str(model.folder), "CLAIRSCORE_THREADS": str(threads)}) as port:
        score, infer = _unary(port, f"{_SCORING}/Score"), _unary(port, _INFER)
        batch: Any = grpc.aio.insecure_channel(f"127.0.0.1:{port}").stream_stream(f"{_SCORING}/ScoreBatch")

        def prepare(rows: Matrix) -> Prepared:
            if len(rows) == 1:
                request = scoring_pb2.ScoreRequest(vector=scoring_pb2.FeatureVector(values=rows[0].tolist()))
                return Prepared(_asking(score, request.SerializeToString()), _read_score)
            block = scoring_pb2.ScoreBatchRequest(rows=len(rows), values=rows.ravel().tolist())
            return Prepared(_asking_stream(batch, block.SerializeToString()), _read_batch)

        yield [Contender("Clairscore Score / ScoreBatch", prepare), Contender("Clairscore ModelInfer", _infer(infer))]


@contextmanager
def mlserver(model: BenchmarkModel, threads: int, cache: Path, folder: Path) -> Iterator[Contender]:
    """MLServer with its LightGBM runtime, in an environment of its own; inference inside the server's process, which
    is faster here than its default of a worker process.

    Raises:
        RuntimeError: it cannot be installed; says why.
    """
    python = _mlserver_environment(cache)
    port = free_port()
    (folder / "credit").mkdir(parents=True)
    settings = {
        "host": "127.0.0.1",
        "grpc_port": port,
        "http_port": free_port(),
        "metrics_port": free_port(),
        "parallel_workers": 0,
        "debug": False,
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    parameters = {"uri": str(model.folder / BOOSTER)}
    served = {"name": "credit", "implementation": "mlserver_lightgbm.LightGBMModel", "parameters": parameters}
    (folder / "credit" / "model-settings.json").write_text(json.dumps(served))
    env = {"OMP_NUM_THREADS": str(threads), "PATH": f"{python.parent}:{os.environ['PATH']}"}
    with process([str(python.parent / "mlserver"), "start", str(folder)], env):
        yield Contender("MLServer, LightGBM runtime", _infer(_unary(port, _INFER)))


def _mlserver_environment(cache: Path) -> Path:
    python = cache / "mlserver" / "bin" / "python"
    done = cache / "mlserver" / "installed"
    if not done.exists():
        venv.create(cache / "mlserver", with_pip=True, clear=True)
        result = subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", *_MLSERVER], capture_output=True, text=True, check=False
        )
        if result.returncode:
            last = (result.stderr.strip().splitlines() or ["no message"])[-1]
            raise RuntimeError(f"not installed: {last}")
        done.touch()
    return python


def _infer(call: Any) -> Callable[[Matrix], Prepared]:
    def prepare(rows: Matrix) -> Prepared:
        tensor = oip.ModelInferRequest.InferInputTensor(name="input", datatype="FP32", shape=rows.shape)
        request = oip.ModelInferRequest(model_name="credit", inputs=[tensor], raw_input_contents=[rows.tobytes()])
        return Prepared(_asking(call, request.SerializeToString()), _read_inference)

    return prepare


def _read_inference(answer: bytes) -> Probabilities:
    response = oip.ModelInferResponse.FromString(answer)
    names = [output.name for output in response.outputs]
    # MLServer has one output; ours that compares with it is the expected default rate, not the score made of it.
    at = names.index("expected_default_rate") if "expected_default_rate" in names else 0
    if response.raw_output_contents:
        return np.frombuffer(response.raw_output_contents[at], dtype=np.float64)
    return np.array(response.outputs[at].contents.fp64_contents)


def _read_score(answer: bytes) -> Probabilities:
    return np.array([scoring_pb2.ScoreResponse.FromString(answer).score.expected_default_rate])


def _read_batch(answer: bytes) -> Probabilities:
    return np.array(scoring_pb2.ScoreBatchResponse.FromString(answer).expected_default_rate)


def _unary(port: int, method: str) -> Any:
    return grpc.aio.insecure_channel(f"127.0.0.1:{port}").unary_unary(method)


def _asking(call: Any, request: bytes) -> Callable[[], Awaitable[bytes]]:
    async def ask() -> bytes:
        answer: bytes = await call(request, timeout=60)
        return answer

    return ask


def _asking_stream(call: Any, request: bytes) -> Callable[[], Awaitable[bytes]]:
    """Blocks on streams that stay open, as a batch client sends them; a stream holds one block at a time."""
    idle: list[Any] = []

    async def ask() -> bytes:
        stream = idle.pop() if idle else call()
        await stream.write(request)
        answer: bytes = await stream.read()
        idle.append(stream)
        return answer

    return ask


async def first_answer(contender: Contender, rows: Matrix) -> Probabilities:
    """The first answer, once the server has started; gives up after three minutes."""
    prepared = contender.prepare(rows)
    async with asyncio.timeout(180):
        while True:
            try:
                return prepared.read(await prepared.ask())
            except grpc.aio.AioRpcError as error:
                # NOT_FOUND: MLServer answers before its model is loaded.
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND):
                    raise
                await asyncio.sleep(0.2)
