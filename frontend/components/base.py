"""What all components have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from panel.custom import JSComponent

_FOLDER = Path(__file__).parent


def styles(name: str) -> list[str]:
    """The style sheets of a component's shadow root: the common one, then ``<name>.css`` of this folder."""
    return [(_FOLDER / f"{file}.css").read_text(encoding="utf-8") for file in ("base", name)]


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
                self._intents[intent](text)
