"""How fast a score is explained, beside what a user would pick instead: `python benchmarks/explain.py`.

Same trees, same rows, same threads, in turns; every contender's contributions are compared first. One client is
explained over loopback, with reasons in words and all else that the officer sees, and by the libraries in process.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import numpy as np
import numpy.typing as npt
import shap
from clairscore.common.v1.record_pb2 import ClientRecord, FieldValue
from clairscore.explain.v1.explain_pb2 import ClientInput, ExplainClientRequest
from clairscore.explain.v1.explain_pb2_grpc import ExplainServiceStub
from rich.console import Console
from rich.table import Table

from benchmarks.model import BenchmarkModel, build
from benchmarks.servers import serving
from services.explain.explainer import Explainer

_CALLS = 200
_WARM_UP = 20
_TOLERANCE = 1e-9

_console = Console(width=100)


def main() -> None:
    """Builds the model, starts the service, measures, prints two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trees", type=int, default=800)
    parser.add_argument("--features", type=int, default=250)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 48_744])
    parser.add_argument("--threads", type=int, default=2, help="threads of every contender")
    parser.add_argument("--rounds", type=int, default=2, help="turns of every contender with many clients")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        model = build(Path(scratch, "model"), trees=arguments.trees, features=arguments.features, threads=1)
        explainer = Explainer.load(model.folder)
        _refuse_different_answers(model, explainer)
        title = f"{model.booster.num_trees()} trees × {arguments.features} features"
        with serving("explain", {"CLAIRSCORE_MODEL_DIR": str(model.folder)}) as port:
            _console.print(asyncio.run(_one_client(model, explainer, port, f"One client, {title}")))
        for rows in arguments.rows:
            _console.print(_many(model, explainer, rows, arguments, f"{rows:,} clients, {title}"))


def _refuse_different_answers(model: BenchmarkModel, explainer: Explainer) -> None:
    expected = np.asarray(model.booster.predict(model.rows[:200], pred_contrib=True))
    error = np.abs(explainer.contributions(model.rows[:200]) - expected[:, :-1]).max()
    of_shap = np.abs(shap.TreeExplainer(model.booster).shap_values(model.rows[:200]) - expected[:, :-1]).max()
    if max(error, of_shap) > _TOLERANCE:
        raise SystemExit(f"the contributions differ by {max(error, of_shap):g}: comparing speed would mean nothing")


async def _one_client(model: BenchmarkModel, explainer: Explainer, port: int, title: str) -> Table:
    row = model.rows[:1]
    request = ExplainClientRequest(client=ClientInput(record=_record(explainer, row[0])))
    tree_explainer = shap.TreeExplainer(model.booster)
    seconds: dict[str, list[float]] = {}
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = ExplainServiceStub(channel)  # type: ignore[no-untyped-call]
        local: dict[str, Callable[[], object]] = {
            "the contributions alone, in process": lambda: explainer.contributions(row),
            "LightGBM, pred_contrib": lambda: model.booster.predict(row, pred_contrib=True, num_threads=1),
            "shap.TreeExplainer": lambda: tree_explainer.shap_values(row),
        }
        await channel.channel_ready()
        for number in range(_WARM_UP + _CALLS):
            times = {"ExplainClient over gRPC": await _timed_call(stub, request)}
            times |= {name: _seconds(work) for name, work in local.items()}
            if number >= _WARM_UP:
                for name, took in times.items():
                    seconds.setdefault(name, []).append(took)
    table = Table(title=title)
    for column in ("", "p50 ms", "p99 ms", "× shap"):
        table.add_column(column, justify="left" if not column else "right")
    rival = np.median(seconds["shap.TreeExplainer"])
    for name, times in seconds.items():
        p50, p99 = np.quantile(times, (0.5, 0.99))
        table.add_row(name, f"{p50 * 1000:.2f}", f"{p99 * 1000:.2f}", f"{rival / p50:.2f}")
    return table


def _many(model: BenchmarkModel, explainer: Explainer, rows: int, arguments: argparse.Namespace, title: str) -> Table:
    threads = arguments.threads
    matrix = np.resize(model.rows, (rows, model.rows.shape[1]))
    # What TreeExplainer calls for a LightGBM model, with as many threads as ours.
    model.booster.params["num_threads"] = threads
    tree_explainer = shap.TreeExplainer(model.booster)
    contenders: dict[str, Callable[[], object]] = {
        "clairscore": lambda: explainer.contributions(matrix, threads=threads),
        "LightGBM, pred_contrib": lambda: model.booster.predict(matrix, pred_contrib=True, num_threads=threads),
        "shap.TreeExplainer": lambda: tree_explainer.shap_values(matrix),
    }
    wall: dict[str, list[float]] = {name: [] for name in contenders}
    cpu: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(arguments.rounds):
        for name, work in contenders.items():
            before = time.process_time()
            wall[name].append(_seconds(work))
            cpu[name].append(time.process_time() - before)
    table = Table(title=f"{title}, {threads} threads")
    for column in ("", "seconds", "CPU seconds", "× shap", "× shap, CPU"):
        table.add_column(column, justify="left" if not column else "right")
    best, least = ({name: min(times) for name, times in figures.items()} for figures in (wall, cpu))
    for name in contenders:
        ratios = (best["shap.TreeExplainer"] / best[name], least["shap.TreeExplainer"] / least[name])
        table.add_row(name, f"{best[name]:.1f}", f"{least[name]:.1f}", *(f"{ratio:.2f}" for ratio in ratios))
    return table


def _record(explainer: Explainer, row: npt.NDArray[np.float32]) -> ClientRecord:
    names = [model_input.name for model_input in explainer.manifest.inputs]
    known = zip(names, row.tolist(), strict=True)
    fields = {name: FieldValue() if np.isnan(value) else FieldValue(number=value) for name, value in known}
    return ClientRecord(fields=fields)


async def _timed_call(stub: ExplainServiceStub, request: ExplainClientRequest) -> float:
    started = time.perf_counter()
    await stub.ExplainClient(request)
    return time.perf_counter() - started


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
