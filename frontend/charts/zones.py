"""Zones of a map where clients default more often than the others: outlined, lettered, and said in words."""

from bokeh.models import BoxAnnotation, ColumnDataSource
from bokeh.plotting import figure as Figure  # noqa: N812

from frontend import theme
from frontend.analysis.plane import Cell, Plane
from frontend.charts.outcome_words import rate_is_told, rate_text
from frontend.charts.plane_axis import PlaneAxis
from frontend.components.feature_search import label_of
from frontend.language import Language

_LETTERS = "ABC"


def lettered(plane: Plane) -> list[tuple[str, Cell]]:
    """The zones, the worst first, each with the letter that the map gives it."""
    return list(zip(_LETTERS, plane.zones(len(_LETTERS)), strict=False))


def place_text(cell: Cell, x: PlaneAxis, y: PlaneAxis, language: Language) -> str:
    """Where a cell lies: "Age: 22 to 32 years; External score 2: 0.02 to 0.35"."""
    return language.gettext("{x_name}: {x}; {y_name}: {y}").format(
        x_name=label_of(x.feature, language),
        x=_with_unit(x.interval_text(cell.x), x),
        y_name=label_of(y.feature, language),
        y=_with_unit(y.interval_text(cell.y), y),
    )


def zone_text(letter: str, cell: Cell, x: PlaneAxis, y: PlaneAxis, language: Language) -> str:
    """A zone in a sentence."""
    found = cell.outcomes
    return language.ngettext(
        "{letter}. {place}. Default rate {rate}, {clients} client.",
        "{letter}. {place}. Default rate {rate}, {clients} clients.",
        found.clients,
    ).format(
        letter=letter,
        place=place_text(cell, x, y, language),
        rate=rate_text(found, language),
        clients=language.format.integer(found.clients),
    )


def standing_text(cell: Cell, plane: Plane, language: Language) -> str:
    """How a cell's default rate stands beside that of all clients looked at."""
    _ = language.gettext
    letter = next((letter for letter, one in lettered(plane) if one is cell), "")
    rate, everyone = cell.outcomes.default_rate, plane.cohort.default_rate
    if letter:
        return _("high risk, zone {letter}").format(letter=letter)
    if rate is None or everyone is None or not rate_is_told(cell.outcomes):
        return "–"
    if rate.low > everyone.value:
        return _("higher")
    if rate.high < everyone.value:
        return _("lower")
    return _("no clear difference")


def outline(made: Figure, plane: Plane) -> None:
    """Draws the zones; each line is dark on white, to be seen on every colour of the map."""
    grid = plane.grid
    zones = lettered(plane)
    for _letter, cell in zones:
        for colour, width in (("white", 5), (theme.LIGHT["ink"], 2)):
            made.add_layout(
                BoxAnnotation(
                    left=max(cell.x.lower, grid.x.lower),
                    right=min(cell.x.upper, grid.x.upper),
                    bottom=max(cell.y.lower, grid.y.lower),
                    top=min(cell.y.upper, grid.y.upper),
                    fill_alpha=0,
                    line_color=colour,
                    line_alpha=1,
                    line_width=width,
                    level="overlay",
                )
            )
    places = {
        "x": [max(cell.x.lower, grid.x.lower) for _letter, cell in zones],
        "y": [min(cell.y.upper, grid.y.upper) for _letter, cell in zones],
        "text": [letter for letter, _cell in zones],
    }
    made.text(
        "x",
        "y",
        "text",
        x_offset=5,
        y_offset=5,
        text_baseline="top",
        text_font=theme.FONT,
        text_font_size="13px",
        text_font_style="bold",
        text_color=theme.LIGHT["ink"],
        background_fill_color="white",
        background_fill_alpha=0.85,
        padding=3,
        border_radius=3,
        level="overlay",
        source=ColumnDataSource(places),
    )


def _with_unit(text: str, axis: PlaneAxis) -> str:
    return f"{text} {axis.scale.unit}" if axis.scale.unit and not axis.side.categories else text
