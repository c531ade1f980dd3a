"""A table as a file to take away: the same link under every table that is no chart's twin."""

import base64
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from frontend.language import Language
from pipeline.spreadsheet import csv_bytes

_LINK = Markup(
    '<p class="files">{label} <a href="{address}" download="{name}.csv">CSV<span class="out-of-sight"> – {title}</span>'
    "</a></p>"
)


def file_html(
    name: str, title: str, header: Sequence[str], rows: Iterable[Sequence[str | float | None]], language: Language
) -> Markup:
    """A link that holds the file itself: figures for a machine, not as the table writes them.

    ``name`` is the file's without its ending, ``title`` says which table it is.
    """
    file = base64.b64encode(csv_bytes(header, rows)).decode()
    return link_html(f"data:text/csv;charset=utf-8;base64,{file}", name, title, language)


def link_html(address: str, name: str, title: str, language: Language) -> Markup:
    """The same link to a file at an address, where it is too large to be sent with every page."""
    return _LINK.format(label=language.gettext("Download:"), address=address, name=name, title=title)
