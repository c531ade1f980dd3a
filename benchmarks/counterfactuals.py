"""Counterfactuals beside DiCE's: `python benchmarks/counterfactuals.py FEATURES MODEL`.

FEATURES is written by `clairscore features`, MODEL by `clairscore train` on them. Refused clients of whom everything
that they could change is known are drawn at random. Everyone may change the same features within the same ranges and
asks the same model; only ours also keeps to round figures and steps, and to what other clients' values allow.
"""

import argparse
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from benchmarks import dice
from pipeline.features.dictionary import Kind
from pipeline.model.applicants import Applicant
from pipeline.model.manifest import Decision
from services.explain.counterfactual.candidates import Candidates, candidates
from services.explain.counterfactual.find import find
from services.explain.explainer import Explainer
from services.explain.portfolio import build, parts
from services.explain.portfolio.store import ExplainedPortfolio

Changes = dict[str, Any]
# Answers of one client: its changed features with their new values.
Search = Callable[[Applicant, Sequence[Candidates]], list[Changes]]


@dataclass
class Measured:
    """What one contender did for every client: processor time in seconds, and its cheapest answer."""

    seconds: list[float] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    helped: set[int] = field(default_factory=set)
    late: int = 0


def main() -> None:
    """Explains the portfolio, asks everyone for every client, prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("features", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=10.0, help="for one client and contender")
    parser.add_argument("--answers", type=int, default=3)
    parser.add_argument("--changes", type=int, default=3, help="most features that ours changes; DiCE knows no limit")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir(), "clairscore-benchmarks"))
    chosen = parser.parse_args()
    version = dice.install(chosen.cache)
    explainer = Explainer.load(chosen.model)
    clients = pq.read_table(chosen.features)
    with tempfile.TemporaryDirectory() as folder, _explained(explainer, clients, Path(folder)) as portfolio:
        subjects = _subjects(explainer, portfolio, clients, chosen.clients)
        frame = _frame(explainer, clients)

        def ours(applicant: Applicant, _: Sequence[Candidates]) -> list[Changes]:
            end = time.monotonic() + chosen.seconds
            found = find(
                explainer,
                portfolio.ranks,
                portfolio.neighbours,
                applicant,
                count=chosen.answers,
                max_changes=chosen.changes,
                stop=lambda: time.monotonic() >= end,
            )
            return [{c.feature: c.after for c in answer.changes} for answer in found.counterfactuals]

        def theirs(method: str) -> Search:
            return lambda applicant, moves: dice.counterfactuals(
                explainer, applicant, moves, frame, method, chosen.answers
            )

        contenders = {f"Clairscore, at most {chosen.changes} changes": ours} | {
            f"dice-ml {version}, {m}": theirs(m) for m in ("random", "genetic")
        }
        found = {name: _measured(explainer, portfolio, subjects, s, chosen.seconds) for name, s in contenders.items()}
    Console(width=120).print(_table(found, len(subjects), explainer))


@contextmanager
def _explained(explainer: Explainer, clients: pa.Table, folder: Path) -> Iterator[ExplainedPortfolio]:
    """The portfolio as the explain service keeps it."""
    manifest = explainer.model.manifest
    repayment = 1 - explainer.model.probability_of_default(explainer.model.encoder.table(clients))
    facts = {
        parts.REPAYMENT: repayment,
        parts.BAND: [str(manifest.band(p)) for p in repayment],
        parts.DECISION: [str(manifest.decision(p)) for p in repayment],
    }
    for name, values in facts.items():
        clients = clients.append_column(name, pa.array(values))
    parts.write(folder, 0, build.explain(explainer, clients))
    build.complete(folder, explainer.model.dictionary, build.about(explainer, "benchmark", clients.num_rows))
    yield ExplainedPortfolio(folder, explainer.model.dictionary)


def _movable(explainer: Explainer) -> list[str]:
    return [f.name for f in explainer.model.dictionary.base if f.actionable and explainer.depends_on(f.name)]


def _subjects(
    explainer: Explainer, portfolio: ExplainedPortfolio, clients: pa.Table, count: int
) -> list[tuple[Applicant, list[Candidates]]]:
    """Refused clients, with what each may change."""
    repayment = 1 - explainer.model.probability_of_default(explainer.model.encoder.table(clients))
    names = _movable(explainer)
    known = np.all([clients[name].is_valid().to_numpy() for name in names], axis=0)
    rows = np.flatnonzero(known & (repayment < explainer.model.manifest.threshold))
    rows = np.random.default_rng(0).choice(rows, min(count, len(rows)), replace=False)
    base = [f.name for f in explainer.model.dictionary.base]
    applicants = [explainer.applicants.record(r, {}) for r in clients.select(base).take(rows).to_pylist()]
    by_name = explainer.model.dictionary.by_name
    found = [(a, [candidates(by_name[n], a.base[n], None, portfolio.ranks) for n in names]) for a in applicants]
    return [(applicant, [move for move in moves if move is not None]) for applicant, moves in found]


def _frame(explainer: Explainer, clients: pa.Table) -> pd.DataFrame:
    """What DiCE learns ranges and distances from."""
    frame = clients.select(_movable(explainer)).to_pandas()
    repayment = 1 - explainer.model.probability_of_default(explainer.model.encoder.table(clients))
    frame[dice.OUTCOME] = (repayment >= explainer.model.manifest.threshold).astype(int)
    for name in frame.columns[:-1]:
        if explainer.model.dictionary.by_name[name].kind is Kind.CATEGORY:
            frame[name] = frame[name].astype(object)
    known: pd.DataFrame = frame.dropna().reset_index(drop=True)
    return known


def _measured(
    explainer: Explainer,
    portfolio: ExplainedPortfolio,
    subjects: Sequence[tuple[Applicant, list[Candidates]]],
    search: Search,
    seconds: float,
) -> Measured:
    measured = Measured()
    for number, (applicant, moves) in enumerate(subjects):
        start = time.process_time()
        try:
            with _at_most(seconds + 1):
                answers = search(applicant, moves)
        except TimeoutError:
            answers = []
            measured.late += 1
        measured.seconds.append(time.process_time() - start)
        valid = [a for a in answers if _valid(explainer, applicant, moves, a)]
        if valid:
            best = min(valid, key=lambda answer: _cost(portfolio, applicant, answer))
            measured.helped.add(number)
            measured.changed.append(len(best))
            measured.cost.append(_cost(portfolio, applicant, best))
    return measured


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Ends what knows no deadline of its own."""

    def late(*_: object) -> None:
        raise TimeoutError

    previous = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _valid(explainer: Explainer, applicant: Applicant, moves: Sequence[Candidates], changes: Changes) -> bool:
    """Whether the served model accepts the client with changes within the ranges."""
    allowed = {m.feature.name: [m.own, *m.values] for m in moves}
    for name, value in changes.items():
        if isinstance(value, str):
            if value not in allowed[name]:
                return False
        elif not min(allowed[name]) <= value <= max(allowed[name]):
            return False
    version = explainer.applicants.record(applicant.base, changes)
    repayment = 1 - float(explainer.model.probability_of_default(version.vector)[0])
    return explainer.model.manifest.decision(repayment) is Decision.ACCEPT


