"""The cross analysis: two features of the whole portfolio against each other."""

from collections.abc import Callable, Mapping
from functools import partial

from bokeh.events import SelectionGeometry
from panel_material_ui.template.base import Page

from frontend import theme
from frontend.analyses import Box
from frontend.analysis.axis import Span
from frontend.analysis.plane import Plane
from frontend.charts.chart import Chart
from frontend.charts.interaction import interaction_chart
from frontend.charts.plane import Colour, Drawn, colour_name, plane_chart
from frontend.charts.plane_axis import PlaneAxis
from frontend.clients.explanations import Cohort
from frontend.cohorts import write_cohort
from frontend.components.chart_card import ChartCard, failure_text
from frontend.components.choice import Choice
from frontend.components.cohort_bar import CohortBar
from frontend.components.cross_figures import figures_html
from frontend.components.feature_search import FeatureSearch, label_of
from frontend.components.fieldset import Fieldset
from frontend.components.layout import beside, block, row, stack
from frontend.components.region_form import read_region, region_fields
from frontend.components.shell import Shell
from frontend.components.verdict import Tone, Verdict
from frontend.cross_choices import CrossChoices
from frontend.cross_session import CrossSession, CrossView
from frontend.language import Language
from frontend.pages.opening import Opening, bring_to_life
from frontend.remote import Failed, Ready

_MAP = beside(3, "34rem")


def name(language: Language) -> str:
    """How the navigation calls the page."""
    return language.gettext("Cross analysis")


def open_page(opening: Opening) -> Page:
    """Opens the page: ``/croisements?x=AMT_CREDIT&y=DAYS_BIRTH&decision=refuse``."""
    session = CrossSession(opening.services, opening.language)
    page = CrossPage(opening)
    page.connect(session)
    return bring_to_life(page, session, opening)


