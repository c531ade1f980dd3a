"""How fast whole features files are scored, beside LightGBM's own predict: `python benchmarks/batch.py`.

Same trees, same rows, same threads, in turns. `clairscore score` also reads the file, checks every value, and writes
scores, bands and decisions; its model alone stands in a row of its own. Reading goes on beside the threads that score,
so its processor time stands there too.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from benchmarks.model import BenchmarkModel, build
from pipeline import batch
from pipeline.features import store
from pipeline.model import manifest
from pipeline.model.runtime import ScoringModel

_ROUNDS = 3
_TOLERANCE = 1e-5

_console = Console(width=100)


def main() -> None:
    """Builds the model, scores, compares, prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trees", type=int, default=800)
    parser.add_argument("--features", type=int, default=250)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="most threads of a contender")
    arguments = parser.parse_args()
    table = Table(title=f"{arguments.rows:,} rows, {arguments.trees} trees × {arguments.features} features")
    for column in ("", "threads", "rows/s", "× LightGBM", "processor µs/row"):
        table.add_column(column, justify="left" if not column else "right")
    with tempfile.TemporaryDirectory() as scratch:
        model = build(Path(scratch, "model"), trees=arguments.trees, features=arguments.features, threads=1)
        rows = np.resize(model.rows, (arguments.rows, arguments.features))
        file = _features_file(model, rows, Path(scratch, "features.parquet"))
        for threads in sorted({1, arguments.threads}):
            loaded = ScoringModel.load(model.folder, threads=threads)
            contenders: dict[str, Callable[[], object]] = {
                "LightGBM, Booster.predict": partial(model.booster.predict, rows, num_threads=threads),
                "onnxruntime, the model alone": partial(loaded.raw, rows),
                "clairscore score, file to file": partial(
                    batch.score, model.folder, file, Path(scratch, "scores.parquet"), threads=threads
                ),
            }
            _refuse_different_answers(model, loaded, rows[:1000])
            measured = _measure(contenders)
            first, _ = next(iter(measured.values()))
            for name, (took, processor) in measured.items():
                speed, cost = f"{arguments.rows / took:,.0f}", f"{1e6 * processor / arguments.rows:.1f}"
                table.add_row(name, str(threads), speed, f"{first / took:.2f}", cost)
            table.add_section()
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    table.caption = f"best of {_ROUNDS} rounds on {os.cpu_count()} cores, load {load}"
    _console.print(table)


def _features_file(model: BenchmarkModel, rows: np.ndarray, path: Path) -> Path:
    found, dictionary = manifest.load(model.folder)
    columns = {store.ID: pa.array(np.arange(len(rows)))}
    for number, feature in enumerate(dictionary.features):
        columns[feature.name] = pa.array(rows[:, number].astype(np.float64), from_pandas=True)
    table = pa.table(columns)
    schema = store.attach(table.schema, dictionary, found.training_data.origin)
    pq.write_table(table.cast(schema), path, compression="zstd")
    return path


def _refuse_different_answers(model: BenchmarkModel, loaded: ScoringModel, rows: np.ndarray) -> None:
    if np.abs(loaded.raw(rows) - np.asarray(model.booster.predict(rows))).max() > _TOLERANCE:
        raise SystemExit("they give other probabilities: comparing their speed would mean nothing")


def _measure(contenders: dict[str, Callable[[], object]]) -> dict[str, tuple[float, float]]:
    """The best wall and processor time of each, in seconds: what disturbs a round only makes it longer."""
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for _ in range(_ROUNDS):
        for name, run in contenders.items():
            started, used = time.perf_counter(), time.process_time()
            run()
            seconds[name].append((time.perf_counter() - started, time.process_time() - used))
    return {name: (min(t[0] for t in times), min(t[1] for t in times)) for name, times in seconds.items()}


if __name__ == "__main__":
    main()
