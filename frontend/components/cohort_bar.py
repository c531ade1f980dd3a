"""Which clients the page is about: the conditions that hold, the way back to all clients, and the form for others."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import param
from panel.viewable import Child

from frontend.charts.outcome_words import rate_text
from frontend.clients.explanations import Cohort
from frontend.clients.types import FeatureDictionary
from frontend.cohort_session import CohortView
from frontend.components.base import Component, styles
from frontend.components.client_search import client_count
from frontend.components.cohort_form import cohort_fields, cohort_of
from frontend.components.cohort_words import condition_texts
from frontend.components.fieldset import Fieldset
from frontend.language import Language
from frontend.remote import Failed, Ready


class CohortBar(Component):
    """Tells "drop" with the key of a condition (none: of all), and the cohort that the form says, see ``on_cohort``."""

    form = Child()
    conditions = param.List([], doc="Key and text of each")
    said = param.String(doc="How many clients these are")
    texts = param.Dict({})

    _esm = Path(__file__).with_name("cohort_bar.js")
    _stylesheets = styles("cohort_bar")

    def __init__(self, language: Language) -> None:
        _ = language.gettext
        form = Fieldset()
        super().__init__(
            form=form,
            texts={
                "title": _("Clients looked at"),
                "all": _("All clients"),
                "choose": _("Choose other clients"),
                "remove": _("Remove the condition: {condition}"),
            },
        )
        self._language = language
        self._form = form
        self._cohort = Cohort()
        self._dictionary: FeatureDictionary | None = None

    def on_cohort(self, act: Callable[[Cohort], None]) -> None:
        """Calls ``act`` with the cohort whenever a field of the form was changed."""

        def change(values: Mapping[str, str]) -> None:
            if self._dictionary is not None:
                act(cohort_of(values, self._cohort, self._dictionary, self._language))

        self._form.on_values("change", change)

    def display(self, view: CohortView, features: Iterable[str] = ()) -> None:
        """Shows a view; ``features`` are offered as attributes besides the usual ones."""
        self._cohort = view.cohort
        self._dictionary = view.dictionary
        self.param.update(
            conditions=[list(one) for one in condition_texts(view.cohort, view.dictionary, self._language)],
            said=self._count(view),
        )
        self._form.display(cohort_fields(view.cohort, view.dictionary, features, self._language))

    def _count(self, view: CohortView) -> str:
        _ = self._language.gettext
        integer = self._language.format.integer
        if isinstance(view.members, Failed) and not view.members.retrying:
            return _("These clients cannot be looked at: change the conditions.")
        if not isinstance(view.members, Ready) or not isinstance(view.portfolio, Ready):
            return ""
        found, everyone = view.members.value, view.portfolio.value.publication.clients
        if view.cohort == Cohort():
            return _("All of the portfolio: {clients}").format(clients=client_count(everyone, self._language))
        if not found.clients:
            return _("No client satisfies all of these conditions.")
        return _("{count} of {everyone} clients; default rate: {rate}").format(
            count=integer(found.clients), everyone=integer(everyone), rate=rate_text(found, self._language)
        )
