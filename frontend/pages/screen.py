"""When a page may change, and how its changes reach the browser."""

from collections.abc import Callable
from typing import Generic, TypeVar

import panel as pn

from frontend.components.base import as_one

_V = TypeVar("_V")


class Screen(Generic[_V]):
    """Shows views to the browser of the session whose document is the current one, each as a whole.

    A view is shown while Bokeh has locked the document for it, so that changes keep their order; when several come
    before that, only the last is shown. Until the browser connects, views go into the document that it is going to
    fetch: most answers are there by then, and the page is drawn once. From its connection until it has drawn the page
    (``open``) nothing changes, because what the browser receives beside the document itself could get lost.
    """

    def __init__(self, show: Callable[[_V], None]) -> None:
        document = pn.state.curdoc
        if document is None:
            raise RuntimeError("a page is shown inside a session")
        self._document = document
        self._show = show
        self._latest: _V | None = None
        self._open = False
        self._scheduled = False

    def show(self, view: _V) -> None:
        """Shows a view as soon as that is safe."""
        self._latest = view
        if not self._scheduled:
            self._scheduled = True
            self._document.add_next_tick_callback(self._show_latest)

    def open(self) -> None:
        """The browser has drawn the page."""
        self._open = True
        self._show_latest()

    def _show_latest(self) -> None:
        self._scheduled = False
        session = self._document.session_context.session
        if self._latest is None or session is None or (session.connection_count > 0 and not self._open):
            return
        latest, self._latest = self._latest, None
        with as_one(self._document):
            if self._open:
                self._show(latest)
            else:
                self._show_unconnected(latest)

    def _show_unconnected(self, view: _V) -> None:
        # Otherwise Panel would put every change off until the page is drawn.
        connected = pn.state._connected
        connected[self._document] = True
        try:
            self._show(view)
        finally:
            del connected[self._document]
