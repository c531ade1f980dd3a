"""Messages about the page as a whole: a part that doesn't answer, demonstration data."""

from pathlib import Path

import param
from panel.custom import JSComponent

from frontend import theme


class Notices(JSComponent):  # type: ignore[misc]
    """A list of short messages, announced to screen readers when one is added; takes no room when empty."""

    messages = param.List([], doc="Texts, in the order in which they are shown")
    urgent = param.Boolean(False, doc="Something does not work: shown as a warning")

    _esm = Path(__file__).parent / "notices.js"
    _stylesheets = [theme.BASE_CSS, Path(__file__).parent / "notices.css"]  # noqa: RUF012

    def __init__(self, **params: object) -> None:
        super().__init__(sizing_mode="stretch_width", margin=0, **params)
