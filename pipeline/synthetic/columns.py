"""How a table is held while it is made: one numpy array per column.

A category is its position in the catalogue of ``pipeline.tables.layout`` (-1: missing), so that a spelling that
the catalogue does not know cannot be made. Numbers are float64 (NaN: missing), everything else is int64.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.tables.layout import layout

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Columns = dict[str, NDArray[Any]]

MISSING = -1
# The public data's mark for "not a date": no employment, no drawing, not terminated yet.
NO_DATE = 365243
DAYS_PER_MONTH = 30.4


@cache
def catalogue(table: str, column: str) -> tuple[str, ...]:
    """The spellings of a column's categories, in the order of their codes."""
    return tuple(category.value for category in layout()[table].columns[column].categories)


def code(table: str, column: str, value: str) -> int:
    """The code of one category; ``ValueError`` if the catalogue does not know the spelling."""
    return catalogue(table, column).index(value)


def to_month(days: Floats | Ints) -> Ints:
    """The month, relative to the application (-1 is the month before it), in which a day lies."""
    return np.floor(days / DAYS_PER_MONTH).astype(np.int64)
