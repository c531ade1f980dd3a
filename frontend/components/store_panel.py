"""Storing what is shown under a reference of the officer's own."""

from pathlib import Path

import param

from frontend.components.base import Component, styles
from frontend.language import Language

MAX_REFERENCE = 80


class StorePanel(Component):
    """Tells "store" with the reference that is written in its field."""

    message = param.String(doc="What came of the last wish")
    busy = param.Boolean(False, doc="It is being stored")
    stored = param.Boolean(False, doc="It is stored: nothing is to be done any more")
    texts = param.Dict({})

    _esm = Path(__file__).with_name("store_panel.js")
    _stylesheets = styles("scenario_panel")

    def __init__(self, language: Language) -> None:
        _ = language.gettext
        super().__init__(
            texts={
                "title": _("Store the application"),
                "label": _("Reference of your own (optional)"),
                "hint": _(
                    "At most {most} characters. The application is kept with this score; its link opens it again."
                ).format(most=MAX_REFERENCE),
                "store": _("Store"),
                "limit": MAX_REFERENCE,
            }
        )
