"""A table of clients, page by page; one of them is opened by its identifier."""

from pathlib import Path

import param

from frontend.components.base import Component, styles
from frontend.language import Language


class ClientTable(Component):
    """Tells "choose" with an identifier and "turn" with a number of pages (1, -1)."""

    header = param.List([], doc="Headings of the columns")
    rows = param.List([], doc="id and cells of each client")
    status = param.String(doc="What is shown, in words; announced")
    before = param.Boolean(False, doc="There is a page before")
    after = param.Boolean(False, doc="There is a page after")
    busy = param.Boolean(False, doc="Another page is on its way")
    texts = param.Dict({})

    _esm = Path(__file__).with_name("client_table.js")
    _stylesheets = styles("client_table")

    def __init__(self, language: Language) -> None:
        _ = language.gettext
        super().__init__(
            texts={
                "name": _("Clients found"),
                "table": _("Table of the clients found"),
                "before": _("Previous page"),
                "after": _("Next page"),
                "open": _("Open client {client}"),
            }
        )
