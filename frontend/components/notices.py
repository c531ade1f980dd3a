"""Messages about the page as a whole: a part that doesn't answer, demonstration data."""

from pathlib import Path

import param

from frontend.components.base import Component, styles


class Notices(Component):
    """A list of short messages, announced to screen readers when one is added; takes no room when empty."""

    messages = param.List([], doc="Texts, in the order in which they are shown")
    urgent = param.Boolean(False, doc="Something does not work: shown as a warning")

    _esm = Path(__file__).with_name("notices.js")
    _stylesheets = styles("notices")
