"""How fast features are made, and in how much memory, beside pandas: `python benchmarks/features.py --scale 0.1`.

Both start from the same CSV files and end with one Parquet file of one row per client, each in a process of its own,
so that its peak memory is its own too. The times hold the start of the process. The results must agree in every column.

The work is not quite the same, to our disadvantage: ours reads and checks every value of every column, looks for keys
that occur twice, and observes range, median and missing rate of each feature for the dictionary. Pandas reads only the
columns that some feature needs, and is asked for none of that. On a busy machine, compare the processor seconds.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from pipeline.features.store import ID
from pipeline.synthetic.generate import generate

# Clients of the original data: 307,511 to train on and 48,744 new ones.
_CLIENTS = 356_255
_SEED = 42
_TOLERANCE = 1e-6
_GIB = 2**30
# Where a result is the difference of large sums, its own size says nothing of the rounding in it.
_OF_COLUMN = 1e-12

_console = Console(width=100)


@dataclass(frozen=True)
class Run:
    """What one contender needed; ``failure`` says why it gave no result."""

    seconds: float
    # Of all its cores: on a busy machine it says more than the seconds do.
    processor: float
    peak: int
    out: Path
    failure: str = ""


def main() -> None:
    """Generates the data if need be, runs both, compares, prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--scale", type=float, default=1.0, help=f"part of the original size ({_CLIENTS:,} clients)")
    parser.add_argument("--cache", type=Path, default=Path("var/cache"), help="where the generated tables are kept")
    parser.add_argument("--memory", type=float, default=16.0, help="GiB of memory that a contender may use at most")
    parser.add_argument("--only", choices=("clairscore", "pandas"), help="run one contender, compare nothing")
    arguments = parser.parse_args()
    clients = round(_CLIENTS * arguments.scale)
    folder = arguments.cache / f"raw-{clients}-{_SEED}"
    if not folder.exists():
        with _console.status(f"Generating {clients:,} clients"):
            generate(folder, clients, _SEED)
    with tempfile.TemporaryDirectory(dir=arguments.cache) as scratch:
        commands = {
            "clairscore": ["-c", "from cli.main import main; main()", "features", str(folder), "--out"],
            "pandas": ["-m", "benchmarks.pandas_features", str(folder)],
        }
        runs = {}
        for name, command in commands.items():
            if arguments.only in (None, name):
                with _console.status(f"{name}: {clients:,} clients"):
                    runs[name] = _run(command, Path(scratch, f"{name}.parquet"), arguments.memory)
        compared = _compare(runs) if len(runs) == len(commands) else ""
    _console.print(_table(runs, clients, compared))


def _run(command: list[str], out: Path, memory: float) -> Run:
    before = time.perf_counter()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, *command, str(out)], stdout=errors, stderr=errors, env=os.environ | {"PYTHONPATH": "."}
        )
        resource.prlimit(process.pid, resource.RLIMIT_DATA, (int(memory * _GIB), int(memory * _GIB)))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - before
        errors.seek(0)
        last = errors.read().decode().strip().rsplit("\n", 1)[-1]
    failure = "" if process.returncode == 0 else last or f"exit {process.returncode}"
    # Linux counts the peak in kB.
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, out, failure)


def _compare(runs: dict[str, Run]) -> str:
    """Says how far the results are apart, or ends the program where that is too far."""
    failed = [f"{name}: {run.failure}" for name, run in runs.items() if run.failure]
    if failed:
        return "not compared; " + "; ".join(failed)
    ours, theirs = (pq.ParquetFile(run.out) for run in runs.values())
    different = set(ours.schema_arrow.names) ^ set(theirs.schema_arrow.names)
    if different:
        raise SystemExit(f"only one of them has {', '.join(sorted(different))}")
    if not _column(ours, ID).equals(_column(theirs, ID)):
        raise SystemExit("they have other clients")
    faults = []
    for name in ours.schema_arrow.names:
        distance = _distance(_column(ours, name), _column(theirs, name))
        if distance > _TOLERANCE:
            faults.append(f"{name} ({distance:.1e})")
    if faults:
        raise SystemExit(f"they differ in {len(faults)} columns: {', '.join(faults[:20])}")
    return f"{len(ours.schema_arrow.names)} columns agree to {_TOLERANCE:.0e}, missing values included"


def _column(file: pq.ParquetFile, name: str) -> pa.ChunkedArray:
    return file.read([name])[name]


def _distance(ours: pa.ChunkedArray, theirs: pa.ChunkedArray) -> float:
    """The largest relative difference; infinite where a value is missing on one side only, or texts differ."""
    if pa.types.is_string(ours.type):
        return 0.0 if ours.cast(pa.string()).equals(theirs.cast(pa.string())) else np.inf
    left, right = _numbers(ours), _numbers(theirs)
    if not np.array_equal(np.isnan(left), np.isnan(right)):
        return np.inf
    known = ~np.isnan(left)
    if not known.any():
        return 0.0
    size = np.maximum(np.abs(left[known]), np.abs(right[known]))
    apart = np.abs(left[known] - right[known]) - _OF_COLUMN * size.max()
    return float(np.max(np.where(apart > 0, apart / np.maximum(size, np.finfo(float).tiny), 0.0)))


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    numbers: npt.NDArray[np.float64] = column.cast(pa.float64()).to_numpy()
    return numbers


def _table(runs: dict[str, Run], clients: int, compared: str) -> Table:
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    title = f"Features of {clients:,} clients on {os.cpu_count()} cores, load {load}"
    table = Table(title=title, caption=compared or None)
    for column in ("", "seconds", "CPU s", "peak GiB", "× seconds", "× CPU", "× memory"):
        table.add_column(column, justify="left" if not column else "right")
    first = next(iter(runs.values()))
    for name, run in runs.items():
        cells = [f"{run.seconds:.1f}", f"{run.processor:.1f}", f"{run.peak / _GIB:.2f}"]
        ratios = [run.seconds / first.seconds, run.processor / first.processor, run.peak / first.peak]
        table.add_row(name + (" (failed)" if run.failure else ""), *cells, *(f"{ratio:.2f}" for ratio in ratios))
    return table


if __name__ == "__main__":
    main()
