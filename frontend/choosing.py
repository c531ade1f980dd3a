"""What the pages that show one client have in common: finding it by identifier or by attributes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from frontend.clients.services import Services
from frontend.clients.types import Client, SearchResults, Service
from frontend.finding import PAGE, Finding, faults, filters
from frontend.page_session import PageSession, PageView
from frontend.remote import NOT_ASKED, Failed, LatestCall, Pending, Ready, Remote
from services.common.errors import InvalidInput

_RESULTS = 20


@dataclass(frozen=True, slots=True)
class ChoosingView(PageView):
    """A page about a client; ``query`` is the text that ``results`` belong to."""

    query: str = ""
    results: Remote[SearchResults] = NOT_ASKED
    finding: Finding = field(default_factory=Finding)
    client: Remote[Client] = NOT_ASKED


V = TypeVar("V", bound=ChoosingView)


class ChoosingSession(PageSession[V]):
    """One open page about a client."""

    def __init__(self, services: Services, view: V) -> None:
        super().__init__(services, view)
        self._calls_results: LatestCall[SearchResults] = self._call(lambda value: self._set(results=value))
        self._asked: tuple[str, ...] = ("",)
        self._calls_found: LatestCall[SearchResults] = self._call(self._found_came)

    def search(self, query: str) -> None:
        """Looks for clients whose identifier starts with the text."""
        self._calls_results.cancel()
        self._set(query=query, results=NOT_ASKED)
        if not query or (query.isascii() and query.isdigit()):
            self._calls_results.start(lambda: self._services.portfolio.search(query, _RESULTS))

    def open_finding(self) -> None:
        """Opens or closes the search by attributes; what was found stays."""
        self._find(open=not self.view.finding.open)

    def choose_found(self, choice: str) -> None:
        """Shows a client of what was found; the search gives way to it."""
        self.choose(choice)
        self._find(open=False)

    def find(self, changed: Mapping[str, str]) -> None:
        """Looks for clients by attributes, of which some texts of the form have changed."""
        if changed:
            self._find(texts={**self.view.finding.texts, **changed})
            self._ask_found(("",))

    def forget_finding(self) -> None:
        """Empties the form of the search by attributes."""
        self._find(texts={})
        self._ask_found(("",))

    def turn(self, pages: int) -> None:
        """Shows the next page (1) of what was found, or the one before (-1)."""
        finding = self.view.finding
        if pages < 0 and len(finding.tokens) > 1:
            self._ask_found(tuple(finding.tokens[:-1]))
        elif pages > 0 and isinstance(finding.found, Ready) and finding.found.value.next_page:
            self._ask_found((*finding.tokens, finding.found.value.next_page))

    def _ask_found(self, tokens: tuple[str, ...]) -> None:
        texts = self.view.finding.texts
        wanted = filters(texts)
        if not wanted or faults(texts):
            self._calls_found.cancel()
            self._find(found=NOT_ASKED, tokens=("",))
            return
        self._asked = tokens
        self._calls_found.renew(
            self.view.finding.found, lambda: self._services.portfolio.find(wanted, PAGE, tokens[-1])
        )

    def _found_came(self, found: Remote[SearchResults]) -> None:
        # Until a page is there, the one before stays, and is the one that is counted from.
        self._find(found=found, tokens=self._asked)
        if isinstance(found, Failed) and isinstance(found.error, InvalidInput) and len(self.view.finding.tokens) > 1:
            # The portfolio was published again: its pages are others now.
            self._ask_found(("",))

    def _find(self, **changes: object) -> None:
        self._set(finding=replace(self.view.finding, **changes))  # type: ignore[arg-type]

    def _back(self, service: Service) -> None:
        super()._back(service)
        if service is Service.PORTFOLIO and isinstance(self.view.results, Failed | Pending):
            self.search(self.view.query)
