"""The comparison page: change a client's information, and see what it does to the score and its reasons."""

from panel_material_ui.template.base import Page

from frontend.charts.changes import changes_chart
from frontend.charts.contributions import contributions_chart
from frontend.clients.types import Decision, Score
from frontend.compare_session import CompareSession
from frontend.compare_view import CompareView
from frontend.components.chart_card import ChartCard
from frontend.components.client_choice import ClientChoice
from frontend.components.counterfactual_panel import CounterfactualPanel
from frontend.components.drafts import Drafts
from frontend.components.edit_form import EditForm
from frontend.components.gauge import Gauge
from frontend.components.layout import block, row, stack
from frontend.components.letter_panel import LetterPanel
from frontend.components.scenario_panel import ScenarioPanel
from frontend.components.segments import Segments
from frontend.components.shell import Shell, ready
from frontend.components.verdict import Tone, Verdict
from frontend.components.version_reasons import reasons_html
from frontend.components.wording import decision_name, score_sentence
from frontend.language import Language
from frontend.page_session import parse_id
from frontend.pages.opening import Opening, bring_to_life
from frontend.remote import Failed, Pending, Ready, Remote
from services.common.errors import NotFound

_HALF = {"flex": "1 1 15rem", "min-width": "min(15rem, 100%)"}
BOTH, BASE, UPDATED = "both", "base", "updated"


def name(language: Language) -> str:
    """How the navigation calls the page."""
    return language.gettext("Change and compare")


def open_page(opening: Opening) -> Page:
    """Opens the page: ``/comparaison?client=100001&scenario=…``."""
    session = CompareSession(opening.services, opening.language)
    page = ComparePage(opening)
    page.connect(session)
    return bring_to_life(page, session, opening)


