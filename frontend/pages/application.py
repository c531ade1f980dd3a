"""The page of new applications: a guided form for a person who is not in the portfolio, the score, what is stored."""

from panel_material_ui.template.base import Page

from frontend.application import reading
from frontend.application.form import Step, asked, titles
from frontend.application.session import ApplicationSession
from frontend.application.view import DRAFT, ApplicationView
from frontend.charts.contributions import contributions_chart
from frontend.clients.applications import Application
from frontend.clients.types import Decision, FeatureDictionary, Score
from frontend.components.application_cards import application_name, recent_html, values_html
from frontend.components.application_fields import fields
from frontend.components.application_words import import_sentence, present_note, states, stored_sentence
from frontend.components.chart_card import ChartCard
from frontend.components.drafts import Drafts
from frontend.components.feature_search import FeatureSearch, label_of
from frontend.components.fieldset import Fieldset
from frontend.components.file_field import FileField
from frontend.components.gauge import Gauge
from frontend.components.layout import block, row, stack
from frontend.components.navigation import address
from frontend.components.shell import Shell, ready
from frontend.components.steps import Steps
from frontend.components.store_panel import StorePanel
from frontend.components.verdict import Tone, Verdict
from frontend.components.version_reasons import reasons_html
from frontend.components.wording import decision_name, score_sentence
from frontend.language import Language
from frontend.pages.application_template import ROUTE as TEMPLATE
from frontend.pages.opening import Opening, bring_to_life
from frontend.remote import Failed, Pending, Ready
from services.common.errors import NotFound

_HALF = {"flex": "1 1 22rem", "min-width": "min(22rem, 100%)"}


def name(language: Language) -> str:
    """How the navigation calls the page."""
    return language.gettext("New application")


def open_page(opening: Opening) -> Page:
    """Opens the page: ``/demande`` with an empty form, ``/demande?application=…`` with a stored application."""
    session = ApplicationSession(opening.services, opening.language)
    page = ApplicationPage(opening)
    page.connect(session)
    return bring_to_life(page, session, opening)


