"""The address bar: keeps what is chosen in the link, and follows the browser's back and forward buttons."""

from pathlib import Path
from typing import Any

import param

from frontend.components.base import Component


class Address(Component):
    """Mirrors the parameters of the page's address, and tells each by its name when the officer goes "back".

    Shows nothing.
    """

    parameters = param.Dict({}, doc="Text by name of the parameter (``?client=``); empty: none")
    title = param.String(doc="Title of the browser's tab")

    _esm = Path(__file__).with_name("address.js")

    def __init__(self, **params: Any) -> None:
        # Not display:none: a component without a box is not rendered.
        super().__init__(sizing_mode="fixed", width=0, height=0, styles={"position": "absolute"}, **params)
