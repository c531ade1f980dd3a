"""How fast a score is, beside what a user would pick instead: `python benchmarks/scoring.py`.

Every contender scores the same rows with the same trees and as many threads, over loopback where it is a server. They
take turns in short rounds, so that a busy moment of the machine hits all of them. Ratios are of medians, to the floor:
a bare gRPC handler that does only the onnxruntime call.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import contenders
from benchmarks.contenders import Contender
from benchmarks.model import BenchmarkModel, build

_SIZES = (1, 100)
_WARM_UP = 50
_CALLS_PER_ROUND = 40
_IN_FLIGHT = 8
_TOLERANCE = 1e-5

Ask = Callable[[], Awaitable[object]]

# Wide enough for the table, also in a log file.
_console = Console(width=100)


def main() -> None:
    """Builds the model, starts the servers, measures, prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trees", type=int, default=800)
    parser.add_argument("--features", type=int, default=250)
    parser.add_argument("--threads", type=int, default=2, help="threads of one prediction, for every contender")
    parser.add_argument("--rounds", type=int, default=25, help=f"rounds of {_CALLS_PER_ROUND} calls for each contender")
    parser.add_argument("--cache", type=Path, default=Path("var/cache"), help="where MLServer is installed")
    asyncio.run(_run(parser.parse_args()))


async def _run(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as servers:
        with _console.status(f"Training {arguments.trees} trees on {arguments.features} features"):
            model = build(
                Path(scratch, "model"), trees=arguments.trees, features=arguments.features, threads=arguments.threads
            )
        floor = servers.enter_context(contenders.bare_handler(model, arguments.threads))
        ours = servers.enter_context(contenders.clairscore(model, arguments.threads))
        everyone = [floor, *ours, *contenders.in_process(model, arguments.threads)]
        missing = ""
        try:
            with _console.status("Installing MLServer into its own environment (first time only)"):
                folder = Path(scratch, "mlserver")
                other = contenders.mlserver(model, arguments.threads, arguments.cache.resolve(), folder)
                everyone.append(servers.enter_context(other))
        except RuntimeError as error:
            missing = f"MLServer, LightGBM runtime: {error}"
        _console.print(await _measure(model, floor, everyone, arguments.rounds, missing))


async def _measure(
    model: BenchmarkModel, floor: Contender, everyone: Sequence[Contender], rounds: int, missing: str
) -> Table:
    table = Table(title=f"{model.booster.num_trees()} trees × {model.rows.shape[1]} features", caption=missing or None)
    for column in ("", "rows", "p50 ms", "p99 ms", "× floor", "rows/s", f"rows/s, {_IN_FLIGHT} at once"):
        table.add_column(column, justify="left" if not column else "right")
    for size in _SIZES:
        rows = model.rows[:size]
        await _refuse_different_answers(model, everyone, size)
        asks = {one.name: one.prepare(rows).ask for one in everyone}
        for ask in asks.values():
            await _serial(ask, _WARM_UP)
        seconds: dict[str, list[float]] = {name: [] for name in asks}
        at_once: dict[str, list[float]] = {one.name: [] for one in everyone if one.remote}
        for _ in range(rounds):
            for name in random.sample(list(asks), len(asks)):
                seconds[name] += await _serial(asks[name], _CALLS_PER_ROUND)
                if name in at_once:
                    at_once[name].append(await _concurrent(asks[name], _CALLS_PER_ROUND))
        median = {name: float(np.median(times)) for name, times in seconds.items()}
        for name, times in seconds.items():
            table.add_row(
                name,
                str(size),
                f"{median[name] * 1000:.2f}",
                f"{np.quantile(times, 0.99) * 1000:.2f}",
                f"{median[name] / median[floor.name]:.2f}",
                f"{size / median[name]:,.0f}",
                f"{size / np.median(at_once[name]):,.0f}" if name in at_once else "",
            )
        table.add_section()
    return table


async def _refuse_different_answers(model: BenchmarkModel, everyone: Sequence[Contender], size: int) -> None:
    rows = model.rows[:size]
    expected = np.asarray(model.booster.predict(rows))
    for one in everyone:
        answer = await contenders.first_answer(one, rows)
        if answer.shape != expected.shape or np.abs(answer - expected).max() > _TOLERANCE:
            raise SystemExit(f"{one.name} gives other probabilities: comparing its speed would mean nothing")


async def _serial(ask: Ask, calls: int) -> list[float]:
    seconds = []
    for _ in range(calls):
        started = time.perf_counter()
        await ask()
        seconds.append(time.perf_counter() - started)
    return seconds


async def _concurrent(ask: Ask, calls: int) -> float:
    """Seconds a call, with several in flight."""
    left = calls

    async def caller() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await ask()

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(_IN_FLIGHT)))
    return (time.perf_counter() - started) / calls


if __name__ == "__main__":
    main()
