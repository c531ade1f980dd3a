"""Draws the Grafana dashboards' panels by their own queries, from a Prometheus that has read a stack under traffic.

Not Grafana: the same panels, queries, legends and places, drawn by Bokeh.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import numpy as np
from bokeh.layouts import column, row
from bokeh.models import BasicTickFormatter, CustomJSTickFormatter, Div, LinearColorMapper
from bokeh.palettes import Category20, Oranges256
from bokeh.plotting import figure, save
from bokeh.resources import INLINE
from playwright.sync_api import sync_playwright

_HERE = Path(__file__).parent
_DASHBOARDS = _HERE.parents[1] / "deploy" / "observability" / "grafana" / "dashboards"
# A column of Grafana's 24, and a row of a chart and of words, in pixels.
_WIDTH, _HEIGHT, _TEXT_HEIGHT = 60, 38, 24
_STEPS = 240
_PALETTE = Category20[20]

Series = tuple[str, list[float], list[float]]


class Prometheus:
    """Answers queries over the last minutes."""

    def __init__(self, url: str, minutes: float) -> None:
        self._url = url
        self.end = time.time()
        self.seconds = 60 * minutes

    def instant(self, query: str) -> list[dict[str, Any]]:
        """The last value of each series."""
        return self._get("query", query=query, time=str(self.end))

    def range(self, query: str) -> list[dict[str, Any]]:
        """Each series over the time."""
        start, step = self.end - self.seconds, self.seconds / _STEPS
        return self._get("query_range", query=query, start=str(start), end=str(self.end), step=f"{step:.3f}")

    def _get(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        with urlopen(f"{self._url}/api/v1/{path}?{urlencode(parameters)}", timeout=60) as answer:
            found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        return found


def legend(pattern: str, labels: Mapping[str, str]) -> str:
    """The name of a series, as Grafana fills it in."""
    for name, value in labels.items():
        pattern = pattern.replace("{{" + name + "}}", value)
    return pattern


def written(value: float, unit: str) -> str:
    """A value with its unit, as short as Grafana writes it."""
    if not np.isfinite(value):
        return "–"
    scales = {"percentunit": (0.01, " %"), "bytes": (2**20, " MiB"), "reqps": (1, " /s")}
    if unit == "s":
        times = ((86400, " d"), (3600, " h"), (60, " min"), (1, " s"))
        size, name = next((one for one in times if value >= one[0]), (0.001, " ms"))
    else:
        size, name = scales.get(unit, (1, ""))
    return f"{value / size:.4g}{name}"


def _series(panel: dict[str, Any], source: Prometheus) -> Iterator[Series]:
    for target in panel["targets"]:
        for found in source.range(target["expr"]):
            times, values = zip(*found["values"], strict=True)
            name = legend(target["legendFormat"], found["metric"])
            yield name, [1000 * float(t) for t in times], [float(v) for v in values]


def _figure(panel: dict[str, Any], **more: Any) -> Any:
    made = figure(
        title=panel["title"],
        width=_WIDTH * panel["gridPos"]["w"],
        height=_HEIGHT * panel["gridPos"]["h"],
        toolbar_location=None,
        **more,
    )
    made.title.text_font_size = "13px"
    made.outline_line_color = None
    return made


def _formatter(unit: str) -> Any:
    scale = {"percentunit": (100, " %"), "s": (1, " s"), "bytes": (2**-20, " MiB"), "reqps": (1, " /s")}.get(unit)
    if scale is None:
        return BasicTickFormatter()
    factor, name = scale
    return CustomJSTickFormatter(code=f"return Number((tick * {factor}).toPrecision(3)) + '{name}'")


def _lines(panel: dict[str, Any], source: Prometheus) -> Any:
    made = _figure(panel, x_axis_type="datetime")
    found = sorted(_series(panel, source))
    stacked = "stacking" in panel["fieldConfig"]["defaults"]["custom"]
    floor: dict[float, float] = {}
    for k, (name, times, values) in enumerate(found):
        colour = _PALETTE[(2 * k) % 20 + (2 * k) // 20]
        if stacked:
            low = [floor.get(t, 0.0) for t in times]
            high = [a + b for a, b in zip(low, values, strict=True)]
            floor |= dict(zip(times, high, strict=True))
            made.varea(times, low, high, color=colour, alpha=0.6, legend_label=name)
        else:
            made.line(times, values, color=colour, line_width=2, legend_label=name)
    made.yaxis.formatter = _formatter(panel["fieldConfig"]["defaults"]["unit"])
    made.y_range.start = 0
    if found:
        wide = panel["gridPos"]["w"] > 8
        made.add_layout(made.legend[0], "right" if wide else "below")
        made.legend.label_text_font_size = "10px"
        made.legend.ncols = 1 if wide else 2
        made.legend.label_height = made.legend.glyph_height = 12
        made.legend.spacing = made.legend.padding = made.legend.margin = 1
        made.legend.border_line_color = None
    return made


def _heat(panel: dict[str, Any], source: Prometheus) -> Any:
    (target,) = panel["targets"]
    found = sorted(source.range(target["expr"]), key=lambda one: float(one["metric"]["le"]))
    times = sorted({t for one in found for t, _ in one["values"]})
    cumulative = np.array([[dict(map(tuple, one["values"])).get(t, 0) for t in times] for one in found], float)
    counts = np.maximum(np.diff(cumulative, axis=0, prepend=0), 0)
    made = _figure(panel, x_axis_type="datetime", y_range=(0, 1))
    start, end = 1000 * times[0], 1000 * times[-1]
    colours = LinearColorMapper(["#ffffff", *reversed(Oranges256[:-20])], low=0, high=max(1.0, float(counts.max())))
    made.image([counts], x=start, y=0, dw=end - start, dh=1, color_mapper=colours)
    made.yaxis.formatter = _formatter("percentunit")
    return made


def _bars(panel: dict[str, Any], source: Prometheus) -> Any:
    (target,) = panel["targets"]
    found = [
        (legend(target["legendFormat"], one["metric"]), float(one["value"][1]))
        for one in source.instant(target["expr"])
    ]
    names = [name for name, _ in reversed(found)]
    made = _figure(panel, y_range=names)
    made.hbar(
        names, right=[v for _, v in reversed(found)], height=0.7, color=[_colour(panel, v) for _, v in reversed(found)]
    )
    made.yaxis.major_label_text_font_size = "9px"
    made.x_range.start = 0
    return made


def _stat(panel: dict[str, Any], source: Prometheus) -> Any:
    (target,) = panel["targets"]
    found = source.instant(target["expr"])
    value = float(found[0]["value"][1]) if found else float("nan")
    text = written(value, panel["fieldConfig"]["defaults"]["unit"])
    big = f"<div style='font-size:30px;color:{_colour(panel, value)}'>{text}</div>"
    return _block(panel, big)


def _table(panel: dict[str, Any], source: Prometheus) -> Any:
    rows = [one["metric"] for target in panel["targets"] for one in source.instant(target["expr"])]
    cells = "".join(f"<tr><td>{row.get('job', '')}</td><td>{row.get('version', '')}</td></tr>" for row in rows)
    return _block(panel, f"<table style='font-size:13px;border-spacing:12px 1px'>{cells}</table>")


def _block(panel: dict[str, Any], content: str) -> Any:
    place = panel["gridPos"]
    return Div(
        text=f"<div style='font:bold 13px Helvetica,sans-serif;color:#444'>{panel['title']}</div>{content}",
        width=_WIDTH * place["w"],
        height=_TEXT_HEIGHT * place["h"],
        styles={"padding": "6px", "font-family": "Helvetica, sans-serif"},
    )


def _colour(panel: dict[str, Any], value: float) -> str:
    colours = {"green": "#2e7d32", "orange": "#e07000", "red": "#c62828"}
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    reached = [step["color"] for step in steps if step["value"] is None or value >= step["value"]]
    return colours[reached[-1]]


_KINDS: dict[str, Callable[[dict[str, Any], Prometheus], Any]] = {
    "timeseries": _lines,
    "heatmap": _heat,
    "bargauge": _bars,
    "stat": _stat,
    "table": _table,
}


def _page(dashboard: dict[str, Any], source: Prometheus) -> Any:
    rows: dict[int, list[Any]] = {}
    for panel in dashboard["panels"]:
        rows.setdefault(panel["gridPos"]["y"], []).append(_KINDS[panel["type"]](panel, source))
    moment = datetime.fromtimestamp(source.end, UTC).strftime("%Y-%m-%d %H:%M UTC")
    title = (
        f"<h2 style='font:600 20px Helvetica,sans-serif;margin:4px'>{dashboard['title']} <small>{moment}</small></h2>"
    )
    return column(Div(text=title), *(row(*panels) for panels in rows.values()))


def main() -> None:
    """Writes a picture of each dashboard beside this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--prometheus", default="http://localhost:9090")
    parser.add_argument("--minutes", type=float, default=60)
    arguments = parser.parse_args()
    source = Prometheus(arguments.prometheus, arguments.minutes)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 24 * _WIDTH + 40, "height": 300})
        for file in sorted(_DASHBOARDS.glob("*.json")):
            drawn = save(_page(json.loads(file.read_text()), source), Path(folder) / "page.html", INLINE, file.stem)
            page.goto(f"file://{drawn}")
            page.wait_for_function("Bokeh.documents.length > 0 && Bokeh.documents[0].is_idle")
            page.screenshot(path=_HERE / f"grafana-{file.stem}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
