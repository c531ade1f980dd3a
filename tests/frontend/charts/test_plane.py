"""Map and interaction: what is drawn, told and written, and what must never be told."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from bokeh.models import ColumnDataSource, Image

from frontend.analysis.axis import Span, make_axis
from frontend.analysis.plane import LEAST, make_plane
from frontend.charts.interaction import interaction_chart
from frontend.charts.plane import Colour, Drawn, is_pale, plane_chart, values
from frontend.charts.plane_axis import PlaneAxis
from frontend.charts.zones import lettered, place_text, zone_text
from frontend.clients.interaction import Interaction, InteractionAxis, InteractionCell
from frontend.clients.types import Feature, Label, Unit
from frontend.language import language
from pipeline.evaluation.proportion import wilson
from pipeline.evaluation.result import Interval

_AGE = Feature("DAYS_BIRTH", Label("Âge", "Age"), Unit.DAYS, {}, minimum=-25000, maximum=-7500)
_KIND = Feature(
    "KIND", Label("Contrat", "Contract"), Unit.NONE, {"a": Label("Prêt", "Loan"), "b": Label("Carte", "Card")}
)
_ENGLISH = language("en")


@pytest.fixture(scope="module")
def plane():
    random = np.random.default_rng(1)
    n = 6000
    age = random.uniform(-25000, -7500, n).astype(np.float32)
    kind = (random.random(n) < 0.02).astype(np.float32)
    target = (random.random(n) < 0.1).astype(np.float32)
    scores = random.random(n).astype(np.float32)
    x, y = make_axis(age, factor=-1 / 365.25), make_axis(kind, ("a", "b"))
    return make_plane(x, y, target, scores, np.ones(n, bool))


def _axes(plane):
    return PlaneAxis.of(_AGE, plane.x, _ENGLISH), PlaneAxis.of(_KIND, plane.y, _ENGLISH)


def _chart(plane, colour=Colour.DEFAULT_RATE, drawn=None):
    return plane_chart(plane, *_axes(plane), colour, drawn or Drawn(), _ENGLISH)


def test_title_summary_and_table_are_in_human_units(plane):
    chart = _chart(plane)
    assert chart.title == "Contract against Age (years)"
    assert chart.figure.html_attributes["aria-label"].startswith(chart.title)
    assert "clients, default rate" in chart.summary
    assert {row[1] for row in chart.table.rows} == {"Loan", "Card"}
    assert all("to" in row[0] and "-" not in row[0] for row in chart.table.rows)
    assert sum(int(row[2].replace(",", "")) for row in chart.table.rows) == plane.shown.clients


@pytest.mark.parametrize("colour", Colour)
def test_what_is_painted(plane, colour):
    chart = _chart(plane, colour)
    images = [one for one in chart.figure.renderers if isinstance(one.glyph, Image)]
    few, pale, certain = (one.data_source.data["image"][0] for one in images)
    painted = np.where(np.isnan(certain), pale, certain)
    np.testing.assert_array_equal(painted, values(plane, colour))
    assert not np.any(~np.isnan(pale) & ~np.isnan(certain))
    assert not np.any(~np.isnan(few) & ~np.isnan(painted))
    assert np.isnan(pale).all() == (colour is not Colour.DEFAULT_RATE)
    if colour is not Colour.CLIENTS:
        assert np.isnan(painted[plane.grid.known < LEAST]).all()


def test_of_few_clients_no_outcome_is_told(plane):
    """The rate of one client would be that client's outcome."""
    rows = list(csv.DictReader(io.StringIO(_chart(plane).csv.decode("utf-8-sig"))))
    few = [row for row in rows if int(row["known_outcomes"]) < LEAST]
    assert few
    assert all(row["default_rate"] == "" for row in few)
    assert any(row["default_rate"] for row in rows)
    told = [row[3] for row in _chart(plane).table.rows if int(row[2].replace(",", "")) < LEAST]
    assert set(told) == {"too few outcomes"}
    hovered = [one.data_source.data for one in _chart(plane).figure.renderers if isinstance(one.glyph, Image)][2]
    assert np.isnan(hovered["rate"][0][plane.grid.known < LEAST]).all()


