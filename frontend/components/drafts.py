"""What the officer has not saved yet, kept by the browser for this tab: a reload or another language loses nothing.

It does not go into the address: these are values of a client.
"""

from pathlib import Path
from typing import Any

import param

from frontend.components.base import Component


class Drafts(Component):
    """Tells "restore" with what was kept under the key, and keeps what it is given from then on. Shows nothing."""

    key = param.String(doc="What the draft is of: a client, as written; empty: nothing")
    draft = param.Dict({}, doc="Key, and parts that are all empty when there is nothing to keep")

    _esm = Path(__file__).with_name("drafts.js")

    def __init__(self, **params: Any) -> None:
        # Not display:none: a component without a box is not rendered.
        super().__init__(sizing_mode="fixed", width=0, height=0, styles={"position": "absolute"}, **params)
