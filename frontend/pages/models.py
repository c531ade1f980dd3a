"""The page of the model study: how well and how fast text models tell products apart, and where they err."""

from panel_material_ui.template.base import Page

from frontend.charts.product_map import product_map, projection_name
from frontend.charts.study_speed import speed_chart
from frontend.components import study_tables as tables
from frontend.components.chart_card import ChartCard, failure_text
from frontend.components.choice import Choice
from frontend.components.layout import block, row, stack
from frontend.components.notices import Notices
from frontend.components.segments import Segments
from frontend.components.shell import Shell, ready
from frontend.components.verdict import Tone, Verdict
from frontend.language import Language
from frontend.pages.opening import Opening, bring_to_life
from frontend.remote import Failed
from frontend.study.session import MAPS, Colour, StudySession, StudyView
from pipeline.products.study.document import Study
from services.common.errors import FailedPrecondition

_HALF = {"flex": "1 1 26rem", "min-width": "min(26rem, 100%)", "align-self": "stretch"}
_CHOICE = {"flex": "1 1 16rem", "min-width": "min(16rem, 100%)"}
_COMMAND = "clairscore benchmark-embeddings --products products.csv"


def name(language: Language) -> str:
    """How the navigation calls the page."""
    return language.gettext("Model study")


def open_page(opening: Opening) -> Page:
    """Opens the page: ``/modeles?model=tf-idf&map=tsne&colour=predicted``."""
    session = StudySession(opening.services)
    page = StudyPage(opening)
    page.connect(session)
    return bring_to_life(page, session, opening)


class StudyPage:
    """Components of the page; ``show`` brings them up to date with a view of the session."""

    def __init__(self, opening: Opening) -> None:
        language = self._language = opening.language
        _ = language.gettext
        self._shell = Shell(language, opening.navigation, name(language), ["client", "model", "map", "colour"])
        self._demonstration = Notices()
        self._state = Verdict()
        self._quality = block("outcome_table")
        self._comparisons = block("outcome_table", flex="1 1 26rem")
        self._speed = ChartCard(language, _("Accuracy against speed"), styles=_HALF)
        self._robustness = block("outcome_table")
        self._model = Choice(_("Model"), {}, styles=_CHOICE)
        self._projection = Segments(
            _("Map"), {one: projection_name(one, language) for one in MAPS}, value=MAPS[0], styles=_CHOICE
        )
        self._colour = Segments(
            _("Colour"),
            {Colour.TRUE: _("True category"), Colour.PREDICTED: _("Predicted category")},
            value=Colour.TRUE,
            styles=_CHOICE,
        )
        self._map = ChartCard(language, _("Map of the products"))
        self._report = block("outcome_table")
        self._confusion = block("outcome_table")
        self._clusters = block("outcome_table")
        self._suspects = block("outcome_table")
        self._content = stack(
            self._quality,
            row(self._speed, self._comparisons),
            self._robustness,
            row(self._model, self._projection, self._colour),
            self._map,
            self._report,
            self._confusion,
            self._clusters,
            self._suspects,
            visible=False,
        )
        self._written: Study | None = None

    def layout(self) -> Page:
        """The page, to be served."""
        return self._shell.layout(stack(self._demonstration, self._shell.outages, gap="0"), self._state, self._content)

    def connect(self, session: StudySession) -> None:
        """Tells the session what the user does."""
        self._model.on("choose", session.choose_model)
        self._projection.on("choose", session.choose_projection)
        self._colour.on("choose", session.choose_colour)
        self._shell.address.on("client", session.choose)
        self._shell.address.on("model", session.choose_model)
        self._shell.address.on("map", session.choose_projection)
        self._shell.address.on("colour", session.choose_colour)

    def show(self, view: StudyView) -> None:
        """Shows a view."""
        _, language = self._language.gettext, self._language
        parameters = {"client": view.choice, "model": view.name, "map": view.projection, "colour": view.colour.value}
        self._shell.show(view, parameters, "")
        study, model = ready(view.study), view.shown
        self._content.visible = study is not None
        self._show_state(view)
        if study is None or model is None:
            return
        self._show_study(study)
        self._speed.follow(view.study, lambda found: speed_chart(found, language))
        self._model.value, self._projection.value, self._colour.value = model.name, view.projection, view.colour.value
        points = next(one for one in model.maps if one.projection == view.projection)
        self._map.follow(
            view.study,
            lambda found: product_map(found, model, points, view.colour, language),
            model,
            points,
            view.colour,
        )
        self._report.object = tables.report_html(model, language)
        self._clusters.object = tables.clusters_html(study, model, language)
        self._confusion.object = tables.confusion_html(study, model, language)

    def _show_study(self, study: Study) -> None:
        """What does not depend on what is looked at, written once for each study."""
        if study is self._written:
            return
        self._written = study
        language = self._language
        self._demonstration.messages = (
            [language.gettext("Demonstration study: its products are made up.")] if study.synthetic else []
        )
        self._model.options = [[one.name, one.name] for one in study.models]
        self._quality.object = tables.quality_html(study, language)
        self._comparisons.object = tables.comparisons_html(study, language)
        self._comparisons.visible = bool(study.comparisons)
        self._robustness.object = tables.robustness_html(study, language)
        self._suspects.object = tables.suspects_html(study, language)

    def _show_state(self, view: StudyView) -> None:
        _, fmt = self._language.gettext, self._language.format
        study = ready(view.study)
        if study is not None:
            sentence = _("{products} products of {categories} categories and {models} models, measured on {date}.")
            self._state.display(
                Tone.NEUTRAL,
                name(self._language),
                sentence.format(
                    products=fmt.integer(len(study.products)),
                    categories=len(study.categories),
                    models=len(study.models),
                    date=fmt.date(study.created_at),
                ),
            )
        elif isinstance(view.study, Failed) and isinstance(view.study.error, FailedPrecondition):
            sentence = _("No study has been published yet. Whoever runs the services makes one with: {command}")
            self._state.display(Tone.WARNING, _("No study"), sentence.format(command=_COMMAND))
        elif isinstance(view.study, Failed):
            message, _passing = failure_text(view.study.error, self._language)
            self._state.display(Tone.WARNING, name(self._language), message)
        else:
            self._state.display(Tone.BUSY, name(self._language), _("The study is being fetched."))
