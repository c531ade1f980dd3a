"""Addresses of the pages: every link carries client and language along, and among analyses their clients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page as the navigation names it; ``path`` starts with a slash, ``name`` is in the officer's language.

    The charts of an ``analysis`` are of a cohort.
    """

    path: str
    name: str
    analysis: bool = False


@dataclass(frozen=True, slots=True)
class Navigation:
    """All pages in their order, and which of them is open."""

    pages: Sequence[PageLink]
    current: str

    def links(self, code: str, client: str, cohort: Mapping[str, str]) -> list[dict[str, object]]:
        """The links to all pages, in a language (ISO 639-1) and with a client and a cohort's parameters, if any."""
        return [
            {
                "name": page.name,
                "address": address(page.path, {"client": client, **(cohort if page.analysis else {}), "lang": code}),
                "current": page.path == self.current,
            }
            for page in self.pages
        ]


def address(path: str, parameters: Mapping[str, str]) -> str:
    """The address of a page, relative to the other pages; parameters without a value are left out."""
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{path.removeprefix('/') or './'}{'?' if query else ''}{query}"