class ComparePage:
    """Components of the page; ``show`` brings them up to date with a view of the session."""

    def __init__(self, opening: Opening) -> None:
        language = self._language = opening.language
        _ = language.gettext
        self._names = {BASE: _("with the base data"), UPDATED: _("with the updated data")}
        self._view: CompareView | None = None
        self._shell = Shell(language, opening.navigation, name(language), ["client", "scenario"])
        self._choice = ClientChoice(language, self._shell.demonstration)
        self._verdict = Verdict()
        self._drafts = Drafts()
        self._form = EditForm(language, styles={"flex": "1 1 22rem", "min-width": "min(22rem, 100%)"})
        self._aspect = Segments(_("See the analyses"), {BOTH: _("side by side"), **self._names}, value=BOTH)
        self._gauges = {key: Gauge(language, title) for key, title in self._titles().items()}
        self._changes = ChartCard(language, _("What each change does"))
        self._contributions = ChartCard(language, _("What makes this score"))
        self._reasons = block("version_reasons")
        self._scenarios = ScenarioPanel(language)
        self._counterfactuals = CounterfactualPanel(language)
        self._letter = LetterPanel(language)
        # A component's own style sheet would show it whatever its place says, so its place is hidden.
        self._gauge_places = {key: stack(gauge, gap="0") for key, gauge in self._gauges.items()}
        for place in self._gauge_places.values():
            place.styles = {**place.styles, **_HALF}
        self._changes_place = stack(self._changes, gap="0")
        self._contributions_place = stack(self._contributions, gap="0", visible=False)
        results = stack(
            self._aspect,
            row(*self._gauge_places.values()),
            self._changes_place,
            self._contributions_place,
            self._reasons,
            self._counterfactuals,
            self._scenarios,
            self._letter,
        )
        results.styles = {**results.styles, "flex": "2 1 30rem", "min-width": "min(30rem, 100%)"}
        self._work = row(self._form, results)
        self._work.styles = {**self._work.styles, "align-items": "flex-start"}
        self._work.visible = False

    def layout(self) -> Page:
        """The page, to be served."""
        state = stack(self._shell.outages, self._verdict, gap="0")
        return self._shell.layout(self._choice.layout(), state, self._work, self._drafts)

    def connect(self, session: CompareSession) -> None:
        """Tells the session what the officer does."""
        self._choice.connect(session)
        self._shell.address.on("client", session.choose)
        self._shell.address.on("scenario", session.open_scenario)
        self._drafts.on("restore", session.restore)
        self._form.on("edit", session.edit)
        self._form.on("undo", lambda _text: session.undo())
        self._form.on("reset", session.reset)
        self._aspect.on("choose", self._look)
        self._scenarios.on("save", session.save_scenario)
        self._scenarios.on("open", session.open_scenario)
        self._scenarios.on("delete", session.delete_scenario)
        self._counterfactuals.on("find", lambda _text: session.find_counterfactuals())
        self._counterfactuals.on("limit", session.limit)
        self._counterfactuals.on("apply", lambda text: session.apply_counterfactual(int(text)))

    def show(self, view: CompareView) -> None:
        """Shows a view."""
        self._view = view
        portfolio = ready(view.portfolio)
        client = ready(view.client)
        self._shell.show(view, {"client": view.choice, "scenario": view.scenario_id}, view.choice)
        self._choice.show(view)
        self._drafts.key = view.choice if client else ""
        if view.settled:
            self._drafts.draft = view.draft
        self._show_verdict(view)
        if client and portfolio:
            self._form.display(client, portfolio.dictionary, view)
            self._scenarios.display(view)
            self._letter.display(view.choice, view.scenario_id if view.scenario else "")
            self._counterfactuals.display(view, portfolio.dictionary, ready(view.model))
            self._show_analyses(view)
        # An edit before what the browser kept is in the form would be lost.
        self._work.visible = bool(client and portfolio and view.settled)

    def _titles(self) -> dict[str, str]:
        _ = self._language.gettext
        return {BASE: _("With the base data"), UPDATED: _("With the updated data")}

    def _look(self, aspect: str) -> None:
        self._aspect.value = aspect
        if self._view is not None:
            self._show_analyses(self._view)

    def _show_analyses(self, view: CompareView) -> None:
        language = self._language
        aspect = self._aspect.value
        edited = bool(view.edits.values)
        after = (view.score_after, view.after) if edited else (view.score_before, view.before)
        updating = edited and bool(view.updating)
        self._show_gauge(BASE, view, view.score_before, updating=False)
        self._show_gauge(UPDATED, view, after[0], updating=edited and "score_after" in view.updating)
        for key, place in self._gauge_places.items():
            place.visible = aspect in (BOTH, key)
        self._show_changes(view)
        self._changes_place.visible = aspect == BOTH
        self._contributions_place.visible = aspect != BOTH
        explanation = view.before if aspect == BASE else after[1]
        if aspect != BOTH:
            self._contributions.follow(explanation, lambda found: contributions_chart(found, language))
        titles = self._titles()
        shown = {BASE: view.before, UPDATED: after[1]}
        # Until something is changed, both would say the same.
        keys = [key for key in shown if aspect == key or (aspect == BOTH and (edited or key == BASE))]
        self._reasons.object = reasons_html(
            [(titles[key], shown[key]) for key in keys],
            language,
            busy=updating and aspect != BASE,
        )

    def _show_gauge(self, key: str, view: CompareView, score: Remote[Score], *, updating: bool) -> None:
        model, found = ready(view.model), ready(score)
        sentence = score_sentence(found, model, self._language) if found and model else ""
        self._gauges[key].display(model, found, sentence, busy=updating or found is None)

    def _show_changes(self, view: CompareView) -> None:
        dictionary = view.dictionary
        if dictionary is None:
            return
        if not view.edits.values:
            message = self._language.gettext("Change a field: what it does to the probability is shown here.")
            self._changes.param.update(message=message, busy=False)
            return
        self._changes.follow(view.comparison, lambda found: changes_chart(found, dictionary, self._language))
        if "comparison" in view.updating:
            self._changes.busy = True

    def _show_verdict(self, view: CompareView) -> None:
        """Shows where the page stands, announced: the decision with the data of the form, and what the changes did."""
        language = self._language
        _ = language.gettext
        heading = _("Client {client}").format(client=view.choice)
        edited = bool(view.edits.values)
        if edited:
            heading = _("Client {client}, with the updated data").format(client=view.choice)
        score, model = (view.score_after if edited else view.score_before), ready(view.model)
        match view.client, score:
            case Ready(), Ready(value=found) if model is not None:
                comparison = ready(view.comparison) if edited and "comparison" not in view.updating else None
                sentence = comparison.summary if comparison else score_sentence(found, model, language)
                self._verdict.display(
                    Tone.FAVOURABLE if found.decision is Decision.ACCEPT else Tone.UNFAVOURABLE,
                    heading,
                    sentence,
                    proposal=decision_name(found.decision, language),
                    note=_("A trial: nothing of the client's file is changed.") if edited else "",
                )
            case Ready(), Failed() if view.refused:
                self._verdict.display(
                    Tone.WARNING, heading, _("A changed value is not possible: it is marked in the form.")
                )
            case (Ready(), Failed()):
                self._verdict.display(Tone.WARNING, heading, _("The score cannot be computed at the moment."))
            case Ready(), _score:
                self._verdict.display(Tone.BUSY, heading, _("The score is being computed…"))
            case _:
                self._show_no_client(view, heading)

    def _show_no_client(self, view: CompareView, heading: str) -> None:
        _ = self._language.gettext
        match view.client:
            case _ if not view.choice:
                sentence = _("Choose a client: then change the information, and compare.")
                self._verdict.display(Tone.NEUTRAL, _("No client chosen"), sentence)
            case _ if parse_id(view.choice) is None:
                sentence = _("“{text}” is not a client identifier: an identifier is a whole number.")
                self._verdict.display(Tone.WARNING, _("No client chosen"), sentence.format(text=view.choice))
            case Failed(error=NotFound()):
                sentence = _("There is no client with the identifier {client}. Check it or choose another client.")
                self._verdict.display(Tone.WARNING, _("Client unknown"), sentence.format(client=view.choice))
            case Failed():
                self._verdict.display(Tone.WARNING, heading, _("The client's file cannot be read at the moment."))
            case Pending() | _:
                self._verdict.display(Tone.BUSY, heading, _("The client's file is being read…"))
