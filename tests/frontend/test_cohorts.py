"""Cohorts in links, and what becomes of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.dictionary import real_dictionary

from frontend.analysis.axis import Span, make_axis
from frontend.analysis.plane import make_plane
from frontend.clients.explanations import Cohort, FeatureFilter
from frontend.clients.types import Band, Decision
from frontend.cohorts import FILTERS, narrowed, part_of_axis, read_cohort, usable, without, write_cohort
from frontend.components.cohort_form import cohort_fields, cohort_of
from frontend.components.cohort_words import cohort_name, condition_texts
from frontend.language import language

END = st.none() | st.floats(allow_nan=False, allow_infinity=False)
NAME = st.sampled_from(["DAYS_BIRTH", "AMT_CREDIT"])
FILTER = st.builds(FeatureFilter, NAME, END, END) | st.builds(
    FeatureFilter, NAME, categories=st.sampled_from([("Cash loans",), ("a:b=c", "Spouse, partner")])
)
COHORT = st.builds(
    Cohort,
    st.none() | st.sampled_from(Decision),
    st.none() | st.sampled_from(Band),
    st.lists(FILTER, max_size=FILTERS).map(tuple),
)
AGE = FeatureFilter("DAYS_BIRTH", -14_610.0, -9_000.123)
LOAN = FeatureFilter("NAME_CONTRACT_TYPE", categories=("Cash loans",))
ENGLISH = language("en")


@given(COHORT)
def test_a_cohort_comes_back_exactly_from_its_link(cohort: Cohort) -> None:
    assert read_cohort(write_cohort(cohort)) == cohort


@pytest.mark.parametrize("parameters", [{"filter1": "X:1"}, {"filter2": "=a"}, {"band": "odd"}, {"decision": "no"}])
def test_what_cannot_be_read_is_left_out(parameters: dict[str, str]) -> None:
    assert read_cohort(parameters) == Cohort()


def test_conditions_that_nobody_can_be_asked_are_left_out() -> None:
    wrong = (
        FeatureFilter("NO", 1.0),
        FeatureFilter("NAME_CONTRACT_TYPE", 1.0),
        FeatureFilter("NAME_CONTRACT_TYPE", categories=("No",)),
        FeatureFilter("DAYS_BIRTH", categories=("a",)),
    )
    assert usable(Cohort(filters=(AGE, *wrong, LOAN)), real_dictionary()).filters == (AGE, LOAN)


def test_conditions_are_taken_away_one_by_one() -> None:
    cohort = Cohort(Decision.REFUSE, Band.HIGH, (AGE, LOAN))
    assert without(cohort, "1").filters == (AGE,)
    assert without(without(without(cohort, "0"), "decision"), "band") == Cohort(filters=(LOAN,))


def test_a_second_condition_on_a_feature_narrows_the_first() -> None:
    cohort = narrowed(Cohort(filters=(AGE, LOAN)), FeatureFilter("DAYS_BIRTH", -20_000.0, -10_000.0))
    assert cohort is not None
    assert cohort.filters == (FeatureFilter("DAYS_BIRTH", -14_610.0, -10_000.0), LOAN)
    full = Cohort(filters=tuple(FeatureFilter(f"F{k}") for k in range(FILTERS)))
    assert narrowed(full, AGE) is None


def test_a_part_of_an_axis_is_a_condition_in_the_units_of_the_data() -> None:
    days, kinds = np.array([-20_000, -9_000] * 20, np.float32), np.array([0, 1, 2, 1] * 10, np.float32)
    x, y = make_axis(days, factor=-1 / 365.25), make_axis(kinds, ("a", "b", "c"))
    zeros = np.zeros(40, np.float32)
    plane = make_plane(x, y, zeros, zeros, np.ones(40, bool))
    found = part_of_axis("DAYS_BIRTH", plane.x, Span(20.0, 40.0), -1 / 365.25)
    assert (found.minimum, found.maximum) == (pytest.approx(-14_610), pytest.approx(-7_305))
    assert part_of_axis("KIND", plane.y, Span(0.5, 2.5), 1.0).categories == ("b", "c")
    counts = make_plane(make_axis(kinds), y, zeros, zeros, np.ones(40, bool)).x
    assert part_of_axis("COUNT", counts, Span(0.5, 2.5), 1.0) == FeatureFilter("COUNT", 1.0, 2.0)


def test_a_cohort_in_words() -> None:
    cohort = Cohort(Decision.REFUSE, Band.HIGH, (AGE, LOAN, FeatureFilter("AMT_CREDIT", 50_000.0)))
    assert [text for _key, text in condition_texts(cohort, real_dictionary(), ENGLISH)] == [
        "Refused clients",
        "high risk",
        "Age: 24.6 to 40 years",
        "Type of contract: Cash loan",
        "Credit amount: from €50,000 on",
    ]
    assert cohort_name(Cohort(), ENGLISH) == ""
    assert cohort_name(Cohort(band=Band.HIGH), ENGLISH) == "Clients of high risk"
    assert cohort_name(cohort, ENGLISH) == "These clients"


@pytest.mark.parametrize("code", ["fr", "en"])
def test_a_form_that_nobody_touched_says_the_same_cohort(code: str) -> None:
    """Its fields show rounded ends and one list for several categories."""
    several = FeatureFilter("NAME_CONTRACT_TYPE", categories=("Cash loans", "Revolving loans"))
    cohort = Cohort(Decision.ACCEPT, Band.LOW, (AGE, several, FeatureFilter("EXT_SOURCE_2", 0.123456789)))
    dictionary = real_dictionary()
    values = {one.name: one.value for one in cohort_fields(cohort, dictionary, [], language(code))}
    assert cohort_of(values, cohort, dictionary, language(code)) == cohort
    typed = cohort_of(values | {"to0": "50"}, cohort, dictionary, language(code)).filters[0]
    assert (typed.minimum, typed.maximum) == (pytest.approx(-18_262.5), AGE.maximum)
