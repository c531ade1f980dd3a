"""A field that takes one small file from the officer's computer."""

import base64
import binascii
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import param

from frontend.components.base import Component, styles


class FileField(Component):
    """Tells "file" with name and content of a file; see ``on_file``. Says what came of it to screen readers."""

    texts = param.Dict({}, doc="title, choose, hint, and link where there is a template")
    accept = param.String(doc="Kinds of files that the browser offers: .csv,.json")
    limit = param.Integer(doc="Largest file that is read, in bytes; of a larger one the first byte beyond comes, too")
    template = param.String(doc="Address of a file to begin with, if there is one")
    message = param.String(doc="What came of the last file")
    problems = param.List([], doc="What is wrong with it, one text each")

    _esm = Path(__file__).with_name("file_field.js")
    _stylesheets = styles("file_field")

    def __init__(self, texts: dict[str, str], **params: Any) -> None:
        super().__init__(texts=texts, **params)

    def on_file(self, act: Callable[[str, bytes], None]) -> None:
        """Calls ``act`` with name and content of each file that is chosen."""

        def take(text: str) -> None:
            told = json.loads(text)
            try:
                act(str(told["name"]), base64.b64decode(str(told["content"]), validate=True))
            except (KeyError, TypeError, binascii.Error):
                # No file of ours: a browser that was tampered with.
                return

        self.on("file", take)
