"""What the page needs for each figure: its title, a sentence, the drawing, and the same as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Table:
    """A table as written; the first cell of each row is its heading."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Legend:
    """What a class of the drawing stands for."""

    style: str
    name: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure of the page."""

    title: str
    summary: str
    drawing: Markup
    table: Table
    legend: Sequence[Legend] = ()
