"""What a letter says, in words and in the order in which it is read; ``content`` composes it, ``page`` sets it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A term and what is to be said of it."""

    term: str
    text: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence, and a remark where the feature is one that the law protects."""

    sentence: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ReasonList:
    """What speaks for the customer, or against."""

    title: str
    sign: str
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its heading with a remark where there is one, and a cell for each further column."""

    heading: str
    cells: Sequence[str]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows under one heading."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table."""

    header: Sequence[str]
    groups: Sequence[RowGroup]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with paragraphs, then items of a list, then a table, then closing paragraphs."""

    title: str
    paragraphs: Sequence[str] = ()
    items: Sequence[str] = ()
    sheet: Sheet | None = None
    closing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """The letter. ``demonstration`` is said on every page, empty where the data are real.

    ``gauge`` is a picture (SVG), ``gauge_text`` the same in words. ``fields`` are left blank for the officer.
    """

    language: str
    title: str
    lender: str
    demonstration: str
    footer: str
    particulars: Sequence[Entry]
    introduction: str
    proposal: str
    accepted: bool
    score: Sequence[str]
    gauge: str
    gauge_text: str
    decision: Section
    choices: Sequence[str]
    fields: Sequence[str]
    reasons: Section
    sides: Sequence[ReasonList]
    sections: Sequence[Section]
