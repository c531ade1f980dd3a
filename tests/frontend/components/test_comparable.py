"""Comparable clients as tables with links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.clients.explanations import ComparableClient, ComparableClients
from frontend.components.comparable import comparable_html, likeness
from frontend.language import language
from frontend.remote import Failed, Pending, Ready
from services.common.errors import Unavailable

FR, EN = language("fr"), language("en")


def test_each_decision_has_its_clients_with_a_link() -> None:
    found = ComparableClients((ComparableClient(100_007, 0.612, 0.2),), (ComparableClient(100_009, 0.49, 0.9),))
    accepted, refused = comparable_html(Ready(found), FR).split("Refusés")

    assert 'href="./?client=100007&amp;lang=fr">100007</a>' in accepted
    assert "61,2" in accepted
    assert "très semblable" in accepted
    assert 'href="./?client=100009&amp;lang=fr">100009</a>' in refused
    assert "peu semblable" in refused


def test_a_decision_without_clients_says_so() -> None:
    assert comparable_html(Ready(ComparableClients((), ())), EN).count("No client of this decision.") == 2


def test_why_there_are_none_is_said() -> None:
    assert 'aria-busy="true"' in comparable_html(Pending(), EN)
    away = comparable_html(Failed(Unavailable("away")), EN)
    assert "No answer at the moment" in away
    assert 'aria-busy="false"' in away
    assert "25%" in comparable_html(Failed(Unavailable("computing", progress="0.25")), EN)


@given(st.floats(0, 10), st.floats(0, 10))
def test_the_nearer_client_is_never_called_less_similar(one: float, other: float) -> None:
    order = ["very similar", "similar", "rather similar", "little similar"]
    near, far = sorted((one, other))

    assert order.index(likeness(near, EN)) <= order.index(likeness(far, EN))


@pytest.mark.parametrize("distance", [0.0, 0.3, 0.5, 2.0])
def test_every_distance_has_a_word_in_french(distance: float) -> None:
    assert "semblable" in likeness(distance, FR)