def test_zones_of_high_risk_are_lettered_on_the_map_in_words_and_in_the_table(plane):
    x, y = _axes(plane)
    risky = replace(plane, cohort=replace(plane.cohort, default_rate=Interval(value=0.001, low=0, high=0.01)))
    zones = lettered(risky)
    assert [letter for letter, _cell in zones] == ["A", "B", "C"]
    chart = plane_chart(risky, x, y, Colour.DEFAULT_RATE, Drawn(), _ENGLISH)
    assert _texts(chart) == ["A", "B", "C"]
    assert place_text(zones[0][1], x, y, _ENGLISH) in chart.summary
    told = [row[4] for row in chart.table.rows]
    assert {f"high risk, zone {letter}" for letter in "ABC"} <= set(told)
    assert "higher" in told
    assert zone_text("A", zones[0][1], x, y, _ENGLISH).startswith("A. Age: ")
    assert lettered(plane) == []
    assert _texts(_chart(plane)) == []


def test_pale_cells_are_those_whose_interval_holds_the_rate_of_all(plane):
    pale, grid, rate = is_pale(plane, Colour.DEFAULT_RATE), plane.grid, plane.cohort.default_rate.value
    for row, column in zip(*np.nonzero(grid.known >= LEAST), strict=True):
        own = wilson(grid.defaults[row, column], grid.known[row, column])
        assert pale[row, column] == (own.low <= rate <= own.high)


def _texts(chart):
    sources = [one.data_source for one in chart.figure.renderers if isinstance(one.data_source, ColumnDataSource)]
    return [text for source in sources for text in source.data.get("text", [])]


def test_the_client_is_marked_where_it_lies(plane):
    x, y = _axes(plane)
    place = (x.place(-12000.0), y.place("b"))
    assert place == (pytest.approx(12000 / 365.25), 1.0)
    assert _texts(_chart(plane, drawn=Drawn(place))) == ["This client"] * 3
    away = _chart(plane, drawn=Drawn((99.0, 1.0)))
    assert _texts(away) == []
    assert "lies outside of the part shown" in away.summary
    without = _chart(plane, drawn=Drawn((None, 1.0)))
    assert "This client has no value of “Age" in without.summary


def test_intervals_in_words(plane):
    x, y = _axes(plane)
    assert x.interval_text(Span(20.5, 30.5)) == "20.5 to 30.5"
    assert y.interval_text(Span(-0.5, 1.5)) == "Loan – Card"
    assert y.interval_text(Span(0.5, 1.5)) == "Card"


def test_interaction():
    cells = [InteractionCell(10, value, None) for value in (0.1, -0.2, None, 0.05)]
    found = Interaction(
        InteractionAxis("Age", (-20000.0, -15000.0, -10000.0), ()), InteractionAxis("Contract", (), ("a", "b")),
        cells, 0.12, 2000,
    )  # fmt: skip
    chart = interaction_chart(found, _AGE, _KIND, _ENGLISH)
    assert "0.12" in chart.summary
    assert "Risk is raised most at Age: 41.1 to 54.8; Contract: Loan." in chart.summary
    assert [row[3] for row in chart.table.rows] == ["+0.1", "−0.2", "–", "+0.05"]
    # Years before the application grow to the right.
    assert chart.figure.x_range.start > chart.figure.x_range.end


def test_features_that_the_model_does_not_combine_are_said_to_act_alone():
    axis = InteractionAxis("Contract", (), ("a", "b"))
    apart = Interaction(axis, axis, [InteractionCell(10, 0.0, None)] * 4, 0.0, 2000)
    chart = interaction_chart(apart, _KIND, _KIND, _ENGLISH)
    assert chart.summary == "The model does not combine these two features: each acts for itself on the 2,000 clients."
