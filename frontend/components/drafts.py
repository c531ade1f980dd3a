"""What the officer has not saved yet, kept by the browser for this tab: a reload or another language loses nothing.

It does not go into the address: these are values of a client.
"""

from pathlib import Path
from typing import Any

import param

from frontend.components.base import Component


class Drafts(Component):
    """Tells "restore" with what was kept of a client, and keeps what it is given from then on. Shows nothing."""

    client = param.String(doc="The chosen client, as written; empty: none")
    draft = param.Dict({}, doc="Client, edits, scenario; empty: nothing to keep yet")

    _esm = Path(__file__).with_name("drafts.js")

    def __init__(self, **params: Any) -> None:
        # Not display:none: a component without a box is not rendered.
        super().__init__(sizing_mode="fixed", width=0, height=0, styles={"position": "absolute"}, **params)
