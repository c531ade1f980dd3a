import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.portfolio.attributes import ATTRIBUTES
from services.portfolio.search import AnyOf, Filter, Query, Range, check, id_ranges

_IDS = st.integers(1, 2**63 - 1)


@given(ids=st.sets(_IDS, min_size=1), prefix=st.integers(0, 10**6).map(str), data=st.data())
def test_id_ranges_hold_exactly_the_ids_that_start_with_the_prefix(ids, prefix, data):
    # Prefixes of the ids themselves, so that hits are not rare; and any other, leading zero included.
    some_id = str(data.draw(st.sampled_from(sorted(ids))))
    for tried in (prefix, some_id, some_id[: data.draw(st.integers(0, len(some_id)))]):
        ranges = id_ranges(tried, min(ids), max(ids))
        found = {i for i in ids if any(first <= i <= last for first, last in ranges)}
        assert found == {i for i in ids if str(i).startswith(tried)}


@given(prefix=st.integers(1, 10**7).map(str), one=_IDS, other=_IDS)
def test_id_ranges_rise_and_stay_inside_the_portfolio(prefix, one, other):
    lowest, highest = sorted((one, other))
    bounds = [bound for limits in id_ranges(prefix, lowest, highest) for bound in limits]
    assert bounds == sorted(bounds)
    assert all(lowest <= bound <= highest for bound in bounds)


def test_six_digit_ids_need_a_single_range():
    assert id_ranges("20", 100_002, 456_255) == [(200_000, 209_999)]


def test_a_very_long_prefix_matches_nothing():
    assert id_ranges("1" * 5000, 1, 10**6) == []


def test_page_size_has_a_default_and_a_maximum():
    assert check(Query(), 0) == 20
    assert check(Query(), 1) == 1
    assert check(Query(), 1000) == 1000
    with pytest.raises(InvalidInput) as caught:
        check(Query(), 1001)
    assert [v.field for v in caught.value.violations] == ["page_size"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (Query("12a"), "id_prefix"),
        (Query("-1"), "id_prefix"),
        (Query(" 1"), "id_prefix"),
        (Query("١٢"), "id_prefix"),
        (Query("", (Filter("target", AnyOf(("1",))),)), "filters[0].attribute"),
        (Query("", (Filter("", Range(0, 1)),)), "filters[0].attribute"),
        (Query("", (Filter("age", None),)), "filters[0]"),
        (Query("", (Filter("age", AnyOf(("30",))),)), "filters[0].any_of"),
        (Query("", (Filter("gender", Range(0, 1)),)), "filters[0].range"),
        (Query("", (Filter("gender", AnyOf(())),)), "filters[0].any_of.values"),
        (Query("", (Filter("gender", AnyOf(("F",) * 101)),)), "filters[0].any_of.values"),
        (Query("", (Filter("gender", AnyOf(("F", "\0"))),)), "filters[0].any_of.values[1]"),
        (Query("", (Filter("band", AnyOf(("low", "lowest"))),)), "filters[0].any_of.values[1]"),
        (Query("", (Filter("decision", AnyOf(("ACCEPT",))),)), "filters[0].any_of.values[0]"),
        (Query("", (Filter("age", Range(math.nan, 1)),)), "filters[0].range.minimum"),
        (Query("", (Filter("age", Range(None, math.inf)),)), "filters[0].range.maximum"),
        (Query("", (Filter("age", Range(2, 1)),)), "filters[0].range"),
        (Query("", (Filter("age", Range(1, 2)),) * 51), "filters"),
    ],
)
def test_a_faulty_field_is_named(query, field):
    with pytest.raises(InvalidInput) as caught:
        check(query, 20)
    assert [v.field for v in caught.value.violations] == [field]


def test_all_faults_are_reported_at_once():
    query = Query("x", (Filter("age", Range(1, 2)), Filter("nope", None), Filter("credit", Range(math.nan, math.nan))))
    with pytest.raises(InvalidInput) as caught:
        check(query, 5000)
    assert [v.field for v in caught.value.violations] == [
        "id_prefix",
        "filters[1].attribute",
        "filters[2].range.minimum",
        "filters[2].range.maximum",
        "page_size",
    ]


def test_every_attribute_of_the_contract_can_be_searched_by():
    numbers = {"age", "income", "credit", "probability_of_repayment"}
    for name in ATTRIBUTES:
        condition = Range(0, None) if name in numbers else AnyOf(ATTRIBUTES[name].choices or ("anything",))
        assert check(Query("", (Filter(name, condition),)), 1) == 1
    assert set(ATTRIBUTES) == numbers | {
        "gender", "contract_type", "income_type", "education", "family_status", "band", "decision"
    }  # fmt: skip
