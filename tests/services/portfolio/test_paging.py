import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.portfolio.paging import Position, decode, encode
from services.portfolio.search import AnyOf, Filter, Query, Range

_POSITIONS = st.builds(Position, st.integers(0, 2**63 - 1), st.integers(0, 2**40))
_QUERY = Query("1", (Filter("gender", AnyOf(("F",))), Filter("age", Range(20.0, None))))


@given(_POSITIONS)
def test_a_token_gives_its_position_back(position):
    assert decode(encode(position, _QUERY, "one"), _QUERY, "one") == position


@pytest.mark.parametrize(
    ("query", "publication"),
    [
        (_QUERY, "two"),
        (Query("2", _QUERY.filters), "one"),
        (Query("1", _QUERY.filters[:1]), "one"),
        (Query("1", (_QUERY.filters[0], Filter("age", Range(20.0, 30.0)))), "one"),
        (Query("1", (Filter("gender", AnyOf(("M",))), _QUERY.filters[1])), "one"),
    ],
)
def test_a_token_is_bound_to_search_and_publication(query, publication):
    token = encode(Position(5, 10), _QUERY, "one")
    with pytest.raises(InvalidInput) as caught:
        decode(token, query, publication)
    assert [v.field for v in caught.value.violations] == ["page_token"]


@given(st.one_of(st.text(), st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode())))
def test_what_is_no_token_is_refused(token):
    with pytest.raises(InvalidInput):
        decode(token, _QUERY, "one")


@given(st.data())
def test_a_changed_token_is_refused(data):
    token = encode(Position(123_456, 789), _QUERY, "one")
    at = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.sampled_from("ABCabc019-_").filter(lambda c: c != token[at]))
    with pytest.raises(InvalidInput):
        decode(token[:at] + character + token[at + 1 :], _QUERY, "one")
