"""What replicas of scoring cost and share: `python -m benchmarks.replicas`.

One caller process keeps a number of calls in flight over one channel, as the dashboard does. Processor time is that of
the replicas alone, and hardly depends on what else the machine does; calls a second end where the caller's core ends.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import psutil
from clairscore.scoring.v1 import scoring_pb2 as pb
from clairscore.scoring.v1 import scoring_pb2_grpc
from rich.console import Console
from rich.table import Table

from benchmarks.model import BenchmarkModel, build
from benchmarks.servers import free_port, process
from services.common.client import Connection, call

_WARM_UP = 200


def main() -> None:
    """Builds the model, measures each number of replicas, prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trees", type=int, default=800)
    parser.add_argument("--features", type=int, default=250)
    parser.add_argument("--calls", type=int, default=4000)
    parser.add_argument("--in-flight", type=int, default=8)
    arguments = parser.parse_args()
    title = f"Score, {arguments.trees} trees × {arguments.features} features, {arguments.in_flight} calls in flight"
    table = Table(title=title)
    for column in ("replicas", "calls/s", "processor ms a call", "calls per processor second", "least and most calls"):
        table.add_column(column, justify="right")
    with tempfile.TemporaryDirectory() as scratch:
        model = build(Path(scratch, "model"), trees=arguments.trees, features=arguments.features, threads=1)
        for replicas in (1, 2, 3):
            table.add_row(*asyncio.run(_measure(model, replicas, arguments.calls, arguments.in_flight)))
    Console(width=120).print(table)


async def _measure(model: BenchmarkModel, replicas: int, calls: int, in_flight: int) -> Sequence[str]:
    with ExitStack() as running:
        ports = [free_port() for _ in range(replicas)]
        servers = []
        for port in ports:
            command = [sys.executable, "-m", "cli.main", "serve", "scoring", "--port", str(port)]
            env = {
                "CLAIRSCORE_MODEL_DIR": str(model.folder),
                "CLAIRSCORE_METRICS_PORT": "0",
                "CLAIRSCORE_THREADS": "1",
            }
            servers.append(psutil.Process(running.enter_context(process(command, env)).pid))
        values = pb.FeatureVector(values=model.rows[0].tolist())
        request = pb.ScoreRequest(vector=values)
        for port in ports:
            # Each must answer before the first call that counts.
            await _calls(f"127.0.0.1:{port}", request, _WARM_UP, in_flight)
        before = [_cpu(server) for server in servers]
        started = time.perf_counter()
        target = "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports)
        await _calls(target, request, calls, in_flight)
        seconds = time.perf_counter() - started
        spent = [_cpu(server) - was for server, was in zip(servers, before, strict=True)]
    # A call costs the same everywhere, so that processor time tells the shares.
    shares = sorted(part / sum(spent) for part in spent)
    return (
        str(replicas),
        f"{calls / seconds:,.0f}",
        f"{1000 * sum(spent) / calls:.2f}",
        f"{calls / sum(spent):,.0f}",
        f"{shares[0]:.0%} … {shares[-1]:.0%}",
    )


async def _calls(target: str, request: pb.ScoreRequest, calls: int, in_flight: int) -> None:
    connection = Connection(target, scoring_pb2_grpc.ScoringServiceStub)
    left = calls

    async def caller() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await call(connection.stub.Score, request, deadline=60)

    # The services may still be starting.
    async with asyncio.timeout(120):
        await connection.stub.GetModel(pb.GetModelRequest(), wait_for_ready=True)
    await asyncio.gather(*(caller() for _ in range(in_flight)))
    await connection.close()


def _cpu(server: psutil.Process) -> float:
    times = server.cpu_times()
    seconds: float = times.user + times.system
    return seconds


if __name__ == "__main__":
    main()
