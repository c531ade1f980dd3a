"""The portfolio page: scores, bands, another threshold, and how good the model is."""

from collections.abc import Mapping
from functools import partial

from panel_material_ui.template.base import Page

from frontend.charts.card import calibration_chart, groups_chart
from frontend.charts.chart import Chart
from frontend.charts.cost import cost_chart
from frontend.charts.portfolio import bands_chart, score_distribution_chart
from frontend.clients.explanations import Cohort
from frontend.clients.model_card import Calibration, CardFigures, Fairness
from frontend.cohorts import write_cohort
from frontend.components.chart_card import ChartCard
from frontend.components.cohort_bar import CohortBar
from frontend.components.decision_figures import card_html_of, decisions_html, difference_sentence, drift_html
from frontend.components.fieldset import Field, Fieldset
from frontend.components.layout import beside, block, row, stack
from frontend.components.notices import Notices
from frontend.components.shell import Shell, ready
from frontend.language import Language
from frontend.overview_session import USUAL_COST_RATIO, OverviewSession, OverviewView
from frontend.pages.opening import Opening, bring_to_life
from frontend.remote import Failed, Remote

_HALF = beside(1, "26rem")


def name(language: Language) -> str:
    """How the navigation calls the page."""
    return language.gettext("Portfolio and model")


def open_page(opening: Opening) -> Page:
    """Opens the page: ``/portefeuille?threshold=0.55``."""
    session = OverviewSession(opening.services)
    page = PortfolioPage(opening)
    page.connect(session)
    return bring_to_life(page, session, opening)


class PortfolioPage:
    """Components of the page; ``show`` brings them up to date with a view of the session."""

    def __init__(self, opening: Opening) -> None:
        language = self._language = opening.language
        _ = language.gettext
        self._shell = Shell(
            language, opening.navigation, _("Portfolio and model"), ["client", "threshold", *write_cohort(Cohort())]
        )
        self._cohort = CohortBar(language)
        self._scores = ChartCard(language, _("Scores of the portfolio"), styles=_HALF)
        self._bands = ChartCard(language, _("Default rate by risk band"), styles=_HALF)
        self._threshold = Fieldset(
            legend=_("Try another threshold"), buttons=[["reset", _("Back to the present threshold")]]
        )
        self._said = Notices(css_classes=["after"])
        self._decisions = block("outcome_table", flex="1 1 26rem")
        self._cost = ChartCard(language, _("Cost by threshold"), styles=_HALF)
        self._quality = block("outcome_table", flex="1 1 26rem")
        self._calibration = ChartCard(language, _("Calibration"), styles=_HALF)
        self._groups = row()
        self._group_cards: dict[str, ChartCard] = {}
        self._drift = block("outcome_table")
        self._card = stack(row(self._quality, self._calibration), self._groups, self._drift, visible=False)

    def layout(self) -> Page:
        """The page, to be served."""
        simulation = stack(stack(self._threshold, self._said, gap="0"), row(self._decisions, self._cost))
        return self._shell.layout(
            stack(self._shell.outages, row(self._shell.demonstration), gap="0"),
            self._cohort,
            row(self._scores, self._bands),
            simulation,
            self._card,
        )

    def connect(self, session: OverviewSession) -> None:
        """Tells the session what the officer does."""

        def change(values: Mapping[str, str]) -> None:
            """The slider and the number say the same: what is not as it is shown was changed."""
            for text in self._threshold.changed(values).values():
                session.try_percent(text)

        self._threshold.on_values("change", change)
        self._threshold.on_values("reset", lambda _values: session.try_threshold(""))
        self._shell.address.on("client", session.choose)
        self._shell.address.on("threshold", session.try_threshold)
        self._cohort.on_cohort(session.choose_cohort)
        self._cohort.on("drop", session.drop_condition)
        for parameter in write_cohort(Cohort()):
            self._shell.address.on(parameter, partial(session.follow_cohort, parameter))

    def show(self, view: OverviewView) -> None:
        """Shows a view."""
        language = self._language
        tried = "" if view.threshold is None else f"{view.threshold:.6g}"
        self._shell.show(view, {"client": view.choice, "threshold": tried}, "")
        self._cohort.display(view)
        model = ready(view.model)
        if model:
            self._scores.follow(
                view.overview,
                lambda found: score_distribution_chart(found.bins, found.everyone, model, language),
                model,
            )
            self._bands.follow(view.overview, lambda found: bands_chart(found.bands, model, language), model)
            ratio = model.cost_optimum.cost_ratio if model.cost_optimum else USUAL_COST_RATIO
            self._cost.follow(view.decisions, lambda found: cost_chart(found, ratio, language), model)
            decisions = ready(view.decisions)
            self._decisions.object = decisions_html(decisions, model, language) if decisions else ""
            sentence = difference_sentence(decisions, language) if decisions else ""
            self._said.messages = [sentence] if sentence else []
        self._show_threshold(view)
        self._show_card(view)

    def _show_threshold(self, view: OverviewView) -> None:
        _ = self._language.gettext
        self._threshold.visible = view.tried is not None
        if view.tried is None:
            return
        slider, number = (
            f"{100 * view.tried:.6g}",
            self._language.format.percent_short(view.tried).rstrip("\u00a0\u202f%"),
        )
        self._threshold.display(
            [
                Field("slider", _("Acceptance threshold (slider)"), slider, slider=(0, 100, 0.5), unit="%"),
                Field("number", _("Acceptance threshold (number)"), number, unit="%"),
            ]
        )

    def _show_card(self, view: OverviewView) -> None:
        language = self._language
        if isinstance(view.card, Failed):
            self._card.visible = False
            return
        figures = ready(view.card)
        self._card.visible = figures is not None
        if figures is None:
            return
        self._quality.object = card_html_of(figures, language, of_cohort=view.cohort != Cohort())
        calibration = figures.calibration
        self._calibration.visible = calibration is not None
        if calibration:
            self._calibration.follow(view.card, lambda _found: self._draw_calibration(calibration))
        self._show_groups(view.card, figures)
        self._drift.visible = figures.drift is not None
        self._drift.object = drift_html(figures.drift, view.dictionary, language) if figures.drift else ""

    def _draw_calibration(self, calibration: Calibration) -> Chart:
        return calibration_chart(calibration, self._language)

    def _show_groups(self, remote: Remote[CardFigures | None], figures: CardFigures) -> None:
        """A card for each attribute, made when the model's card comes."""
        attributes = [one.attribute for one in figures.fairness]
        if list(self._group_cards) != attributes:
            self._group_cards = {one: ChartCard(self._language, one, styles=_HALF) for one in attributes}
            self._groups[:] = list(self._group_cards.values())
        for fairness in figures.fairness:
            self._group_cards[fairness.attribute].follow(remote, partial(self._draw_groups, fairness))

    def _draw_groups(self, fairness: Fairness, _figures: CardFigures | None) -> Chart:
        return groups_chart(fairness, self._language)
