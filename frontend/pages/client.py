"""The first page: choose a client; see the score, the proposal, the reasons, the main facts and comparable clients."""

from panel_material_ui.template.base import Page

from frontend.charts.comparison import comparison_chart
from frontend.charts.contributions import contributions_chart
from frontend.clients.types import Decision
from frontend.components import facts
from frontend.components.chart_card import ChartCard
from frontend.components.client_choice import ClientChoice
from frontend.components.comparable import comparable_html
from frontend.components.gauge import Gauge
from frontend.components.layout import beside, block, row, stack
from frontend.components.letter_panel import LetterPanel
from frontend.components.reasons import reasons_html
from frontend.components.shell import Shell, ready
from frontend.components.verdict import Tone, Verdict
from frontend.components.wording import band_rate_sentence, decision_name, score_sentence
from frontend.language import Language
from frontend.page_session import parse_id
from frontend.pages.opening import Opening, bring_to_life
from frontend.remote import Failed, Ready
from frontend.session import Session, View
from services.common.errors import NotFound

_HALF = beside(1, "26rem")


def name(language: Language) -> str:
    """How the navigation calls the page."""
    return language.gettext("Client")


def open_page(opening: Opening) -> Page:
    """Opens the page: ``/?client=100001``."""
    session = Session(opening.services, opening.language.code)
    page = ClientPage(opening)
    page.connect(session)
    return bring_to_life(page, session, opening)


class ClientPage:
    """Components of the page; ``show`` brings them up to date with a view of the session."""

    def __init__(self, opening: Opening) -> None:
        language = self._language = opening.language
        self._shell = Shell(language, opening.navigation, language.gettext("Credit decision"), ["client"])
        self._choice = ClientChoice(language, self._shell.demonstration)
        self._verdict = Verdict()
        self._gauge = Gauge(language)
        self._reasons = block("reasons", flex="2 1 30rem")
        self._facts = block("facts")
        self._comparable = block("comparable")
        _ = language.gettext
        self._contributions = ChartCard(language, _("What makes this score"), styles=_HALF)
        self._comparison = ChartCard(language, _("This client and the portfolio"), styles=_HALF)
        self._letter = LetterPanel(language)
        result = stack(self._gauge, self._letter)
        result.styles = {**result.styles, **beside(1, "21rem")}
        self._file = stack(
            row(result, self._reasons),
            row(self._contributions, self._comparison),
            self._facts,
            self._comparable,
            visible=False,
        )

    def layout(self) -> Page:
        """The page, to be served."""
        # Notices take no room while there are none, so the gap below them is their own.
        state = stack(self._shell.outages, self._verdict, gap="0")
        return self._shell.layout(self._choice.layout(), state, self._file)

    def connect(self, session: Session) -> None:
        """Tells the session what the officer does."""
        self._choice.connect(session)
        self._shell.address.on("client", session.choose)

    def show(self, view: View) -> None:
        """Shows a view."""
        language = self._language
        model = ready(view.model)
        client = ready(view.client)
        portfolio = ready(view.portfolio)

        self._shell.show(view, {"client": view.choice}, view.choice)
        self._choice.show(view)
        sentence = self._show_verdict(view)
        self._gauge.display(model, ready(view.score), sentence, busy=not isinstance(view.score, Ready))
        if client and portfolio:
            self._facts.object = facts.facts_html(client, portfolio.dictionary, ready(view.explanation), language)
        self._show_reasons(view)
        self._letter.display(view.choice)
        self._file.visible = client is not None

    def _show_reasons(self, view: View) -> None:
        language = self._language
        self._reasons.object = reasons_html(view.explanation, view.choice, language)
        self._contributions.follow(view.explanation, lambda found: contributions_chart(found, language))
        self._comparable.object = comparable_html(view.comparable, language)
        self._comparison.follow(view.explanation, lambda found: comparison_chart(found, language))

    def _show_verdict(self, view: View) -> str:
        """Shows where the page stands; returns the sentence that says the score, empty without one."""
        language = self._language
        heading = language.gettext("Client {client}").format(client=view.choice)
        match view.client, view.score, view.model:
            case Ready(), Ready(value=score), Ready(value=model):
                sentence = " ".join(
                    (score_sentence(score, model, language), band_rate_sentence(score, model, language))
                ).rstrip()
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
