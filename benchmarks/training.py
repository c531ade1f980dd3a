"""How long training takes at a given size, and in how much memory: `python benchmarks/training.py`.

Generates a features file of synthetic clients and runs the pipeline's own `train` on it, as `clairscore train` does:
selection of inputs, cross-validation, calibration, final fit, export, comparison with LightGBM, model card.

The features are numbers such as the recipe gives: amounts (lognormal, rounded), counts (lognormal, cut), shares (0..1),
days (lognormal, negative) and flags, a third of them correlated with the feature before; half of them are missing for
some clients. The risk is logistic in 60 of them, some strong and most weak, with interactions; 7.4 % default. Every row
is a client of its own: clients drawn twice would stand on both sides of a fold.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks.model import feature
from pipeline.features import store
from pipeline.features.dictionary import FeatureDictionary
from pipeline.model.manifest import Manifest
from pipeline.training.search import Budget
from pipeline.training.train import train

_BLOCK = 25_000
_SIGNALS = 60
# Each signal's strength as a share of the one before.
_FADING = 0.95

_console = Console(width=100)
_Floats = npt.NDArray[np.float64]


def main() -> None:
    """Generates, trains, prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--features", type=int, default=500)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--search-trials", type=int, default=0)
    parser.add_argument("--search-seconds", type=float, default=600)
    parser.add_argument("--keep-all-inputs", action="store_true", help="without selection, to see what it costs")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "features.parquet")
        write_features(file, rows=arguments.rows, features=arguments.features)
        before = peak_gib()
        clock = Clock()
        others = Others()
        with others:
            manifest = train(
                file,
                Path(scratch, "model"),
                clock,
                folds=arguments.folds,
                threads=arguments.threads,
                budget=Budget(arguments.search_trials, arguments.search_seconds) if arguments.search_trials else None,
                **({"tolerance": None} if arguments.keep_all_inputs else {}),
            )
        clock.stop()
    _print(arguments, manifest, clock, others.mean, before)


class Clock:
    """A progress that notes the wall and processor seconds of every step, in their order."""

    def __init__(self) -> None:
        self.seconds: dict[str, tuple[float, float]] = {}
        self._step = "Starting"
        self._since = self._now()

    def __call__(self, step: str, done: float) -> None:
        """Notes when a step begins."""
        del done
        if step != self._step:
            self.stop()
            self._step = step

    def stop(self) -> None:
        """Ends the step."""
        now = self._now()
        before = self.seconds.get(self._step, (0.0, 0.0))
        self.seconds[self._step] = (before[0] + now[0] - self._since[0], before[1] + now[1] - self._since[1])
        self._since = now

    def _now(self) -> tuple[float, float]:
        return time.perf_counter(), time.process_time()


class Others:
    """Measures how many processors others keep busy meanwhile, from ``/proc/stat``."""

    def __enter__(self) -> None:
        self._before = self._used()

    def __exit__(self, *_: object) -> None:
        busy, own, wall = (now - then for now, then in zip(self._used(), self._before, strict=True))
        self.mean = max(0.0, busy - own) / wall

    def _used(self) -> tuple[float, float, float]:
        user, nice, system = map(int, Path("/proc/stat").read_text(encoding="ascii").split()[1:4])
        return (user + nice + system) / os.sysconf("SC_CLK_TCK"), time.process_time(), time.perf_counter()


def write_features(file: Path, *, rows: int, features: int) -> None:
    """Writes a features file of so many clients, block by block; the same at every run."""
    names = [f"FEATURE_{number}" for number in range(features)]
    dictionary = FeatureDictionary(features=tuple(feature(name) for name in names))
    fields = [(store.ID, pa.int64()), (store.TARGET, pa.int8()), *((name, pa.float64()) for name in names)]
    schema = store.attach(pa.schema(fields), dictionary, store.Origin(synthetic=True, tables=("application_train",)))
    weights = np.random.default_rng(0).normal(size=min(_SIGNALS, features))
    weights *= _FADING ** np.arange(len(weights))
    with store.writer(file, schema) as writer:
        for start in range(0, rows, _BLOCK):
            random = np.random.default_rng([1, start])
            latent, columns = _columns(min(_BLOCK, rows - start), features, random)
            ids = pa.array(np.arange(start, start + len(latent)) + 100_001)
            writer.write_table(pa.table([ids, pa.array(_outcomes(latent, weights, random)), *columns], schema=schema))


def _columns(rows: int, features: int, random: np.random.Generator) -> tuple[_Floats, list[pa.Array]]:
    """Standard normal latents, shape (rows, features), and the feature that each becomes."""
    latent = random.standard_normal((rows, features))
    for number in range(1, features):
        if number % 3 == 0:
            latent[:, number] = 0.8 * latent[:, number - 1] + 0.6 * latent[:, number]
    shapes = (
        lambda z: np.exp(11 + 0.7 * z).round(),
        lambda z: np.floor(np.exp(0.8 + 0.7 * z)),
        lambda z: 1 / (1 + np.exp(-z)),
        lambda z: -np.exp(6 + z).round(),
        lambda z: (z > 1).astype(float),
    )
    columns = []
    for number in range(features):
        missing = random.random(rows) < (0.1 * (number % 7) if number % 2 else 0)
        columns.append(pa.array(shapes[number % len(shapes)](latent[:, number]), mask=missing))
    return latent, columns


def _outcomes(latent: _Floats, weights: _Floats, random: np.random.Generator) -> npt.NDArray[np.int8]:
    """Who defaults, at the rate and with the strength of signal of consumer credit."""
    signals = latent[:, :: max(1, latent.shape[1] // len(weights))][:, : len(weights)]
    risk = np.tanh(signals) @ weights + (signals[:, ::2] * np.roll(signals, 1, axis=1)[:, ::2]) @ weights[::2] / 3
    risk = 1.6 * risk / np.sqrt((weights**2).sum())
    return (random.random(len(risk)) < 1 / (1 + np.exp(3.0 - risk))).astype(np.int8)


def peak_gib() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _print(arguments: argparse.Namespace, manifest: Manifest, clock: Clock, others: float, before: float) -> None:
    table = Table(title=f"{arguments.rows:,} clients × {arguments.features} features, {arguments.threads} threads")
    for column in ("step", "seconds", "processor seconds"):
        table.add_column(column, justify="left" if column == "step" else "right")
    for step, (wall, cpu) in clock.seconds.items():
        table.add_row(step, f"{wall:.1f}", f"{cpu:.1f}")
    wall, cpu = (sum(of_step) for of_step in zip(*clock.seconds.values(), strict=True))
    table.add_section()
    table.add_row("all", f"{wall:.1f}", f"{cpu:.1f}")
    table.caption = f"{os.cpu_count()} cores, of which others kept {others:.1f} busy"
    _console.print(table)
    figures = manifest.metrics
    _console.print(
        f"peak memory {peak_gib():.2f} GiB ({before:.2f} before training) · "
        f"default rate {figures['default_rate']:.1%} · "
        f"ROC AUC {figures['roc_auc']:.4f} ({figures['roc_auc_low']:.4f} to {figures['roc_auc_high']:.4f}) · "
        f"{figures['trees']:.0f} trees on {figures['features']:.0f} inputs, "
        f"ROC AUC {figures['selection_roc_auc_change']:+.4f} by selection"
    )


if __name__ == "__main__":
    main()
