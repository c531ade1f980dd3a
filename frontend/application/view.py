"""What the page of new applications shows at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from frontend.application.form import Fault, Step, faults, missing
from frontend.application.reading import ClientFile
from frontend.clients.applications import Application, ApplicationSummary
from frontend.clients.explanations import Explanation
from frontend.clients.types import Model, Score, Service, Value
from frontend.page_session import PageView
from frontend.remote import NOT_ASKED, Failed, Ready, Remote
from services.common.errors import InvalidInput

DRAFT = "demande"


@dataclass(frozen=True, slots=True)
class ApplicationView(PageView):
    """A form, or the stored application ``application_id``.

    ``values`` are the known ones, ``texts`` what was typed and means no value, ``added`` features that the officer
    added to the form; ``filling`` counts how often it was filled in or emptied as a whole. Steps that were ``left``
    insist on what is required. ``score`` and ``explanation`` are of the present model: of the values, once it was asked
    for, or of what is stored.
    """

    step: Step = Step.LOAN
    values: Mapping[str, Value] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    added: Sequence[str] = ()
    left: frozenset[Step] = frozenset()
    settled: bool = False
    filling: int = 0
    query: str = ""
    imported: ClientFile | None = None
    refused: InvalidInput | None = None
    score: Remote[Score] = NOT_ASKED
    explanation: Remote[Explanation] = NOT_ASKED
    request_id: str = ""
    saving: Remote[Application] = NOT_ASKED
    application_id: str = ""
    stored: Remote[Application] = NOT_ASKED
    recent: Remote[Sequence[ApplicationSummary]] = NOT_ASKED

    @property
    def waits(self) -> Mapping[Service, Sequence[Remote[object]]]:
        """The services that the page needs, each with what it waits for."""
        return {
            Service.PORTFOLIO: (self.portfolio, self.stored, self.recent),
            Service.SCORING: (self.model, self.score),
            Service.EXPLAIN: (self.explanation,),
        }

    @property
    def known_model(self) -> Model | None:
        """The live model's description, once it is there."""
        return self.model.value if isinstance(self.model, Ready) else None

    @property
    def faults(self) -> dict[str, Fault]:
        """What is wrong in the form, by feature."""
        return faults(self.values, self.texts, self.known_model)

    @property
    def missing(self) -> list[str]:
        """Required features without a value; one whose text cannot be read is at fault, not missing."""
        return [name for name in missing(self.values) if name not in self.texts]

    @property
    def complete(self) -> bool:
        """Whether the form can be scored."""
        return not self.faults and not self.missing

    @property
    def not_accepted(self) -> list[str]:
        """Where the scoring service sees a fault, in its words; empty: nowhere."""
        if not isinstance(self.score, Failed) or not isinstance(self.score.error, InvalidInput):
            return []
        return [fault.field for fault in self.score.error.violations]

    @property
    def draft(self) -> dict[str, object]:
        """What the browser keeps of the work."""
        if not self.values and not self.texts:
            return {"key": DRAFT}
        return {
            "key": DRAFT,
            "values": dict(self.values),
            "texts": dict(self.texts),
            "added": list(self.added),
            "left": sorted(self.left),
            "step": self.step.value,
            "request": self.request_id,
        }
