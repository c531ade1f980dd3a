"""The first page: choose a client, see the score, the proposal and the main facts."""

from typing import TypeVar

from panel_material_ui.template.base import Page

from frontend import theme
from frontend.clients.types import Decision, Service
from frontend.components import facts, masthead
from frontend.components.address import Address
from frontend.components.client_search import ClientSearch, client_count
from frontend.components.frame import frame
from frontend.components.gauge import Gauge
from frontend.components.layout import block, row, stack
from frontend.components.notices import Notices
from frontend.components.verdict import Tone, Verdict
from frontend.components.wording import decision_name, score_sentence
from frontend.language import Language
from frontend.remote import Failed, NotAsked, Ready, Remote
from frontend.session import Session, View, parse_id
from services.common.errors import NotFound

_T = TypeVar("_T")


class ClientPage:
    """Components of the page; ``show`` brings them up to date with a view of the session."""

    def __init__(self, language: Language, logo: str) -> None:
        self._language = language
        self._logo = logo
        self._masthead = block("masthead")
        self._search = ClientSearch(language, styles={"flex": "1 1 20rem"})
        self._demonstration = Notices(styles={"flex": "1 1 20rem", "align-self": "flex-start"})
        self._outages = Notices(urgent=True, css_classes=["spaced"])
        self._verdict = Verdict()
        self._gauge = Gauge(language, styles={"flex": "1 1 21rem", "align-self": "flex-start"})
        self._facts = block("facts", flex="2 1 30rem")
        self._file = stack(row(self._gauge, self._facts), visible=False)
        self._colophon = block("colophon")
        self._address = Address()

    def layout(self) -> Page:
        """The page, to be served."""
        # The list of clients opens over what follows.
        choice = row(self._search, self._demonstration, above=True)
        # Notices take no room while there are none, so the gap below them is their own.
        state = stack(self._outages, self._verdict, gap="0")
        main = stack(choice, state, self._file, self._colophon, self._address, padding=theme.GAP)
        return frame(self._language, self._masthead, main)

    def connect(self, session: Session) -> None:
        """Tells the session what the officer does."""
        self._search.on("choose", session.choose)
        self._search.on("search", session.search)
        self._address.on("choose", session.choose)

    def show(self, view: View) -> None:
        """Shows a view."""
        language = self._language
        model = _value(view.model)
        portfolio = _value(view.portfolio)
        client = _value(view.client)
        publication = portfolio.publication if portfolio else None

        self._masthead.object = masthead.masthead_html(language, self._logo, view.choice)
        self._colophon.object = masthead.colophon_html(model, publication, language)
        self._search.client = view.choice
        self._search.hint = client_count(publication.clients, language) if publication else ""
        self._show_results(view)
        self._demonstration.messages = (
            [language.gettext("Demonstration data: these clients do not exist.")]
            if publication and publication.synthetic
            else []
        )
        self._outages.messages = self._problems(view)
        sentence = self._show_verdict(view)
        self._gauge.display(model, _value(view.score), sentence, busy=not isinstance(view.score, Ready))
        if client and portfolio:
            self._facts.object = facts.facts_html(client, portfolio.dictionary, language)
        self._file.visible = client is not None
        self._address.client = view.choice
        title = language.gettext("Credit decision")
        self._address.title = f"{view.choice} – {title}" if view.choice else title

    def _show_results(self, view: View) -> None:
        language = self._language
        match view.results:
            case Ready(value=results):
                self._search.show_results(view.query, results)
            case Failed():
                self._search.show_message(view.query, language.gettext("The search does not answer at the moment."))
            case NotAsked() if view.query:
                self._search.show_message(view.query, language.gettext("An identifier has digits only."))

    def _problems(self, view: View) -> list[str]:
        language = self._language
        names = {
            Service.PORTFOLIO: language.gettext("The client service does not answer. It is tried again continuously."),
            Service.SCORING: language.gettext("The scoring service does not answer. It is tried again continuously."),
        }
        problems = [text for service, text in names.items() if service in view.outages]
        if view.nothing_published:
            problems.append(
                language.gettext("No client has been published yet. The page fills as soon as there are some.")
            )
        return problems

    def _show_verdict(self, view: View) -> str:
        """Shows where the page stands; returns the sentence that says the score, empty without one."""
        language = self._language
        heading = language.gettext("Client {client}").format(client=view.choice)
        match view.client, view.score, view.model:
            case Ready(), Ready(value=score), Ready(value=model):
                sentence = score_sentence(score, model, language)
                tone = Tone.FAVOURABLE if score.decision is Decision.ACCEPT else Tone.UNFAVOURABLE
                note = language.gettext("The score proposes; the decision is yours.")
                self._verdict.display(
                    tone, heading, sentence, proposal=decision_name(score.decision, language), note=note
                )
                return sentence
            case (Ready(), Failed(), _) | (Ready(), _, Failed()):
                self._verdict.display(
                    Tone.WARNING, heading, language.gettext("The score cannot be computed at the moment.")
                )
            case Ready(), _, _:
                self._verdict.display(Tone.BUSY, heading, language.gettext("The score is being computed…"))
            case _:
                self._show_no_client(view, heading)
        return ""

    def _show_no_client(self, view: View, heading: str) -> None:
        _ = self._language.gettext
        match view.client:
            case _ if not view.choice:
                self._verdict.display(
                    Tone.NEUTRAL,
                    _("No client chosen"),
                    _("Type the first digits of an identifier, then choose a client."),
                )
            case _ if parse_id(view.choice) is None:
                sentence = _("“{text}” is not a client identifier: an identifier is a whole number.")
                self._verdict.display(Tone.WARNING, _("No client chosen"), sentence.format(text=view.choice))
            case Failed(error=NotFound()):
                sentence = _("There is no client with the identifier {client}. Check it or choose another client.")
                self._verdict.display(Tone.WARNING, _("Client unknown"), sentence.format(client=view.choice))
            case Failed():
                self._verdict.display(Tone.WARNING, heading, _("The client's file cannot be read at the moment."))
            case _:
                self._verdict.display(Tone.BUSY, heading, _("The client's file is being read…"))


def _value(remote: Remote[_T]) -> _T | None:
    return remote.value if isinstance(remote, Ready) else None
