"""What Prometheus learns of the dashboard's pages."""

from time import perf_counter

import panel as pn
from prometheus_client import Counter, Gauge, Histogram

_opened = Counter("clairscore_dashboard_pages_opened", "Pages that were asked for.", ["page"])
_sessions = Gauge("clairscore_dashboard_sessions", "Pages that are open, or were left not long ago.", ["page"])
_drawing = Histogram(
    "clairscore_dashboard_draw_seconds",
    "From the beginning of a page's making until the browser has drawn it.",
    ["page"],
    buckets=(0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0),
)


def observe_page(path: str) -> None:
    """Counts the page of the session whose document is the current one; to be called when its making begins."""
    _opened.labels(path).inc()
    sessions, drawing, started = _sessions.labels(path), _drawing.labels(path), perf_counter()
    sessions.inc()
    pn.state.on_session_destroyed(lambda _context: sessions.dec())
    pn.state.onload(lambda: drawing.observe(perf_counter() - started))
