"""Searches the changes of one client's features for the cheapest that are accepted.

The candidates of each feature are all its values within reach. Every single change is tried. Several changes at once
are tried for every set of features, over all combinations of the values that matter: of the runs of values that alone
give the same margin the nearest, thinned where there would be more combinations than can be tried, with those kept
that buy most margin for their cost. Where nothing is accepted, the most promising combinations are improved value
by value over all candidates. Answers are then made cheaper, value by value, over all candidates.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from services.explain.counterfactual.candidates import Candidates
from services.explain.counterfactual.versions import UNCHANGED, Plan, Versions
from services.explain.ensemble import Floats

# Versions scored between two looks at the clock, in some 20 ms: most of it is the same for fewer.
_BATCH_ROWS = 8_192
# Combinations tried of one set of features (64 values of each of two, 16 of each of three), and of all sets of a size.
_ROWS_A_SET = 4_096
_ROWS_A_SIZE = 400_000
# Combinations improved where none is accepted.
_RESCUED = 8

Row = npt.NDArray[np.intp]
# Places of the changed features.
Subset = frozenset[int]


class Stopped(Exception):
    """The time is over: what was found so far is all there is."""


class Search:
    """One client's search. ``answers`` holds the cheapest accepted version of each set of features found so far."""

    def __init__(
        self, versions: Versions, moves: Sequence[Candidates], count: int, max_changes: int, stop: Callable[[], bool]
    ) -> None:
        self._versions = versions
        self._moves = moves
        self._count = count
        self._places = versions.effective
        self._max_changes = min(max_changes, len(self._places))
        self._stop = stop
        self.answers: dict[Subset, tuple[float, Row]] = {}
        # The lowest margin of each set where nothing was accepted.
        self._nearest: dict[Subset, tuple[float, Row]] = {}
        self._refined: set[Subset] = set()

    def run(self) -> bool:
        """Fills ``answers``; returns whether the search came to its end."""
        try:
            levels = self._singles()
            self._refine_chosen()
            for size in range(2, self._max_changes + 1):
                self._sets(size, levels)
                self._refine_chosen()
            if not self.answers:
                self._rescue()
                self._refine_chosen()
        except Stopped:
            return False
        return True

    def chosen(self) -> list[Subset]:
        """The cheapest answers; none that changes more features than another one and costs as much or more."""
        chosen: list[Subset] = []
        for subset in sorted(self.answers, key=lambda s: (self.answers[s][0], len(s), sorted(s))):
            if not any(known <= subset for known in chosen):
                chosen.append(subset)
        return chosen[: self._count]

    def _singles(self) -> dict[int, "_Levels"]:
        plans = {k: self._varied(self._unchanged(1)[0], k, len(self._moves[k].values)) for k in self._places}
        ends = np.cumsum([len(plan) for plan in plans.values()])
        margins = np.split(self._margins(np.concatenate([self._unchanged(0), *plans.values()])), ends)
        levels = {}
        for (k, plan), own in zip(plans.items(), margins, strict=False):
            self._record(Subset((k,)), plan, own)
            levels[k] = _Levels(self._moves[k], own)
        return levels

    def _sets(self, size: int, levels: Mapping[int, "_Levels"]) -> None:
        """All sets of so many features, the most promising first."""
        subsets = list(combinations(self._places, size))
        subsets.sort(key=lambda s: (sum(levels[k].best for k in s), s))
        rows_a_set = min(_ROWS_A_SET, _ROWS_A_SIZE / len(subsets))
        most = max(1, int(rows_a_set ** (1 / size) + 1e-9))
        choices = {k: level.thinned(most) for k, level in levels.items()}
        for batch in self._batches(subsets, choices):
            plan = np.concatenate([rows for _, rows in batch])
            ends = np.cumsum([len(rows) for _, rows in batch])[:-1]
            for (subset, rows), margins in zip(batch, np.split(self._margins(plan), ends), strict=True):
                self._record(subset, rows, margins)

    def _batches(
        self, subsets: Sequence[tuple[int, ...]], choices: Mapping[int, Row]
    ) -> Iterator[list[tuple[Subset, Plan]]]:
        batch: list[tuple[Subset, Plan]] = []
        for places in subsets:
            grid = np.meshgrid(*(choices[k] for k in places), indexing="ij")
            plan = self._unchanged(grid[0].size)
            for k, column in zip(places, grid, strict=True):
                plan[:, k] = column.ravel()
            subset = Subset(places)
            plan = plan[self._versions.costs(plan) < self._bound(subset)]
            if len(plan):
                batch.append((subset, plan))
            if sum(len(rows) for _, rows in batch) >= _BATCH_ROWS:
                yield batch
                batch = []
        if batch:
            yield batch

    def _bound(self, subset: Subset) -> float:
        """What an answer with these features must cost less than to be chosen."""
        chosen = self.chosen()
        smaller = [self.answers[s][0] for s in chosen if s <= subset]
        full = [self.answers[chosen[-1]][0]] if len(chosen) == self._count else []
        return min([*smaller, *full, np.inf])

    def _record(self, subset: Subset, plan: Plan, margins: Floats) -> bool:
        """Notes the cheapest accepted version, or the nearest miss; returns whether it is the set's cheapest so far."""
        if not len(plan):
            return False
        accepted = np.flatnonzero(self._versions.accepted(margins))
        if not len(accepted):
            lowest = int(np.argmin(margins))
            self._nearest[subset] = float(margins[lowest]), plan[lowest]
            return False
        costs = self._versions.costs(plan[accepted])
        cheapest = int(np.argmin(costs))
        if subset in self.answers and self.answers[subset][0] <= costs[cheapest]:
            return False
        self.answers[subset] = float(costs[cheapest]), plan[accepted[cheapest]]
        return True

    def _refine_chosen(self) -> None:
        """Makes the chosen answers cheaper; others may be chosen then, which follow."""
        while waiting := [subset for subset in self.chosen() if subset not in self._refined]:
            for subset in waiting:
                self._refine(subset)

    def _refine(self, subset: Subset) -> None:
        """Takes the one nearer value that saves most, as long as there is one."""
        improved = len(subset) > 1
        while improved:
            row = self.answers[subset][1]
            # Candidates are in the order of their costs: only those before can be cheaper.
            plan = np.concatenate([self._varied(row, k, int(row[k])) for k in sorted(subset)])
            improved = self._record(subset, plan, self._margins(plan))
        self._refined.add(subset)

    def _rescue(self) -> None:
        """Lowers the margin of the nearest misses, one value at a time, until one is accepted."""
        nearest = sorted(self._nearest.items(), key=lambda item: (item[1][0], sorted(item[0])))
        for subset, miss in nearest[:_RESCUED]:
            margin, row = miss
            improved = True
            while improved and subset not in self.answers:
                plan = np.concatenate([self._varied(row, k, len(self._moves[k].values)) for k in sorted(subset)])
                margins = self._margins(plan)
                self._record(subset, plan, margins)
                lowest = int(np.argmin(margins))
                improved = bool(margins[lowest] < margin)
                margin, row = float(margins[lowest]), plan[lowest]

    def _margins(self, plan: Plan) -> Floats:
        """Batch by batch.

        Raises:
            Stopped: the time is over.
        """
        margins = np.empty(len(plan))
        for start in range(0, len(plan), _BATCH_ROWS):
            if self._stop():
                raise Stopped
            rows = slice(start, start + _BATCH_ROWS)
            margins[rows] = self._versions.margins(plan[rows])
        return margins

    @staticmethod
    def _varied(row: Row, place: int, values: int) -> Plan:
        """A version, with each of so many candidates of one feature in turn; the cheapest first."""
        plan = np.repeat(row[None], values, axis=0)
        plan[:, place] = np.arange(values)
        return plan

    def _unchanged(self, rows: int) -> Plan:
        return np.full((rows, len(self._moves)), UNCHANGED, np.intp)