class CrossPage:
    """Components of the page; ``show`` brings them up to date with a view of the session."""

    def __init__(self, opening: Opening) -> None:
        language = self._language = opening.language
        _ = language.gettext
        parameters = ["client", *CrossChoices().parameters(), *write_cohort(Cohort())]
        self._shell = Shell(language, opening.navigation, _("Cross analysis"), parameters)
        self._searches = [FeatureSearch(language, styles={"flex": "1 1 20rem"}) for _axis in "xy"]
        for search, label in zip(self._searches, (_("Horizontal axis"), _("Vertical axis")), strict=True):
            search.texts = {**search.texts, "label": label}
        self._colour = Choice(_("Colour shows"), {one.value: colour_name(one, language) for one in Colour})
        self._colour.styles = {"flex": "1 1 14rem"}
        self._cohort = CohortBar(language)
        self._state = Verdict()
        self._strip = stack(self._state, visible=False)
        self._strip.styles = {**self._strip.styles, "margin-bottom": theme.GAP}
        self._map = ChartCard(language, _("Map of the two features"), styles=_MAP)
        self._figures = block("outcome_table", flex="2 1 24rem")
        self._region = Fieldset(
            legend=_("Part of the map"),
            buttons=[
                ["select", _("Show its figures")],
                ["zoom", _("Zoom in")],
                ["only", _("Look at these clients only")],
                ["usual", _("Central 99 %")],
                ["whole", _("Whole map")],
            ],
        )
        self._interaction = ChartCard(language, _("Interaction of the two features"))
        self._content = stack(row(self._map, self._figures), self._region, self._interaction, visible=False)
        self._axes: tuple[PlaneAxis, PlaneAxis] | None = None
        self._box: Box | None = None
        self._session: CrossSession | None = None

    def layout(self) -> Page:
        """The page, to be served."""
        choice = row(*self._searches, self._colour, self._shell.demonstration, above=True)
        # What is away takes no room: notices and strip bring their own gap.
        state = stack(self._shell.outages, self._strip, self._content, gap="0")
        return self._shell.layout(choice, self._cohort, state)

    def connect(self, session: CrossSession) -> None:
        """Tells the session what the officer does."""
        self._session = session
        for axis, search in enumerate(self._searches):
            search.on("search", partial(session.search, axis))
            search.on("choose", partial(session.choose_axis, axis))
        self._colour.on("choose", lambda key: session.colour(Colour(key)))
        self._cohort.on_cohort(session.choose_cohort)
        self._cohort.on("drop", session.drop_condition)
        self._region.on_values("select", lambda values: self._with_region(values, session.select))
        self._region.on_values("zoom", lambda values: self._with_region(values, session.zoom))
        self._region.on_values("only", lambda values: self._with_region(values, session.look_at_only))
        self._region.on_values("usual", lambda _values: session.zoom(None))
        self._region.on_values("whole", lambda _values: self._show_whole())
        self._shell.address.on("client", session.choose)
        for parameter in CrossChoices().parameters():
            self._shell.address.on(parameter, partial(session.follow, parameter))
        for parameter in write_cohort(Cohort()):
            self._shell.address.on(parameter, partial(session.follow_cohort, parameter))

    def show(self, view: CrossView) -> None:
        """Shows a view."""
        language, choices = self._language, view.choices
        x, y = view.feature(choices.x), view.feature(choices.y)
        self._shell.show(view, {"client": view.choice, **choices.parameters()}, "")
        for search, wanted, feature, query in zip(
            self._searches, (choices.x, choices.y), (x, y), view.queries, strict=True
        ):
            search.value = label_of(feature, language) if feature else wanted
            if query is not None and view.dictionary:
                search.show_matches(query, view.dictionary)
        self._colour.value = choices.colour.value
        self._cohort.display(view, (choices.x, choices.y))
        self._show_state(view)
        self._content.visible = x is not None and y is not None
        if x is None or y is None:
            return
        self._map.follow(view.plane, lambda plane: self._draw(view, plane), choices.colour, view.client, view.box)
        self._interaction.follow(view.interaction, lambda found: interaction_chart(found, x, y, language))
        self._show_figures(view)

    def _draw(self, view: CrossView, plane: Plane) -> Chart:
        x, y = self._axes_of(view, plane)
        client = view.client.value if isinstance(view.client, Ready) else None
        place = (x.place(client.value(x.feature.name)), y.place(client.value(y.feature.name))) if client else None
        chart = plane_chart(plane, x, y, view.choices.colour, Drawn(place, view.box), self._language)
        chart.figure.on_event(SelectionGeometry, self._drawn)
        return chart

    def _axes_of(self, view: CrossView, plane: Plane) -> tuple[PlaneAxis, PlaneAxis]:
        features = view.dictionary.features if view.dictionary else {}
        return (
            PlaneAxis.of(features[view.choices.x], plane.x, self._language),
            PlaneAxis.of(features[view.choices.y], plane.y, self._language),
        )

    def _show_figures(self, view: CrossView) -> None:
        if not isinstance(view.plane, Ready):
            self._axes = None
            self._figures.object = ""
            self._region.visible = False
            return
        plane = view.plane.value
        axes = self._axes = self._axes_of(view, plane)
        self._region.visible = True
        self._box = view.box or (plane.x.shown, plane.y.shown)
        self._region.display(region_fields(axes, self._box, self._language))
        self._figures.object = figures_html(view, plane, axes, self._language)

    def _show_state(self, view: CrossView) -> None:
        """The strip says what is wrong; it is away while all is well."""
        _ = self._language.gettext
        unknown = [name for name in (view.choices.x, view.choices.y) if view.dictionary and view.feature(name) is None]
        if view.dictionary is None and not view.nothing_published:
            self._state.display(Tone.BUSY, _("Cross analysis"), _("The feature dictionary is being read…"))
        elif unknown:
            sentence = _("There is no feature “{text}”. Choose one from the list.").format(text=unknown[0])
            self._state.display(Tone.WARNING, _("Feature unknown"), sentence)
        elif isinstance(view.plane, Failed):
            self._state.display(Tone.WARNING, _("Cross analysis"), failure_text(view.plane.error, self._language)[0])
        self._strip.visible = bool(
            unknown or isinstance(view.plane, Failed) or (view.dictionary is None and not view.nothing_published)
        )

    def _with_region(self, values: Mapping[str, str], act: Callable[[Box], None]) -> None:
        changed = self._region.changed(values)
        box = read_region(changed, self._axes, self._box) if self._axes and self._box else None
        if box is not None:
            act(box)

    def _show_whole(self) -> None:
        if self._session and self._axes:
            x, y = self._axes
            self._session.zoom((x.side.whole, y.side.whole))

    def _drawn(self, event: SelectionGeometry) -> None:
        """The officer drew a box on the map."""
        found = event.geometry
        if self._session and event.final and found.get("type") == "rect":
            box: Box = (Span(found["x0"], found["x1"]), Span(found["y0"], found["y1"]))
            if box[0].lower < box[0].upper and box[1].lower < box[1].upper:
                self._session.select(box)
