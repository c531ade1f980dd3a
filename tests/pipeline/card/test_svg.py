import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from pipeline.card.axis import axis, whole
from pipeline.card.rows import Row, plot_rows
from pipeline.card.svg import HEIGHT, WIDTH, Plot
from pipeline.evaluation.result import Interval


def write(value: float, places: int) -> str:
    return f"{value:.{places}f}"


def numbers_of(root: ET.Element) -> list[tuple[float, float]]:
    """Every place (x, y) that is drawn."""
    places = []
    for element in root.iter():
        box = element.attrib
        for x, y in (("x", "y"), ("x1", "y1"), ("x2", "y2"), ("cx", "cy")):
            if x in box:
                places.append((float(box[x]), float(box[y])))
        if "width" in box:
            places.append((float(box["x"]) + float(box["width"]), float(box["y"]) + float(box["height"])))
        pairs = [pair.split(",") for pair in box.get("points", "").split()]
        places += [(float(x), float(y)) for x, y in pairs]
    return places


shares = st.lists(st.floats(0, 1), min_size=2, max_size=30)


@given(shares, st.lists(st.tuples(st.floats(0, 1), st.text(max_size=8)), max_size=3))
def test_everything_is_drawn_inside(values: list[float], marks: list[tuple[float, str]]) -> None:
    marks = [(value, re.sub(r"[^\w<&\"' ]", "", label)) for value, label in marks]
    plot = Plot(whole("x", write), whole("y", write), marks)
    plot.line(values, values, "repaid")
    plot.points(values, values, "repaid")
    plot.spans(values, [0] * len(values), values, "repaid")
    plot.bars(values, values, 0.01, "repaid")
    plot.steps([0, *sorted(values)], values, "repaid")
    root = ET.fromstring(plot.render('a <label> & "more"'))
    assert root.attrib["aria-label"] == 'a <label> & "more"'
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in numbers_of(root))
    drawn = [element.text or "" for element in root.iter("text")]
    assert all(label in drawn for _, label in marks)


def test_a_line_goes_where_its_values_are() -> None:
    plot = Plot(whole("x", write), whole("y", write))
    plot.line((0, 0.5, 1), (0, 0.5, 1), "repaid")
    (line,) = ET.fromstring(plot.render("")).iter("polyline")
    (x0, y0), (x1, y1), (x2, y2) = (map(float, pair.split(",")) for pair in line.attrib["points"].split())
    assert x0 < x2
    assert y0 > y2
    assert abs(x1 - (x0 + x2) / 2) < 0.1
    assert abs(y1 - (y0 + y2) / 2) < 0.1


@given(st.lists(st.tuples(st.from_regex(r"\A[\w ]{0,120}\Z"), st.floats(0, 1)), min_size=1, max_size=8), st.booleans())
def test_rows_write_every_name_in_full_and_draw_inside(named: list[tuple[str, float]], bars: bool) -> None:
    rows = [Row(name, "written", v, Interval(value=v, low=v / 2, high=(1 + v) / 2)) for name, v in named]
    root = ET.fromstring(plot_rows(rows, axis([0, 1], "x", write), "label", bars=bars, marks=[(0.1, "a"), (0.2, "b")]))
    height = float(root.attrib["viewBox"].split()[3])
    assert all(0 <= x <= WIDTH and 0 <= y <= height for x, y in numbers_of(root))
    names = "".join(e.text or "" for e in root.iter("text") if e.attrib["class"] == "name")
    assert re.sub(r"\s", "", names) == re.sub(r"\s", "", "".join(name for name, _ in named))


def test_longer_values_have_longer_bars() -> None:
    rows = [Row(str(v), "", v) for v in (0.1, 0.5, 1.0)]
    root = ET.fromstring(plot_rows(rows, axis([1], "x", write, zero=True), "label", bars=True))
    widths = [float(e.attrib["width"]) for e in root.iter("rect")]
    assert abs(widths[1] / widths[2] - 0.5) < 0.01
    assert abs(widths[0] / widths[2] - 0.1) < 0.01