class _Levels:
    """The values of one feature that matter, judged by the margin that each has alone."""

    def __init__(self, move: Candidates, margins: Floats) -> None:
        self.best = float(margins.min())
        up = np.array([isinstance(value, str) or value > float(move.own) for value in move.values])
        runs = []
        for here in (np.flatnonzero(up), np.flatnonzero(~up)):
            if len(here):
                # The nearest of each run of equal margins, and the furthest of all.
                starts = np.flatnonzero(margins[here][1:] != margins[here][:-1]) + 1
                runs.append(here[np.union1d([0, len(here) - 1], starts)])
        self._values: Row = np.sort(np.concatenate(runs))
        self._margins = margins[self._values]

    def thinned(self, most: int) -> Row:
        """At most so many of the values: first those that lower the margin more than every cheaper one."""
        if len(self._values) <= most:
            return self._values
        cheaper = np.concatenate([[np.inf], np.minimum.accumulate(self._margins)[:-1]])
        front = np.flatnonzero(self._margins < cheaper)
        if len(front) >= most:
            kept = front[np.linspace(len(front) - 1, 0, most).round().astype(np.intp)]
        else:
            others = np.setdiff1d(np.arange(len(self._values)), front)
            picked = np.linspace(0, len(others) - 1, most - len(front)).round().astype(np.intp)
            kept = np.union1d(front, others[picked])
        return np.sort(self._values[kept])
