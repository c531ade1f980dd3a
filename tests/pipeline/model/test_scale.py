import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import scale

SHARES = st.floats(0.001, 0.999)


def test_the_acceptance_threshold_is_the_default_rate_that_was_decided():
    """ADR 2: at a prior of 8 %, 52 % repayment is a real default rate of 7.4 %."""
    assert scale.real(0.48, 0.08) == pytest.approx(0.0743, abs=1e-4)


@given(SHARES)
def test_the_average_client_has_a_score_of_one_half(prior):
    assert scale.balanced(prior, prior) == pytest.approx(0.5)


@given(SHARES, SHARES)
def test_odds_are_shifted_by_the_priors(rate, prior):
    score = scale.balanced(rate, prior)
    assert score / (1 - score) == pytest.approx(rate / (1 - rate) * (1 - prior) / prior)
    assert scale.real(score, prior) == pytest.approx(rate)


@given(SHARES)
def test_certainty_stays_certain_and_arrays_keep_their_order(prior):
    rates = np.linspace(0, 1, 50)
    scores = scale.balanced(rates, prior)
    assert (scores[0], scores[-1]) == (0, 1)
    assert (np.diff(scores) > 0).all()
