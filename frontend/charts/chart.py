"""A chart with all that goes with it: what a person sees, hears, reads and takes away."""

from collections.abc import Sequence
from dataclasses import dataclass

from bokeh.plotting import figure as Figure  # noqa: N812


@dataclass(frozen=True, slots=True)
class Table:
    """The chart's table twin, formatted for the reader; the first cell of a row is its heading."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: ``name`` is that of its files, ``summary`` one sentence in words, ``csv`` its figures for a machine."""

    name: str
    title: str
    summary: str
    figure: Figure
    table: Table
    csv: bytes
