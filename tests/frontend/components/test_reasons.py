"""Reasons in words, or why there are none."""

import pytest

from frontend.clients.explanations import Contribution, Explanation, Reason
from frontend.clients.types import Band, Decision, Score
from frontend.components.reasons import reasons_html
from frontend.language import language
from frontend.remote import NOT_ASKED, Failed, Pending, Ready
from services.common.errors import Unavailable

FR, EN = language("fr"), language("en")


@pytest.fixture(scope="module")
def explanation() -> Explanation:
    contributions = [
        Contribution("AGE", "Âge", 30.0, 0.2, -0.05, protected=True),
        Contribution("CREDIT", "Crédit", 1.0, -0.1, 0.02),
    ]
    return Explanation(
        score=Score(0.57, Band.MEDIUM, Decision.ACCEPT, "v1"),
        base_probability_of_repayment=0.6,
        contributions=contributions,
        families=(),
        tables=(),
        summary="",
        reasons_for=(Reason("CREDIT", "Le crédit est <petit>.", 0.02),),
        reasons_against=(Reason("AGE", "L’âge est bas.", -0.05),),
    )


def test_both_sides_have_a_heading_and_their_sentences(explanation: Explanation) -> None:
    html = reasons_html(Ready(explanation), "100001", FR)
    favourable, unfavourable = html.split("En défaveur")

    assert "En faveur du remboursement" in favourable
    assert "Le crédit est &lt;petit&gt;." in favourable
    assert "L’âge est bas." in unfavourable
    assert 'aria-busy="false"' in html
    assert 'href="comparaison?client=100001&amp;lang=fr"' in html


def test_what_the_law_protects_is_marked_by_a_word(explanation: Explanation) -> None:
    favourable, unfavourable = reasons_html(Ready(explanation), "1", FR).split("En défaveur")

    assert "donnée protégée par la loi" in unfavourable
    assert "protégée" not in favourable


def test_a_side_without_reasons_says_so(explanation: Explanation) -> None:
    score = explanation.score
    bare = Explanation(score, 0.6, (), (), (), "", (), ())

    assert reasons_html(Ready(bare), "1", EN).count("nothing important") == 2


@pytest.mark.parametrize(
    ("remote", "text", "busy"),
    [
        (NOT_ASKED, "Being computed", "true"),
        (Pending(), "Being computed", "true"),
        (Failed(Unavailable("away")), "No answer at the moment", "false"),
        (Failed(Unavailable("computing", progress="0.25")), "25%", "true"),
    ],
)
def test_why_there_are_no_reasons_is_said(remote: Pending | Failed, text: str, busy: str) -> None:
    html = reasons_html(remote, "1", EN)

    assert text in html
    assert f'aria-busy="{busy}"' in html
    assert "<li>" not in html
