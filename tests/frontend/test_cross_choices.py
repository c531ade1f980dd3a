"""What the link of the cross analysis holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.analysis.axis import Span
from frontend.charts.plane import Colour
from frontend.components.fieldset import read_number
from frontend.cross_choices import CrossChoices

_SPAN = st.tuples(st.floats(-1e6, 1e6), st.floats(0.1, 1e6)).map(lambda ends: Span(ends[0], ends[0] + ends[1]))


@given(
    st.builds(
        CrossChoices,
        st.sampled_from(["DAYS_BIRTH", "AMT_CREDIT"]),
        st.just("EXT_SOURCE_1"),
        st.sampled_from(Colour),
        st.none() | st.tuples(_SPAN, _SPAN),
    )
)
def test_choices_come_back_exactly_from_their_link(choices):
    assert CrossChoices.of(choices.parameters()) == choices


def test_the_usual_choices_leave_the_link_short():
    assert set(CrossChoices().parameters().values()) == {""}


@pytest.mark.parametrize("parameters", [{"zoom": "1:2:3"}, {"zoom": "2:1:0:1"}, {"zoom": "a:b:c:d"}, {"color": "x"}])
def test_what_cannot_be_read_is_left_out(parameters):
    assert CrossChoices.of(parameters) == CrossChoices()


@pytest.mark.parametrize(
    ("text", "number"),
    [("72 000", 72000), ("71000,5", 71000.5), ("52 %", 52), ("", None), ("x", None), ("inf", None)],
)
def test_numbers_as_people_type_them(text, number):
    assert read_number(text) == number
