"""The feature page: what a feature is, how it is distributed, how it acts on the score, and what weighs most."""

from functools import partial

from panel_material_ui.template.base import Page

from frontend.charts.beeswarm import beeswarm_chart
from frontend.charts.default_rate import default_rate_chart
from frontend.charts.distribution import distribution_chart
from frontend.charts.effect import dependence_chart, partial_dependence_chart
from frontend.charts.importance import importance_chart
from frontend.charts.scale import counts_backwards
from frontend.clients.explanations import Cohort
from frontend.cohorts import write_cohort
from frontend.components.chart_card import ChartCard
from frontend.components.cohort_bar import CohortBar
from frontend.components.cohort_words import cohort_name
from frontend.components.feature_entry import entry_html
from frontend.components.feature_search import FeatureSearch, label_of
from frontend.components.feature_table import FeatureTable
from frontend.components.layout import beside, block, row, stack
from frontend.components.shell import Shell
from frontend.components.verdict import Tone, Verdict
from frontend.feature_session import FeatureSession, FeatureView, write_look
from frontend.language import Language
from frontend.pages.opening import Opening, bring_to_life
from frontend.remote import Failed, Ready
from services.common.errors import NotFound

_HALF = beside(1, "26rem")


def name(language: Language) -> str:
    """How the navigation calls the page."""
    return language.gettext("Features")


def open_page(opening: Opening) -> Page:
    """Opens the page: ``/variables?variable=AMT_CREDIT&client=100001``."""
    session = FeatureSession(opening.services, opening.language.code)
    page = FeaturePage(opening)
    page.connect(session)
    return bring_to_life(page, session, opening)


class FeaturePage:
    """Components of the page; ``show`` brings them up to date with a view of the session."""

    def __init__(self, opening: Opening) -> None:
        language = self._language = opening.language
        _ = language.gettext
        self._shell = Shell(
            language,
            opening.navigation,
            _("Features of the model"),
            ["client", "variable", "dictionary", *write_cohort(Cohort())],
        )
        self._search = FeatureSearch(language, styles={"flex": "1 1 20rem"})
        self._cohort = CohortBar(language)
        self._state = Verdict()
        self._strip = stack(self._state)
        self._entry = block("feature_entry")
        self._distribution = ChartCard(language, _("Distribution by outcome"), styles=_HALF)
        self._rates = ChartCard(language, _("Observed default rate"), styles=_HALF)
        self._dependence = ChartCard(language, _("Effect on the risk"), styles=_HALF)
        self._curve = ChartCard(language, _("Score by value"), styles=_HALF)
        self._importance = ChartCard(language, _("Importance of the features"), styles=_HALF)
        self._beeswarm = ChartCard(language, _("Contributions of many clients"), styles=_HALF)
        self._table = FeatureTable(language)
        self._effects = row(self._dependence, self._curve)
        self._feature = stack(self._entry, row(self._distribution, self._rates), self._effects, visible=False)

    def layout(self) -> Page:
        """The page, to be served."""
        choice = row(self._search, self._shell.demonstration, above=True)
        # Either the strip or the feature is there, and notices bring their own gap.
        chosen = stack(self._shell.outages, self._strip, self._feature, gap="0")
        overall = row(self._importance, self._beeswarm)
        return self._shell.layout(choice, self._cohort, chosen, overall, self._table)

    def connect(self, session: FeatureSession) -> None:
        """Tells the session what the officer does."""
        self._search.on("search", session.search)
        self._search.on("choose", session.choose_feature)
        self._cohort.on_cohort(session.choose_cohort)
        self._cohort.on("drop", session.drop_condition)
        self._shell.address.on("client", session.choose)
        self._shell.address.on("variable", session.choose_feature)
        self._shell.address.on("dictionary", session.look_up)
        self._table.on("look", session.look_up)
        for parameter in write_cohort(Cohort()):
            self._shell.address.on(parameter, partial(session.follow_cohort, parameter))

    def show(self, view: FeatureView) -> None:
        """Shows a view."""
        label = label_of(view.entry, self._language) if view.entry else view.feature
        parameters = {"client": view.choice, "variable": view.feature, "dictionary": write_look(view.looked_up)}
        self._shell.show(view, parameters, label)
        self._search.value = label
        self._cohort.display(view, [view.feature])
        self._table.display(view.looked_up, view.dictionary, view.choice)
        self._show_matches(view)
        self._show_state(view)
        self._show_feature(view)
        self._show_overall(view)

    def _show_matches(self, view: FeatureView) -> None:
        if view.query is None:
            return
        if view.dictionary:
            self._search.show_matches(view.query, view.dictionary)
        elif isinstance(view.portfolio, Failed):
            text = self._language.gettext("The search does not answer at the moment.")
            self._search.show_message(view.query, text)

    def _show_state(self, view: FeatureView) -> None:
        """The strip says what to do, or what is wrong; it is away while a feature is shown."""
        _ = self._language.gettext
        if not view.feature:
            heading = _("No feature chosen")
            self._state.display(Tone.NEUTRAL, heading, _("Type a part of a label, then choose a feature."))
        elif view.dictionary is None:
            self._state.display(Tone.BUSY, view.feature, _("The feature dictionary is being read…"))
        elif view.entry is None:
            sentence = _("There is no feature “{text}”. Choose one from the list.").format(text=view.feature)
            self._state.display(Tone.WARNING, _("Feature unknown"), sentence)
        self._strip.visible = view.entry is None

    def _show_feature(self, view: FeatureView) -> None:
        feature, value, language = view.entry, view.value, self._language
        self._feature.visible = feature is not None
        if feature is None:
            return
        client = view.choice if isinstance(view.client, Ready) else ""
        self._entry.object = entry_html(feature, client, value, language)
        self._distribution.follow(
            view.distribution, lambda answer: distribution_chart(answer, feature, value, language), feature, value
        )
        self._rates.follow(
            view.effect, lambda answer: default_rate_chart(answer, feature, value, language), feature, value
        )
        # One card says that the model does not use the feature.
        self._effects.visible = not (isinstance(view.effect, Failed) and isinstance(view.effect.error, NotFound))
        self._dependence.follow(
            view.effect, lambda answer: dependence_chart(answer, feature, value, language), feature, value
        )
        self._curve.follow(
            view.effect, lambda answer: partial_dependence_chart(answer, feature, value, language), feature, value
        )

    def _show_overall(self, view: FeatureView) -> None:
        language = self._language
        group = cohort_name(view.cohort, language)
        self._importance.follow(view.importances, lambda answer: importance_chart(answer, group, language))
        features = view.dictionary.features if view.dictionary else {}
        backwards = {name for name, feature in features.items() if counts_backwards(feature)}
        self._beeswarm.follow(
            view.beeswarm, lambda answer: beeswarm_chart(answer, backwards, language), view.dictionary
        )
