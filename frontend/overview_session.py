"""The portfolio page's session: a cohort by score, a threshold to try, the figures of the model's card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from frontend.analyses import Decisions, Overview
from frontend.clients.model_card import CardFigures
from frontend.clients.services import Services
from frontend.clients.types import Model, Service
from frontend.cohort_session import CohortSession, CohortView
from frontend.components.fieldset import read_number
from frontend.page_session import Portfolio
from frontend.remote import NOT_ASKED, Failed, LatestCall, Ready, Remote

# Of a model whose costs nobody looked at: a missed default costs as much as ten refused good clients.
USUAL_COST_RATIO = 10.0


@dataclass(frozen=True, slots=True)
class OverviewView(CohortView):
    """Everything that the page shows at one moment; ``threshold`` is the one to try, None: the model's own."""

    threshold: float | None = None
    overview: Remote[Overview] = NOT_ASKED
    decisions: Remote[Decisions] = NOT_ASKED
    card: Remote[CardFigures | None] = NOT_ASKED

    @property
    def waits(self) -> Mapping[Service, Sequence[Remote[object]]]:
        """The services that the page needs, each with what it waits for."""
        return {
            Service.PORTFOLIO: (self.portfolio, self.members, self.overview, self.decisions),
            Service.SCORING: (self.model, self.card),
        }

    @property
    def tried(self) -> float | None:
        """The threshold that is shown; None while the model is unknown."""
        if not isinstance(self.model, Ready):
            return None
        return self.model.value.threshold if self.threshold is None else self.threshold


class OverviewSession(CohortSession[OverviewView]):
    """One open portfolio page."""

    def __init__(self, services: Services) -> None:
        super().__init__(services, OverviewView())
        self._calls_overview: LatestCall[Overview] = self._call(lambda v: self._set(overview=v))
        self._calls_decisions: LatestCall[Decisions] = self._call(lambda v: self._set(decisions=v))
        self._calls_card: LatestCall[CardFigures | None] = self._call(lambda v: self._set(card=v))

    def start(self, arguments: Mapping[str, str]) -> None:
        """Begins to ask, in the running event loop."""
        self.try_threshold(arguments.get("threshold", ""))
        super().start(arguments)
        self._calls_card.start(self._services.scoring.card_figures)

    def choose(self, choice: str) -> None:
        """Keeps the client for the links to the other pages; this one shows none."""
        self._set(choice=choice)

    def try_threshold(self, text: str) -> None:
        """Shows another threshold on the probability of repayment (``0.55``); the model's own for no number."""
        number = read_number(text)
        wanted = None if number is None else min(1.0, max(0.0, number))
        if isinstance(self.view.model, Ready) and wanted == self.view.model.value.threshold:
            wanted = None
        if wanted != self.view.threshold:
            self._set(threshold=wanted)
            self._ask_decisions()

    def try_percent(self, text: str) -> None:
        """The same in percent (``55``); anything but a number changes nothing."""
        number = read_number(text)
        if number is not None:
            self.try_threshold(f"{number / 100:.6g}")

    def _ask_decisions(self) -> None:
        model, tried = self.view.model, self.view.tried
        if not isinstance(model, Ready) or tried is None:
            return
        present = model.value.threshold
        optimum = model.value.cost_optimum
        ratio = optimum.cost_ratio if optimum else USUAL_COST_RATIO
        cohort = self.view.cohort
        self._calls_decisions.renew(
            self.view.decisions, lambda: self._services.analyses.decisions(tried, present, ratio, cohort)
        )

    def _model_came(self, model: Remote[Model]) -> None:
        before = self.view.model
        super()._model_came(model)
        if isinstance(model, Ready) and model != before:
            self._ask_decisions()
            if isinstance(before, Ready):
                self._calls_card.renew(self.view.card, self._services.scoring.card_figures)

    def _portfolio_came(self, portfolio: Remote[Portfolio]) -> None:
        before = self.view.portfolio
        super()._portfolio_came(portfolio)
        if isinstance(portfolio, Ready) and before != portfolio:
            self._cohort_changed()

    def _cohort_changed(self) -> None:
        cohort = self.view.cohort
        self._calls_overview.renew(self.view.overview, lambda: self._services.analyses.overview(cohort))
        self._ask_decisions()

    def _back(self, service: Service) -> None:
        super()._back(service)
        if service is Service.PORTFOLIO:
            self._cohort_changed()
        elif service is Service.SCORING and isinstance(self.view.card, Failed):
            self._calls_card.renew(self.view.card, self._services.scoring.card_figures)
