"""Analyses of the whole portfolio: computed once, in threads, for all sessions that ask for the same."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from frontend.analysis.axis import Axis, Span, make_axis
from frontend.analysis.cohort import columns_of, members
from frontend.analysis.correlation import Correlation, category_correlation, correlation
from frontend.analysis.distribution import ScoreBins, by_category, score_bins
from frontend.analysis.feature_distribution import FeatureDistribution, feature_distribution
from frontend.analysis.grid import warm_up
from frontend.analysis.outcomes import Numbers, Outcomes, outcomes
from frontend.analysis.plane import Plane, make_plane
from frontend.analysis.threshold import Curve, Simulation, cost_difference, curve, simulate
from frontend.clients.columns import BAND, REPAYMENT, TARGET, Columns, ColumnStore
from frontend.clients.explanations import Cohort
from pipeline.evaluation.result import Interval

_T = TypeVar("_T")
_KEPT = 128
_BASE = (TARGET, REPAYMENT)
_THRESHOLDS = tuple(k / 100 for k in range(1, 100))


@dataclass(frozen=True, slots=True)
class AxisChoice:
    """A feature as an axis; ``factor`` takes its unit to the axis's."""

    feature: str
    factor: float = 1.0


Box = tuple[Span, Span]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two features against each other, for a cohort; ``zoom`` (x, y, in units of the axes) None: the usual range."""

    x: AxisChoice
    y: AxisChoice
    cohort: Cohort
    zoom: Box | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """A cohort by score; ``bands`` by the spelling of the contract, those that have clients."""

    everyone: Outcomes
    bins: ScoreBins
    bands: dict[str, Outcomes]


@dataclass(frozen=True, slots=True)
class Decisions:
    """A threshold beside the present one; ``difference``: its cost less the present one's."""

    simulated: Simulation
    present: Simulation
    difference: Interval | None
    curve: Curve


class Analyses:
    """Every method raises ``ClairscoreError`` when the columns cannot be read."""

    def __init__(self, columns: ColumnStore) -> None:
        self._columns = columns
        self._kept: OrderedDict[Hashable, asyncio.Future[Any]] = OrderedDict()

    async def warm_up(self) -> None:
        """Gets ready for the first session."""
        await asyncio.to_thread(warm_up)

    async def plane(self, asked: Crossing) -> Plane:
        """Two features against each other."""
        columns = await self._read(asked.x.feature, asked.y.feature, cohort=asked.cohort)

        def compute() -> Plane:
            x, y = _axis(columns, asked.x), _axis(columns, asked.y)
            rows = members(asked.cohort, columns)
            return make_plane(x, y, columns[TARGET].values, columns[REPAYMENT].values, rows, asked.zoom)

        return await self._once((columns.publication, "plane", asked), compute)

    async def selection(self, asked: Crossing, box: Box) -> Outcomes:
        """What became of the cohort's clients in a part of the plane."""
        columns = await self._read(asked.x.feature, asked.y.feature, cohort=asked.cohort)

        def compute() -> Outcomes:
            rows = members(asked.cohort, columns)
            for choice, span in zip((asked.x, asked.y), box, strict=True):
                axis = _axis(columns, choice)
                rows &= axis.snapped(span).holds(axis.values)
            return outcomes(columns[TARGET].values, columns[REPAYMENT].values, rows)

        return await self._once((columns.publication, "selection", asked, box), compute)

    async def correlation(self, feature: str, cohort: Cohort) -> Correlation:
        """How a feature goes with the score within a cohort."""
        columns = await self._read(feature, cohort=cohort)

        def compute() -> Correlation:
            column, rows = columns[feature], members(cohort, columns)
            correlate = category_correlation if column.categories else correlation
            return correlate(column.values[rows], columns[REPAYMENT].values[rows])

        return await self._once((columns.publication, "correlation", feature, cohort), compute)

    async def group(self, cohort: Cohort) -> Outcomes:
        """What became of a cohort's clients."""
        columns = await self._read(cohort=cohort)

        def compute() -> Outcomes:
            return outcomes(columns[TARGET].values, columns[REPAYMENT].values, members(cohort, columns))

        return await self._once((columns.publication, "group", cohort), compute)

    async def distribution(self, feature: str, cohort: Cohort) -> FeatureDistribution:
        """How a feature is distributed over a cohort, by what became of the clients."""
        columns = await self._read(feature, cohort=cohort)

        def compute() -> FeatureDistribution:
            column, rows = columns[feature], members(cohort, columns)
            return feature_distribution(column.values[rows], column.categories, columns[TARGET].values[rows])

        return await self._once((columns.publication, "distribution", feature, cohort), compute)

    async def overview(self, cohort: Cohort) -> Overview:
        """A cohort by score."""
        columns = await self._read(BAND, cohort=cohort)

        def compute() -> Overview:
            rows = members(cohort, columns)
            target, scores = columns[TARGET].values[rows], columns[REPAYMENT].values[rows]
            band = columns[BAND]
            return Overview(
                outcomes(target, scores),
                score_bins(target, scores),
                by_category(band.values[rows], band.categories, target, scores),
            )

        return await self._once((columns.publication, "overview", cohort), compute)

    async def decisions(self, threshold: float, present: float, cost_ratio: float, cohort: Cohort) -> Decisions:
        """What a threshold would have done to a cohort, beside the present one."""
        columns = await self._read(cohort=cohort)

        def of_cohort() -> tuple[Numbers, Numbers]:
            rows = members(cohort, columns)
            return columns[TARGET].values[rows], columns[REPAYMENT].values[rows]

        key = (columns.publication, cohort, cost_ratio)
        along = await self._once(("curve", *key), lambda: curve(*of_cohort(), _THRESHOLDS, cost_ratio))

        def compute() -> Decisions:
            target, scores = of_cohort()
            return Decisions(
                simulate(target, scores, threshold, cost_ratio),
                simulate(target, scores, present, cost_ratio),
                cost_difference(target, scores, threshold, present, cost_ratio),
                along,
            )

        return await self._once(("decisions", *key, threshold, present), compute)

    async def _read(self, *features: str, cohort: Cohort | None = None) -> Columns:
        return await self._columns.columns((*_BASE, *features, *(columns_of(cohort) if cohort else ())))

    async def _once(self, key: Hashable, compute: Callable[[], _T]) -> _T:
        """Computes in a thread, unless it was or is being computed; the least recently used results are forgotten."""
        found = self._kept.get(key)
        if found is None:
            found = asyncio.ensure_future(asyncio.to_thread(compute))
            self._kept[key] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        try:
            # Who goes away must not take the result from the others who wait for it.
            result: _T = await asyncio.shield(found)
        except Exception:
            self._kept.pop(key, None)
            raise
        return result


def _axis(columns: Columns, choice: AxisChoice) -> Axis:
    column = columns[choice.feature]
    return make_axis(column.values, column.categories, choice.factor)