class ApplicationPage:
    """Components of the page; ``show`` brings them up to date with a view of the session."""

    def __init__(self, opening: Opening) -> None:
        language = self._language = opening.language
        _ = language.gettext
        self._shell = Shell(language, opening.navigation, name(language), ["client", "application"])
        self._verdict = Verdict()
        self._drafts = Drafts(key=DRAFT)
        self._titles = titles(language)
        self._steps = Steps(_("Steps of the application"))
        self._form = Fieldset(live=True, aligned=True, main="next")
        self._search = FeatureSearch(language)
        self._search_place = stack(self._search, visible=False)
        self._tools = Fieldset(
            legend=_("Is everything right?"),
            main="compute",
            buttons=[["back", _("Back")], ["compute", _("Compute the score")], ["clear", _("Empty the form")]],
        )
        self._tools_place = stack(self._tools, visible=False)
        self._gauge = Gauge(language, styles={"flex": "1 1 21rem", "align-self": "stretch"})
        self._reasons = block("version_reasons", flex="2 1 24rem")
        self._contributions = ChartCard(language, _("What makes this score"))
        self._store = StorePanel(language)
        self._store_place = stack(self._store, gap="0")
        self._result = stack(row(self._gauge, self._reasons), self._store_place, self._contributions, visible=False)
        self._values = block("application_cards")
        self._values_place = stack(self._values, visible=False)
        self._file = FileField(
            {
                "title": _("Import a person"),
                "choose": _("Choose a CSV or JSON file…"),
                "hint": _("One person, values in the units of the data. It takes the place of what is in the form."),
                "link": _("Download the template (CSV)"),
            },
            accept=".csv,.json",
            limit=reading.MAX_BYTES,
            template=address(TEMPLATE, {"lang": language.code}),
        )
        self._file_place = stack(self._file, gap="0")
        self._recent = block("application_cards")
        self._form_place = stack(self._form, self._search_place)
        main = stack(self._steps, self._form_place, self._tools_place, self._result, self._values_place)
        main.styles = {**main.styles, "flex": "3 1 34rem", "min-width": "min(34rem, 100%)"}
        side = stack(self._file_place, self._recent)
        side.styles = {**side.styles, "flex": "1 1 17rem", "min-width": "min(17rem, 100%)"}
        self._work = row(main, side)
        self._work.styles = {**self._work.styles, "align-items": "flex-start"}

    def layout(self) -> Page:
        """The page, to be served."""
        state = stack(self._shell.outages, self._verdict, gap="0")
        return self._shell.layout(row(self._shell.demonstration), state, self._work, self._drafts)

    def connect(self, session: ApplicationSession) -> None:
        """Tells the session what the officer does."""
        self._shell.address.on("client", session.choose)
        self._shell.address.on("application", session.open)
        self._drafts.on("restore", session.restore)
        self._steps.on("go", session.go)
        self._form.on_values("change", session.change)
        for form in (self._form, self._tools):
            form.on("back", lambda _text: session.move(-1))
        self._form.on("next", lambda _text: session.move(1))
        self._tools.on("compute", lambda _text: session.compute())
        self._tools.on("clear", lambda _text: session.clear())
        self._search.on("search", session.search)
        self._search.on("choose", session.add)
        self._store.on("store", session.store)
        self._file.on_file(session.read)

    def show(self, view: ApplicationView) -> None:
        """Shows a view."""
        language = self._language
        stored, dictionary = ready(view.stored), view.dictionary
        reading_it = bool(view.application_id)
        called = application_name(stored.reference, stored.stored_at, language) if stored else ""
        self._shell.show(view, {"client": view.choice, "application": view.application_id}, called)
        if view.settled:
            self._drafts.draft = view.draft
        self._show_verdict(view, called)
        self._recent.object = recent_html(view.recent, view.application_id, view.choice, language)
        if dictionary is not None:
            self._show_form(view, dictionary)
            self._values.object = values_html(stored.given if stored else view.values, dictionary, language)
        self._file_place.visible = not reading_it
        self._steps.visible = not reading_it
        reviewing = view.step is Step.REVIEW and not reading_it
        self._form_place.visible = not reading_it and not reviewing
        self._search_place.visible = view.step is Step.OUTSIDE
        self._tools_place.visible = reviewing
        self._values_place.visible = dictionary is not None and (reviewing or stored is not None)
        self._show_import(view)
        self._show_result(view, stored, reviewing=reviewing)

    def _show_form(self, view: ApplicationView, dictionary: FeatureDictionary) -> None:
        language = self._language
        _ = language.gettext
        model, faults, missing = view.known_model, view.faults, view.missing
        features = {step: asked(step, dictionary, model, view.added) for step in Step}
        place = list(Step).index(view.step) + 1
        where = _("Step {number} of {count}: {name}").format(
            number=place, count=len(Step), name=self._titles[view.step]
        )
        self._steps.param.update(steps=states(view, features, language), current=view.step.value, status=where)
        if view.step is Step.REVIEW:
            # A field that had the focus tells its text when it goes away: none is left to tell an old one.
            self._form.display([])
            return
        insisted = missing if view.step in view.left else ()
        self._form.display(fields(features[view.step], view.values, faults, insisted, language), view.filling)
        next_one = _("Next: {name}").format(name=self._titles[list(Step)[place]])
        self._form.param.update(
            legend=self._titles[view.step],
            buttons=[*([["back", _("Back")]] if place > 1 else []), ["next", next_one]],
        )
        self._search.hint = _("Every other feature of the model can be given as well, as far as it is known.")
        if view.query:
            self._search.show_matches(view.query, dictionary)

    def _show_import(self, view: ApplicationView) -> None:
        refused = view.refused
        message = import_sentence(view.imported, self._language)
        if refused is not None:
            message = self._language.gettext("Nothing was imported. To be mended in the file:")
        problems = [f"{fault.field}: {fault.description}" for fault in refused.violations] if refused else []
        self._file.param.update(message=message, problems=problems)

    def _show_result(self, view: ApplicationView, stored: Application | None, *, reviewing: bool) -> None:
        language = self._language
        _ = language.gettext
        model, score = view.known_model, ready(view.score)
        asked_for = not isinstance(view.score, Failed) and (score is not None or isinstance(view.score, Pending))
        self._result.visible = asked_for and (reviewing or stored is not None)
        sentence = score_sentence(score, model, language) if score and model else ""
        self._gauge.display(model, score, sentence, busy=score is None)
        busy = isinstance(view.explanation, Pending)
        title = _("With the present model") if stored else name(language)
        self._reasons.object = reasons_html([(title, view.explanation)], language, busy=busy)
        self._contributions.follow(view.explanation, lambda found: contributions_chart(found, language))
        just_stored = isinstance(view.saving, Ready)
        self._store_place.visible = score is not None and (just_stored or not view.application_id)
        message = ""
        match view.saving:
            case Ready():
                message = _("Stored. The address of this page leads to it again.")
            case Pending():
                message = _("Being stored…")
            case Failed():
                message = _("It is not stored: the client service does not answer, or does not accept it. Try again.")
        self._store.param.update(message=message, busy=isinstance(view.saving, Pending), stored=just_stored)

    def _show_verdict(self, view: ApplicationView, called: str) -> None:
        """Shows where the page stands, announced."""
        if view.application_id:
            self._show_stored_verdict(view, called)
            return
        language = self._language
        _ = language.gettext
        heading = name(language)
        match view.score, view.known_model:
            case Ready(value=score), model if model is not None:
                self._show_score(heading, score_sentence(score, model, language), score)
                return
            case Failed(), _ if view.not_accepted:
                sentence = _("The model does not accept these values: {names}.")
                sentence = sentence.format(names=", ".join(self._labels(view.not_accepted, view)))
                self._verdict.display(Tone.WARNING, heading, sentence)
                return
            case Failed(), _:
                self._verdict.display(Tone.WARNING, heading, _("The score cannot be computed at the moment."))
                return
            case ((Pending() | Ready()), _):
                self._verdict.display(Tone.BUSY, heading, _("The score is being computed…"))
                return
        faults = list(view.faults)
        if faults:
            sentence = _("To be corrected: {names}.").format(names=", ".join(self._labels(faults, view)))
            self._verdict.display(Tone.WARNING, heading, sentence)
        elif view.missing:
            sentence = _("Still needed for a score: {names}.")
            sentence = sentence.format(names=", ".join(self._labels(view.missing, view)))
            self._verdict.display(Tone.NEUTRAL, heading, sentence)
        else:
            sentence = _("Everything that is required is there: check it, then have the score computed.")
            self._verdict.display(Tone.NEUTRAL, heading, sentence)

    def _show_stored_verdict(self, view: ApplicationView, called: str) -> None:
        _ = self._language.gettext
        heading = called or _("Stored application")
        match view.stored:
            case Ready(value=application):
                model = view.known_model
                sentence = stored_sentence(application, model, self._language)
                note = present_note(application, ready(view.score), model, self._language)
                self._show_score(heading, sentence, application.score, note)
            case Failed(error=NotFound()):
                sentence = _("There is no such application: check the link, or choose one of the list.")
                self._verdict.display(Tone.WARNING, _("Application unknown"), sentence)
            case Failed():
                self._verdict.display(Tone.WARNING, heading, _("The application cannot be read at the moment."))
            case _:
                self._verdict.display(Tone.BUSY, heading, _("The application is being read…"))

    def _show_score(self, heading: str, sentence: str, score: Score, note: str = "") -> None:
        tone = Tone.FAVOURABLE if score.decision is Decision.ACCEPT else Tone.UNFAVOURABLE
        proposal = decision_name(score.decision, self._language)
        note = note or self._language.gettext("The score proposes; the decision is yours.")
        self._verdict.display(tone, heading, sentence, proposal=proposal, note=note)

    def _labels(self, names: list[str], view: ApplicationView) -> list[str]:
        known = view.dictionary.features if view.dictionary else {}
        return [label_of(known[one], self._language) if one in known else one for one in names]
