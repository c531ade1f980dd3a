"""The map of the products and the chart of accuracy against speed: marks, table twins, files."""

import csv
import io

import pytest
from support.study import CATEGORIES, EACH, small_study

from frontend.charts.product_map import product_map
from frontend.charts.study_speed import speed_chart
from frontend.language import language
from frontend.study.session import Colour

STUDY = small_study()
ERRING, RIGHT = STUDY.models


def marks(chart: object, marker: str) -> int:
    return sum(
        len(one.data_source.data["x"])
        for one in chart.figure.renderers  # type: ignore[attr-defined]
        if getattr(one.glyph, "marker", None) == marker
    )


@pytest.mark.parametrize("colour", list(Colour))
def test_wrong_products_are_crosses_whatever_the_colour(colour: Colour) -> None:
    chart = product_map(STUDY, ERRING, ERRING.maps[0], colour, language("en"))

    assert marks(chart, "x") == len(CATEGORIES) == len(chart.table.rows)
    assert marks(chart, "circle") == len(CATEGORIES) * (EACH - 1)
    assert chart.summary.startswith("3 of 24 products")


def test_colour_is_the_category_that_it_says() -> None:
    first = {
        colour: product_map(STUDY, ERRING, ERRING.maps[0], colour, language("en")).figure.renderers[1].data_source.data
        for colour in Colour
    }

    assert first[Colour.TRUE]["true"] == ["Baby Care"]
    assert first[Colour.PREDICTED]["predicted"] == ["Baby Care"]
    assert first[Colour.PREDICTED]["true"] == ["Watches"]


def test_file_holds_every_product() -> None:
    chart = product_map(STUDY, RIGHT, RIGHT.maps[1], Colour.TRUE, language("fr"))
    rows = list(csv.DictReader(io.StringIO(chart.csv.decode("utf-8-sig"))))

    assert [row["name"] for row in rows] == [product.name for product in STUDY.products]
    assert chart.table.rows == []


def test_speed_names_the_best_and_the_fastest() -> None:
    chart = speed_chart(STUDY, language("en"))

    assert (
        chart.summary == "vectors is the most accurate with 100.0%, words the fastest with 20,000 documents a second."
    )
    assert [row[0] for row in chart.table.rows] == ["words", "vectors"]
