"""Which clients belong to a cohort."""

from collections.abc import Iterator

import numpy as np

from frontend.analysis.outcomes import Rows
from frontend.clients.columns import BAND, DECISION, Column, Columns
from frontend.clients.explanations import Cohort, FeatureFilter


def columns_of(cohort: Cohort) -> Iterator[str]:
    """The columns that decide who belongs to it."""
    if cohort.decision is not None:
        yield DECISION
    if cohort.band is not None:
        yield BAND
    yield from (condition.feature for condition in cohort.filters)


def members(cohort: Cohort, columns: Columns) -> Rows:
    """True for each client that satisfies every condition; who has no value satisfies none on it."""
    rows = np.ones(columns.clients, np.bool_)
    if cohort.decision is not None:
        rows &= _among(columns[DECISION], (cohort.decision.value,))
    if cohort.band is not None:
        rows &= _among(columns[BAND], (cohort.band.value,))
    for condition in cohort.filters:
        rows &= _satisfy(columns[condition.feature], condition)
    return rows


def _satisfy(column: Column, condition: FeatureFilter) -> Rows:
    if condition.categories:
        return _among(column, condition.categories)
    # Compared in the precision of the column: 0.1 as float32 lies above 0.1 as float64.
    rows = ~np.isnan(column.values)
    if condition.minimum is not None:
        rows &= column.values >= np.float32(condition.minimum)
    if condition.maximum is not None:
        rows &= column.values <= np.float32(condition.maximum)
    return rows


def _among(column: Column, categories: tuple[str, ...]) -> Rows:
    codes = [position for position, category in enumerate(column.categories) if category in categories]
    return np.isin(column.values, codes)
