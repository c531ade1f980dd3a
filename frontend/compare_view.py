"""What the comparison page shows: a client as it is and as the officer changes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from frontend.choosing import ChoosingView
from frontend.clients.changes import Comparison, Counterfactuals, Limit, Scenario
from frontend.clients.explanations import Explanation
from frontend.clients.types import Score, Service
from frontend.edits import Edits
from frontend.remote import NOT_ASKED, Failed, Ready, Remote
from services.common.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class CompareView(ChoosingView):
    """Everything that the page shows at one moment.

    ``before`` is the client as it is, ``after`` with the edits. While ``updating`` names an answer, it belongs to edits
    of a moment ago. ``faults`` are texts of fields that mean no value, by feature. ``settled``: what was left unsaved
    in the browser, or what the link asks for, is in the form.
    """

    edits: Edits = field(default_factory=Edits)
    faults: Mapping[str, str] = field(default_factory=dict)
    settled: bool = False
    score_before: Remote[Score] = NOT_ASKED
    score_after: Remote[Score] = NOT_ASKED
    before: Remote[Explanation] = NOT_ASKED
    after: Remote[Explanation] = NOT_ASKED
    comparison: Remote[Comparison] = NOT_ASKED
    updating: frozenset[str] = frozenset()
    scenario_id: str = ""
    scenarios: Remote[Sequence[Scenario]] = NOT_ASKED
    saving: Remote[Scenario] = NOT_ASKED
    limits: Mapping[str, Limit] = field(default_factory=dict)
    counterfactuals: Remote[Counterfactuals] = NOT_ASKED

    @property
    def waits(self) -> Mapping[Service, Sequence[Remote[object]]]:
        """The services that the page needs, each with what it waits for."""
        return {
            Service.PORTFOLIO: (self.portfolio, self.client, self.results, self.finding.found, self.scenarios),
            Service.SCORING: (self.model, self.score_before, self.score_after),
            Service.EXPLAIN: (self.before, self.after, self.comparison, self.counterfactuals),
        }

    @property
    def scenario(self) -> Scenario | None:
        """The saved scenario that is open."""
        found = self.scenarios.value if isinstance(self.scenarios, Ready) else ()
        return next((one for one in found if one.identifier == self.scenario_id), None)

    @property
    def refused(self) -> Mapping[str, str]:
        """Fields whose value the services refuse, with their own words for it."""
        if not isinstance(self.score_after, Failed) or not isinstance(self.score_after.error, InvalidInput):
            return {}
        faults = self.score_after.error.violations
        return {name: fault.description for name in self.edits.values for fault in faults if name in fault.field}

    @property
    def draft(self) -> dict[str, object]:
        """What the browser keeps of the work."""
        return {"key": self.choice, "edits": dict(self.edits.values), "scenario": self.scenario_id}
