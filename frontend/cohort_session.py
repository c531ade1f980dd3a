"""What the analysis pages have in common: one group of clients that all their charts are of."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from frontend.analysis.outcomes import Outcomes
from frontend.clients.explanations import PORTFOLIO, Cohort
from frontend.clients.services import Services
from frontend.clients.types import Service
from frontend.cohorts import read_cohort, usable, without, write_cohort
from frontend.page_session import PageSession, PageView, Portfolio
from frontend.remote import NOT_ASKED, LatestCall, Ready, Remote


@dataclass(frozen=True, slots=True)
class CohortView(PageView):
    """``cohort`` are the clients that are looked at, ``members`` what became of them."""

    cohort: Cohort = PORTFOLIO
    members: Remote[Outcomes] = NOT_ASKED


_V = TypeVar("_V", bound=CohortView)


class CohortSession(PageSession[_V]):
    """One open page whose charts are of a cohort. The cohort is in the page's link, and goes along to other pages."""

    def __init__(self, services: Services, view: _V) -> None:
        super().__init__(services, view)
        self._calls_members: LatestCall[Outcomes] = self._call(lambda v: self._set(members=v))

    def start(self, arguments: Mapping[str, str]) -> None:
        """Begins to ask, in the running event loop."""
        self._set(cohort=read_cohort(arguments))
        super().start(arguments)

    def choose_cohort(self, cohort: Cohort) -> None:
        """Looks at other clients."""
        if cohort == self.view.cohort:
            return
        # Not the count of the others, not even for a moment.
        self._calls_members.start(lambda: self._services.analyses.group(cohort))
        self._set(cohort=cohort)
        self._cohort_changed()

    def drop_condition(self, key: str) -> None:
        """Looks at more clients: without one condition, see ``without``; an empty key: at all clients."""
        self.choose_cohort(without(self.view.cohort, key) if key else PORTFOLIO)

    def follow_cohort(self, name: str, text: str) -> None:
        """Takes a parameter of the link over, when the officer goes back."""
        cohort = read_cohort(write_cohort(self.view.cohort) | {name: text})
        dictionary = self.view.dictionary
        self.choose_cohort(usable(cohort, dictionary) if dictionary else cohort)

    @abstractmethod
    def _cohort_changed(self) -> None:
        """Asks for all that is of the cohort anew."""

    def _portfolio_came(self, portfolio: Remote[Portfolio]) -> None:
        before = self.view.portfolio
        if isinstance(portfolio, Ready):
            self._set(cohort=usable(self.view.cohort, portfolio.value.dictionary))
        super()._portfolio_came(portfolio)
        if isinstance(portfolio, Ready) and before != portfolio:
            self._ask_members()

    def _back(self, service: Service) -> None:
        super()._back(service)
        if service is Service.PORTFOLIO:
            self._ask_members()

    def _ask_members(self) -> None:
        cohort = self.view.cohort
        self._calls_members.renew(self.view.members, lambda: self._services.analyses.group(cohort))
