"""Two more ways to a client: those that were opened last, and the search by attributes."""

from pathlib import Path

import param

from frontend.components.base import Component, styles
from frontend.language import Language


class WaysToClient(Component):
    """Tells "choose" with the identifier of a client that was opened before, and "find" to open or close the search.

    The browser keeps the identifiers, and nothing else, until the officer has it forget them.
    """

    opened = param.String(doc="Identifier of the client that is shown; empty: none")
    finding = param.Boolean(False, doc="The search by attributes is open")
    texts = param.Dict({})

    _esm = Path(__file__).with_name("ways_to_client.js")
    _stylesheets = styles("ways_to_client")

    def __init__(self, language: Language) -> None:
        _ = language.gettext
        super().__init__(
            texts={
                "find": _("Search by attributes"),
                "recent": _("Recently opened"),
                "open": _("Open client {client}"),
                "forget": _("Forget them"),
                "forgotten": _("The list of recently opened clients is empty now."),
            }
        )
