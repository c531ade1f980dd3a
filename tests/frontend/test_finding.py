"""What the search by attributes asks for, and what it cannot ask for."""

import pytest
from clairscore.portfolio.v1 import portfolio_pb2 as pb

from frontend.clients.convert import from_filter
from frontend.clients.types import AttributeFilter
from frontend.finding import CATEGORIES, OUTCOMES, RANGES, faults, filters
from services.portfolio.attributes import ATTRIBUTES


def test_every_attribute_of_the_contract_can_be_searched_for() -> None:
    assert {*CATEGORIES, *OUTCOMES, *RANGES} == set(ATTRIBUTES)
    assert all(ATTRIBUTES[name].feature == feature for name, feature in CATEGORIES.items())


def test_empty_fields_ask_for_nothing() -> None:
    assert filters({"gender": "", "age_from": " ", "band": ""}) == []


def test_texts_become_filters_in_the_units_of_the_contract() -> None:
    texts = {"income_type": "Working", "income_from": "50 000,5", "probability_of_repayment_to": "60 %"}
    assert filters(texts) == [
        AttributeFilter("income_type", categories=("Working",)),
        AttributeFilter("income", minimum=50_000.5),
        AttributeFilter("probability_of_repayment", maximum=pytest.approx(0.6)),
    ]


def test_texts_that_are_no_range_are_faults() -> None:
    texts = {"age_from": "old", "credit_from": "5", "credit_to": "3", "income_from": "5", "income_to": "5"}
    assert faults(texts) == {"age_from": True, "credit_to": False}


def test_a_filter_travels_with_its_open_side() -> None:
    one_sided = from_filter(AttributeFilter("age", minimum=30.0))
    assert one_sided == pb.AttributeFilter(attribute="age", range=pb.Range(minimum=30.0))
    assert not one_sided.range.HasField("maximum")
    category = from_filter(AttributeFilter("band", categories=("low",)))
    assert category == pb.AttributeFilter(attribute="band", any_of=pb.Categories(values=["low"]))
