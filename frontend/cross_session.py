"""The cross analysis's session: what was chosen, and what is known of it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from frontend.analyses import AxisChoice, Box, Crossing
from frontend.analysis.correlation import Correlation
from frontend.analysis.outcomes import Outcomes
from frontend.analysis.plane import Plane
from frontend.charts.plane import Colour
from frontend.charts.plane_axis import scale_of_feature
from frontend.clients.explanations import Cohort
from frontend.clients.interaction import Interaction
from frontend.clients.services import Services
from frontend.clients.types import Client, Feature, Service
from frontend.cohort_session import CohortSession, CohortView
from frontend.cohorts import narrowed, part_of_axis, usable
from frontend.cross_choices import CrossChoices
from frontend.language import Language
from frontend.page_session import Portfolio, parse_id
from frontend.remote import NOT_ASKED, LatestCall, Ready, Remote

# Seconds that a zoom waits for the next one before it is computed.
_SETTLE = 0.12


@dataclass(frozen=True, slots=True)
class CrossView(CohortView):
    """Everything that the page shows at one moment; ``queries`` (x, y) are texts that features are searched for."""

    choices: CrossChoices = field(default_factory=CrossChoices)
    queries: tuple[str | None, str | None] = (None, None)
    client: Remote[Client] = NOT_ASKED
    plane: Remote[Plane] = NOT_ASKED
    box: Box | None = None
    selection: Remote[Outcomes] = NOT_ASKED
    correlation_x: Remote[Correlation] = NOT_ASKED
    correlation_y: Remote[Correlation] = NOT_ASKED
    interaction: Remote[Interaction] = NOT_ASKED

    @property
    def waits(self) -> Mapping[Service, Sequence[Remote[object]]]:
        """The services that the page needs, each with what it waits for."""
        return {
            Service.PORTFOLIO: (self.portfolio, self.client, self.members, self.plane, self.selection),
            Service.SCORING: (self.model,),
            Service.EXPLAIN: (self.interaction,),
        }

    def feature(self, name: str) -> Feature | None:
        """A feature of the dictionary, if it is there."""
        return self.dictionary.features.get(name) if self.dictionary else None


class CrossSession(CohortSession[CrossView]):
    """One open cross analysis."""

    def __init__(self, services: Services, language: Language) -> None:
        super().__init__(services, CrossView())
        self._language = language
        self._calls_client: LatestCall[Client] = self._call(lambda v: self._set(client=v))
        self._calls_plane: LatestCall[Plane] = self._call(lambda v: self._set(plane=v))
        self._calls_selection: LatestCall[Outcomes] = self._call(lambda v: self._set(selection=v))
        self._calls_x: LatestCall[Correlation] = self._call(lambda v: self._set(correlation_x=v))
        self._calls_y: LatestCall[Correlation] = self._call(lambda v: self._set(correlation_y=v))
        self._calls_interaction: LatestCall[Interaction] = self._call(lambda v: self._set(interaction=v))

    def start(self, arguments: Mapping[str, str]) -> None:
        """Begins to ask, in the running event loop."""
        super().start(arguments)
        self._set(choices=CrossChoices.of(arguments))

    def choose(self, choice: str) -> None:
        """Marks another client's place; an empty choice marks none."""
        if choice == self.view.choice:
            return
        self._calls_client.cancel()
        self._set(choice=choice, client=NOT_ASKED)
        sk_id_curr = parse_id(choice)
        if sk_id_curr is not None:
            self._calls_client.start(lambda: self._services.portfolio.client(sk_id_curr))

    def follow(self, name: str, text: str) -> None:
        """Takes a parameter of the link over, when the officer goes back."""
        self._choose(CrossChoices.of(self.view.choices.parameters() | {name: text}))

    def search(self, axis: int, query: str) -> None:
        """Looks for features for an axis (0: x, 1: y)."""
        queries = list(self.view.queries)
        queries[axis] = query
        self._set(queries=tuple(queries))

    def choose_axis(self, axis: int, feature: str) -> None:
        """Puts a feature on an axis; the one that was on the other axis already changes places."""
        choices = self.view.choices
        pair = [choices.x, choices.y]
        if not feature or pair[axis] == feature:
            return
        if pair[1 - axis] == feature:
            pair[1 - axis] = pair[axis]
        pair[axis] = feature
        self._choose(replace(choices, x=pair[0], y=pair[1], zoom=None))

    def colour(self, colour: Colour) -> None:
        """Lets the colour say something else."""
        self._choose(replace(self.view.choices, colour=colour))

    def zoom(self, box: Box | None) -> None:
        """Looks at a part of the plane, and no longer at the selection; None: the usual one."""
        self._calls_selection.cancel()
        self._set(box=None, selection=NOT_ASKED)
        self._choose(replace(self.view.choices, zoom=box))

    def select(self, box: Box) -> None:
        """Asks for the figures of a part of the plane."""
        asked = self._asked()
        if asked is not None:
            self._set(box=box)
            self._calls_selection.start(lambda: self._services.analyses.selection(asked, box))

    def look_at_only(self, box: Box) -> None:
        """Makes the clients in a part of the plane the cohort, and zooms on them."""
        asked, plane, dictionary = self._asked(), self.view.plane, self.view.dictionary
        if asked is None or dictionary is None or not isinstance(plane, Ready):
            return
        cohort: Cohort | None = self.view.cohort
        for choice, side, span in zip((asked.x, asked.y), (plane.value.x, plane.value.y), box, strict=True):
            condition = part_of_axis(choice.feature, side, span, choice.factor)
            cohort = narrowed(cohort, condition) if cohort else None
        if cohort is not None:
            self.zoom(box)
            self.choose_cohort(usable(cohort, dictionary))

    def _cohort_changed(self) -> None:
        self._ask(refresh=True)

    def _choose(self, choices: CrossChoices) -> None:
        before = self.view.choices
        if choices == before:
            return
        self._set(choices=choices)
        same_axes = (choices.x, choices.y) == (before.x, before.y)
        if replace(choices, colour=before.colour) != before:
            self._ask(refresh=same_axes, only_plane=same_axes)

    def _asked(self) -> Crossing | None:
        """What the choices ask for; None while the features are unknown."""
        view, choices = self.view, self.view.choices
        x, y = view.feature(choices.x), view.feature(choices.y)
        if x is None or y is None:
            return None
        return Crossing(self._axis(x), self._axis(y), view.cohort, choices.zoom)

    def _axis(self, feature: Feature) -> AxisChoice:
        return AxisChoice(feature.name, 1.0 if feature.categories else scale_of_feature(feature, self._language).factor)

    def _ask(self, *, refresh: bool = False, only_plane: bool = False) -> None:
        """Asks for all that follows from the choices; ``refresh``: what is shown stays until the answers come."""
        asked = self._asked()
        if asked is None:
            return
        analyses, cohort = self._services.analyses, asked.cohort

        async def settled() -> Plane:
            await asyncio.sleep(_SETTLE if refresh else 0)
            return await analyses.plane(asked)

        if refresh:
            self._calls_plane.renew(self.view.plane, settled)
        else:
            self._calls_plane.start(settled)
        if only_plane:
            return
        box = self.view.box
        if box and refresh:
            self._calls_selection.renew(self.view.selection, lambda: analyses.selection(asked, box))
        else:
            self._calls_selection.cancel()
            self._set(box=None, selection=NOT_ASKED)
        self._calls_x.start(lambda: analyses.correlation(asked.x.feature, cohort))
        self._calls_y.start(lambda: analyses.correlation(asked.y.feature, cohort))
        explain, code = self._services.explain, self._language.code
        self._calls_interaction.start(lambda: explain.interaction(asked.x.feature, asked.y.feature, cohort, code))

    def _portfolio_came(self, portfolio: Remote[Portfolio]) -> None:
        before = self.view.portfolio
        super()._portfolio_came(portfolio)
        if isinstance(portfolio, Ready) and before != portfolio:
            self._ask(refresh=isinstance(before, Ready))

    def _back(self, service: Service) -> None:
        super()._back(service)
        if service is not Service.SCORING:
            self._ask(refresh=True)
