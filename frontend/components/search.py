"""A field that searches on the server as one types."""

from pathlib import Path

import param

from frontend.components.base import Component, styles


class Search(Component):
    """A combobox by the WAI-ARIA pattern (editable, list autocomplete, manual selection).

    The browser tells what the officer does ("search" for a text, "choose" the id of an option, or what was typed) and
    shows what it is given.
    """

    value = param.String(doc="What is chosen, as the field shows it")
    results = param.Dict({}, doc="The query that was answered, options (id, name, detail), message")
    texts = param.Dict({}, doc="Label, list, open, placeholder")
    hint = param.String(doc="Shown under the field")
    digits = param.Boolean(False, doc="Only digits are searched for")

    _esm = Path(__file__).with_name("search.js")
    _stylesheets = styles("search")

    def show_message(self, query: str, message: str) -> None:
        """Says why there is no list for a query."""
        self.results = {"query": query, "options": [], "message": message}