def _cost(portfolio: ExplainedPortfolio, applicant: Applicant, changes: Changes) -> float:
    """As ours is counted: the share of the portfolio between old and new value, 0.5 for a category."""

    def moved(name: str, value: float | str) -> float:
        if isinstance(value, str):
            return 0.5
        ranks = portfolio.ranks
        return abs(
            (ranks.percentile(name, value) or 0) - (ranks.percentile(name, float(applicant.base[name] or 0)) or 0)
        )

    return sum(moved(name, value) for name, value in changes.items())


def _table(found: dict[str, Measured], clients: int, explainer: Explainer) -> Table:
    anyone = set().union(*(m.helped for m in found.values()))
    table = Table(
        title=f"{clients} refused clients, {explainer.model.manifest.version}; {len(anyone)} helped by anyone",
        caption="changed, cost: of the cheapest valid answer; seconds: processor time of one client",
    )
    table.add_column("")
    for heading in ("helped", "of those anyone helps", "features changed", "cost", "median s", "p95 s", "too late"):
        table.add_column(heading, justify="right")
    for name, measured in found.items():
        table.add_row(
            name,
            f"{len(measured.helped)}",
            f"{len(measured.helped) / max(1, len(anyone)):.0%}",
            _mean(measured.changed),
            _mean(measured.cost),
            f"{np.median(measured.seconds):.2f}",
            f"{np.quantile(measured.seconds, 0.95):.2f}",
            f"{measured.late}",
        )
    return table


def _mean(values: Sequence[float] | npt.NDArray[np.float64]) -> str:
    return f"{np.mean(values):.2f}" if len(values) else "-"


if __name__ == "__main__":
    main()
