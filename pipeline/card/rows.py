"""Plots of named rows: one bar or one estimate with its interval for each name, the name written above it in full."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pipeline.card.axis import Axis
from pipeline.card.svg import WIDTH, bar, dot, drawing, segment, words
from pipeline.evaluation.result import Interval

_START, _END = 10.0, WIDTH - 14.0
_TOP, _LINE, _BAR, _GAP, _FOOT = 32.0, 14.0, 12.0, 11.0, 40.0
# So many characters of a name fit beside the figure that is written at the right.
_CHARACTERS = 44


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its name, its value as written, and the value or interval that is drawn; ``style`` names a class."""

    name: str
    written: str
    value: float
    interval: Interval | None = None
    style: str = "repaid"


def plot_rows(
    rows: Sequence[Row], scale: Axis, label: str, *, bars: bool, marks: Sequence[tuple[float, str]] = ()
) -> Markup:
    """Rows from top to bottom over a common axis. Bars need an axis from 0; marks are labelled upright lines."""
    parts: list[Markup] = []
    y = _TOP if marks else 4.0
    body: list[Markup] = []
    for row in rows:
        lines = textwrap.wrap(row.name, _CHARACTERS) or [""]
        for i, line in enumerate(lines):
            body.append(words(line, _START, y + _LINE * (i + 1) - 3, "start", "name"))
        body.append(words(row.written, _END, y + _LINE * len(lines) - 3, "end", "value"))
        y += _LINE * len(lines)
        body.extend(_drawn(row, scale, y + 2, bars))
        y += _BAR + _GAP
    for tick in scale.ticks:
        at = scale.position(tick, _START, _END)
        parts.append(segment("grid", (at, _TOP if marks else 4.0), (at, y)))
        anchor = "start" if at < _START + 12 else "end" if at > _END - 12 else "middle"
        parts.append(words(scale.write(tick), at, y + 13, anchor, "tick"))
    for i, (value, name) in enumerate(marks):
        # Labels of neighbouring marks take turns in height.
        height = _TOP - 8 - 12 * (i % 2)
        at = scale.position(value, _START, _END)
        parts.append(segment("rule mark", (at, height + 3), (at, y)))
        anchor = "start" if at < WIDTH / 4 else "end" if at > WIDTH * 3 / 4 else "middle"
        body.append(words(name, at, height, anchor, "marked"))
    parts.extend(body)
    parts.append(words(scale.title, WIDTH / 2, y + 31, "middle", "title"))
    return drawing(label, y + _FOOT, parts)


def _drawn(row: Row, scale: Axis, y: float, bars: bool) -> list[Markup]:
    at, middle = scale.position(row.value, _START, _END), y + _BAR / 2
    parts = []
    if bars:
        zero = scale.position(0.0, _START, _END)
        parts.append(bar(row.style, min(zero, at), y, max(abs(at - zero), 0.5), _BAR))
    if row.interval is not None:
        low, high = (scale.position(v, _START, _END) for v in (row.interval.low, row.interval.high))
        parts.append(segment("span over" if bars else f"span {row.style}", (low, middle), (high, middle)))
    if not bars:
        parts.append(dot(row.style, at, middle))
    return parts
