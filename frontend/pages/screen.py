"""When a page may change: the time between its address being asked for and its being drawn needs care."""

from collections.abc import Callable
from typing import Generic, TypeVar

import panel as pn
from panel.io import hold
from panel.io.state import set_curdoc

_V = TypeVar("_V")


class Screen(Generic[_V]):
    """Shows views to the browser of the session whose document is the current one.

    Until the browser connects, views go into the document that it is going to fetch: most answers are there by then,
    and the page is drawn once. From its connection until it has drawn the page (``open``) nothing changes, because a
    change that the browser receives beside the document itself could get lost. Afterwards each view is sent as a whole.
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
        """Shows a view, now or as soon as that is safe; of several that wait, the last."""
        if self._open:
            with hold(self._document, freeze=True):
                self._show(view)
            return
        self._latest = view
        if not self._scheduled:
            # A document may only be changed while its session has locked it for us.
            self._scheduled = True
            self._document.add_next_tick_callback(self._show_unconnected)

    def open(self) -> None:
        """The browser has drawn the page."""
        self._open = True
        latest, self._latest = self._latest, None
        if latest is not None:
            self.show(latest)

    def _show_unconnected(self) -> None:
        self._scheduled = False
        session = self._document.session_context.session
        if self._open or self._latest is None or session is None or session.connection_count > 0:
            return
        latest, self._latest = self._latest, None
        connected = pn.state._connected
        # Otherwise Panel puts every change off until the page is drawn.
        connected[self._document] = True
        try:
            with set_curdoc(self._document):
                self._show(latest)
        finally:
            del connected[self._document]
