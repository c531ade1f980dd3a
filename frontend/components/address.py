"""The address bar: keeps the chosen client in the link, and follows the browser's back and forward buttons."""

from pathlib import Path

import param
from panel.custom import JSComponent


class Address(JSComponent):  # type: ignore[misc]
    """Mirrors the ``client`` parameter of the page's address. Shows nothing."""

    client = param.String(doc="Text of ``?client=``; empty: none")
    title = param.String(doc="Title of the browser's tab")

    _esm = Path(__file__).parent / "address.js"

    def __init__(self, **params: object) -> None:
        # Not display:none: a component without a box is not rendered.
        super().__init__(width=0, height=0, margin=0, styles={"position": "absolute"}, **params)
