"""Where one is in a form of several steps, and the way to the others."""

from pathlib import Path
from typing import Any

import param

from frontend.components.base import Component, styles


class Steps(Component):
    """A numbered list of steps; tells "go" with the key of one. Says each new step to screen readers."""

    label = param.String(doc="Accessible name")
    steps = param.List([], doc="Key, name, state in words (may be empty) and whether something is wrong, of each")
    current = param.String(doc="Key of the open step")
    status = param.String(doc="Where one is, in words")

    _esm = Path(__file__).with_name("steps.js")
    _stylesheets = styles("steps")

    def __init__(self, label: str, **params: Any) -> None:
        super().__init__(label=label, **params)
