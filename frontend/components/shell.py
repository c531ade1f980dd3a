"""What every page has around its content: masthead, messages about the page as a whole, address bar, colophon."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import panel as pn
from panel_material_ui.template.base import Page

from frontend import theme
from frontend.clients.types import Service
from frontend.cohort_session import CohortView
from frontend.cohorts import write_cohort
from frontend.components.address import Address
from frontend.components.colophon import colophon_html
from frontend.components.frame import frame
from frontend.components.layout import block, stack
from frontend.components.masthead import Masthead
from frontend.components.navigation import Navigation
from frontend.components.notices import Notices
from frontend.language import Language
from frontend.page_session import PageView
from frontend.remote import Ready, Remote

_T = TypeVar("_T")


class Shell:
    """Puts a page together, and shows what all views have in common.

    ``demonstration`` and ``outages`` are placed by the page; ``address`` tells a page's own parameters by their name.
    """

    def __init__(self, language: Language, navigation: Navigation, title: str, parameters: Sequence[str]) -> None:
        self._language = language
        self._title = title
        self._masthead = Masthead(language, navigation, title)
        self._colophon = block("colophon")
        self.address = Address(parameters=dict.fromkeys(parameters, ""))
        self.demonstration = Notices(styles={"flex": "1 1 20rem", "align-self": "flex-start"})
        self.outages = Notices(urgent=True, css_classes=["spaced"])

    def layout(self, *content: pn.viewable.Viewable) -> Page:
        """The page, to be served."""
        main = stack(*content, self._colophon, self.address, padding=theme.GAP)
        return frame(self._language, self._title, self._masthead, main)

    def show(self, view: PageView, parameters: Mapping[str, str], subject: str) -> None:
        """Shows a view; ``parameters`` are the page's own in its address, ``subject`` goes before its title."""
        language = self._language
        portfolio = ready(view.portfolio)
        publication = portfolio.publication if portfolio else None
        cohort = write_cohort(view.cohort) if isinstance(view, CohortView) else {}
        parameters = {**parameters, **cohort}
        self._masthead.display(view.choice, cohort, parameters)
        self._colophon.object = colophon_html(ready(view.model), publication, language)
        self.demonstration.messages = (
            [language.gettext("Demonstration data: these clients do not exist.")]
            if publication and publication.synthetic
            else []
        )
        self.outages.messages = self._problems(view)
        self.address.parameters = dict(parameters)
        self.address.title = f"{subject} – {self._title}" if subject else self._title

    def _problems(self, view: PageView) -> list[str]:
        language = self._language
        texts = {
            Service.PORTFOLIO: language.gettext("The client service does not answer. It is tried again continuously."),
            Service.SCORING: language.gettext("The scoring service does not answer. It is tried again continuously."),
            Service.EXPLAIN: language.gettext(
                "The explanation service does not answer. It is tried again continuously."
            ),
            Service.EMBEDDING: language.gettext("The product service does not answer. It is tried again continuously."),
        }
        problems = [text for service, text in texts.items() if service in view.outages]
        if view.nothing_published:
            problems.append(
                language.gettext("No client has been published yet. The page fills as soon as there are some.")
            )
        return problems


def ready(remote: Remote[_T]) -> _T | None:
    """The answer, if it is there."""
    return remote.value if isinstance(remote, Ready) else None
