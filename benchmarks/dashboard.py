"""How the dashboard does, through real services: `python -m benchmarks.dashboard`; `--quick` for a first look.

One officer in a real browser, fifty at once, hundreds one after the other, and the analyses of 300,000 clients. It
takes the model and the features that `clairscore up` has made, or makes demonstration data of its own. The officers'
portfolio is that of the features file; for the analyses its clients are repeated until there are enough. Everything
runs on free ports in a folder of its own, and is gone afterwards.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.officers import load
from benchmarks.officers.analyses import analyses
from benchmarks.officers.browser import one_officer
from benchmarks.officers.data import Material, demonstration, published, repeated
from benchmarks.officers.report import Figure, print_report
from benchmarks.officers.stack import running
from benchmarks.servers import serving
from pipeline.features import store

PARTS = ("browser", "together", "soak", "analyses")
_CHOICE = 200


def main() -> None:
    """Prepares, measures, prints one table; exit code 1 when an officer met an error."""
    arguments = _arguments()
    errors: list[str] = []
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        material = _material(arguments, folder)
        if {"browser", "together", "soak"} & set(arguments.only):
            figures += _officers(arguments, material, folder, errors)
        if "analyses" in arguments.only:
            many = repeated(material, arguments.clients, folder)
            with serving("portfolio", published(many, folder / "many")) as port, _bars() as bars:
                figures += asyncio.run(analyses(f"localhost:{port}", arguments.rounds, bars))
    print_report("The dashboard through real services", figures)
    for error in sorted(set(errors)):
        print(f"{errors.count(error)} times: {error}", file=sys.stderr)
    sys.exit(bool(errors))


def _officers(arguments: argparse.Namespace, material: Material, folder: Path, errors: list[str]) -> list[Figure]:
    identifiers = pq.read_table(material.features, columns=[store.ID])[store.ID].slice(0, _CHOICE).to_pylist()
    figures: list[Figure] = []
    with running(published(material, folder / "officers")) as stack, _bars() as bars:
        figures.append(Figure("dashboard started, to its first answer", [1000 * stack.started_in]))
        figures.append(Figure("dashboard started, memory", [stack.megabytes], "MB"))
        if "browser" in arguments.only:
            figures += one_officer(stack, identifiers, arguments.rounds, bars)
        if "together" in arguments.only:
            found, failed = asyncio.run(
                load.together(stack, identifiers, arguments.sessions, arguments.seconds, arguments.pause, bars)
            )
            figures += found
            errors += failed
        if "soak" in arguments.only:
            found, failed = asyncio.run(load.soak(stack, identifiers, arguments.soak, bars))
            figures += found
            errors += failed
    return figures


def _material(arguments: argparse.Namespace, folder: Path) -> Material:
    given = Material(arguments.model, arguments.features)
    if given.model.is_dir() and given.features.is_file():
        return given
    return demonstration(folder, *((2_000, 60) if arguments.quick else (10_000, 1200)))


@contextmanager
def _bars() -> Iterator[Progress]:
    columns = (TextColumn("{task.description:<34}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        yield bars


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", type=Path, default=Path("var/model"), help="model folder")
    parser.add_argument("--features", type=Path, default=Path("var/features.parquet"), help="features file")
    parser.add_argument("--clients", type=int, default=300_000, help="clients of the analyses")
    parser.add_argument("--sessions", type=int, default=50, help="sessions at once")
    parser.add_argument("--seconds", type=float, default=60, help="how long they work")
    parser.add_argument("--pause", type=float, default=4, help="seconds between two actions of a session")
    parser.add_argument("--soak", type=int, default=200, help="sessions one after the other")
    parser.add_argument("--rounds", type=int, default=30, help="repetitions of what is timed alone")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to measure")
    parser.add_argument("--quick", action="store_true", help="small numbers in place of those not given")
    small = {"clients": 20_000, "sessions": 5, "seconds": 10, "soak": 20, "rounds": 5}
    if "--quick" in sys.argv:
        parser.set_defaults(**small)
    return parser.parse_args()


if __name__ == "__main__":
    main()
