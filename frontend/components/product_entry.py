"""Where products are pasted, and how far their classification is."""

from pathlib import Path
from typing import Any

import param

from frontend.components.base import Component, styles


class ProductEntry(Component):
    """A text field for products, one a line; tells "classify" with its text, and "stop"."""

    texts = param.Dict({}, doc="title, label, hint, classify, stop, progress")
    running = param.Boolean(False, doc="A job is under way")
    done = param.Number(0.0, bounds=(0, 1), doc="How much of it is done")

    _esm = Path(__file__).with_name("product_entry.js")
    _stylesheets = styles("product_entry")

    def __init__(self, texts: dict[str, str], **params: Any) -> None:
        super().__init__(texts=texts, **params)
