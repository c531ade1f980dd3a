"""What all components have in common."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import panel as pn
from bokeh.document import Document
from panel.custom import JSComponent
from panel.io.state import set_curdoc

from services.common import tracing

_FOLDER = Path(__file__).parent


def styles(name: str) -> list[str]:
    """The style sheets of a component's shadow root: the common one, then ``<name>.css`` of this folder."""
    return [(_FOLDER / f"{file}.css").read_text(encoding="utf-8") for file in ("base", name)]


@contextmanager
def as_one(document: Document) -> Iterator[None]:
    """Makes a locked document the current one, keeps its changes together, and lets Bokeh send them at the end.

    Panel 1.9 would send them past the lock. When it finds the connection busy it sends them later, and it can forget
    to: if a second change is put off while the first is being written, both wait for a third.
    """
    with set_curdoc(document):
        if document.callbacks.hold_value:
            yield
            return
        document.hold("combine")
        try:
            with document.models.freeze():
                yield
        finally:
            document.unhold()


class Component(JSComponent):
    """A component with its own JavaScript; it fills the width of its place."""

    __abstract = True

    def __init__(self, **params: Any) -> None:
        defaults: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 0}
        super().__init__(**(defaults | params))  # type: ignore[no-untyped-call]
        self._intents: dict[str, Callable[[str], None]] = {}

    def on(self, intent: str, act: Callable[[str], None]) -> None:
        """Calls ``act`` with the text that comes with something the officer wants ("choose", "search").

        Parameters go to the browser only, wishes come from it as messages: were a parameter set from both sides, two
        changes that arrive together could undo each other.
        """
        self._intents[intent] = act

    def _handle_msg(self, data: Any) -> None:
        match data:
            case {"intent": str(intent), "text": str(text)} if intent in self._intents:
                document = pn.state.curdoc
                if document is None:
                    self._act(intent, text)
                else:
                    # Not at once: as long as Panel holds the page to be loading it hands messages over without Bokeh's
                    # lock, and what is changed without it never reaches the browser.
                    document.add_next_tick_callback(partial(self._act_locked, document, intent, text))

    def _act_locked(self, document: Document, intent: str, text: str) -> None:
        with as_one(document):
            self._act(intent, text)

    def _act(self, intent: str, text: str) -> None:
        with tracing.action(f"{type(self).__name__}: {intent}"):
            self._intents[intent](text)
