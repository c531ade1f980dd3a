"""Small accessible SVG plots. Colours are classes: the page's style sheet gives them for light, dark and print."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from pipeline.card.axis import Axis

WIDTH, HEIGHT = 420, 300
_LEFT, _RIGHT, _BOTTOM = 52, 398, 256
# Room for the title of the y axis, and for each line of labels of marks.
_TITLE, _MARK = 24, 12


class Plot:
    """A plot of two axes. Series are drawn in the order in which they are added; ``style`` names a class.

    ``marks`` are labelled upright lines; the labels of two neighbours stand at different heights.
    """

    def __init__(self, x: Axis, y: Axis, marks: Sequence[tuple[float, str]] = ()) -> None:
        self._x, self._y = x, y
        self._levels = min(len(marks), 2)
        self._top = _TITLE + _MARK * self._levels
        self._parts: list[Markup] = []
        self._frame()
        # All lines first: a label may stand on its neighbour's line.
        labels = [self._mark(value, label, number) for number, (value, label) in enumerate(marks)]
        self._parts.extend(labels)

    def line(self, xs: Iterable[float], ys: Iterable[float], style: str) -> None:
        """A line through the points."""
        path = " ".join(f"{self._px(x):.1f},{self._py(y):.1f}" for x, y in zip(xs, ys, strict=True))
        self._parts.append(Markup('<polyline class="line {}" points="{}"/>').format(style, path))

    def steps(self, edges: Sequence[float], heights: Sequence[float], style: str) -> None:
        """A histogram: one more edge than heights, filled down to the axis."""
        base = self._py(self._y.low)
        path = [f"M{self._px(edges[0]):.1f} {base:.1f}"]
        for right, height in zip(edges[1:], heights, strict=True):
            path.append(f"V{self._py(height):.1f}H{self._px(right):.1f}")
        path.append(f"V{base:.1f}")
        self._parts.append(Markup('<path class="area {}" d="{}"/>').format(style, "".join(path)))

    def bars(self, centres: Sequence[float], heights: Sequence[float], width: float, style: str) -> None:
        """Upright bars, ``width`` in units of the x axis."""
        for centre, height in zip(centres, heights, strict=True):
            left, right = self._px(centre - width / 2), self._px(centre + width / 2)
            top, base = self._py(height), self._py(self._y.low)
            self._parts.append(bar(style, left, top, right - left, base - top))

    def points(self, xs: Iterable[float], ys: Iterable[float], style: str) -> None:
        """Round marks."""
        for x, y in zip(xs, ys, strict=True):
            self._parts.append(dot(style, self._px(x), self._py(y)))

    def named_points(self, points: Iterable[tuple[float, float, str, str]], *, crosses: bool = False) -> None:
        """Small marks (x, y, style, name), round or crosses, each with its name as tooltip."""
        shape = Markup('<path class="cross {}" d="M{:.1f} {:.1f}m-4-4l8 8m0-8l-8 8"><title>{}</title></path>')
        if not crosses:
            shape = Markup('<circle class="small {}" cx="{:.1f}" cy="{:.1f}" r="2.4"><title>{}</title></circle>')
        for x, y, style, name in points:
            self._parts.append(shape.format(style, self._px(x), self._py(y), name))

    def spans(self, xs: Iterable[float], lows: Iterable[float], highs: Iterable[float], style: str) -> None:
        """Upright intervals."""
        for x, low, high in zip(xs, lows, highs, strict=True):
            at = self._px(x)
            self._parts.append(segment(f"span {style}", (at, self._py(low)), (at, self._py(high))))

    def render(self, label: str) -> Markup:
        """The finished drawing, named for whoever does not see it."""
        return drawing(label, HEIGHT, self._parts)

    def _frame(self) -> None:
        for tick in self._y.ticks:
            at = self._py(tick)
            self._parts.append(segment("grid", (_LEFT, at), (_RIGHT, at)))
            self._parts.append(words(self._y.write(tick), _LEFT - 6, at + 4, "end", "tick"))
        for tick in self._x.ticks:
            at = self._px(tick)
            self._parts.append(segment("grid", (at, _BOTTOM), (at, _BOTTOM + 4)))
            self._parts.append(words(self._x.write(tick), at, _BOTTOM + 17, "middle", "tick"))
        self._parts.append(words(self._y.title, 2, 11, "start", "title"))
        self._parts.append(words(self._x.title, (_LEFT + _RIGHT) / 2, HEIGHT - 8, "middle", "title"))

    def _mark(self, x: float, label: str, number: int) -> Markup:
        """Draws the line and returns its label."""
        at, height = self._px(x), self._top - 5 - _MARK * (number % self._levels)
        self._parts.append(segment("rule mark", (at, height + 3), (at, _BOTTOM)))
        share = (at - _LEFT) / (_RIGHT - _LEFT)
        anchor = "start" if share < 0.15 else "end" if share > 0.85 else "middle"
        return words(label, at, height, anchor, "marked")

    def _px(self, value: float) -> float:
        return self._x.position(value, _LEFT, _RIGHT)

    def _py(self, value: float) -> float:
        return self._y.position(value, _BOTTOM, self._top)


def drawing(label: str, height: float, parts: Iterable[Markup]) -> Markup:
    """An SVG element of the common width around its parts."""
    return Markup('<svg role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>').format(
        label, WIDTH, f"{height:.0f}", Markup("").join(parts)
    )


def segment(style: str, start: tuple[float, float], end: tuple[float, float]) -> Markup:
    """A straight line between two places (x, y)."""
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(style, *start, *end)


def words(text: str, x: float, y: float, anchor: str, style: str) -> Markup:
    """One line of text whose ``anchor`` (start, middle, end) is at (x, y)."""
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(style, x, y, anchor, text)


def bar(style: str, x: float, y: float, width: float, height: float) -> Markup:
    """A rectangle from its upper left corner."""
    return Markup('<rect class="bar {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        style, x, y, width, height
    )


def dot(style: str, x: float, y: float) -> Markup:
    """A round mark."""
    return Markup('<circle class="point {}" cx="{:.1f}" cy="{:.1f}" r="3.5"/>').format(style, x, y)
