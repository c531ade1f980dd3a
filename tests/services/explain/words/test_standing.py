"""What is said of other clients is true of them, whatever ties there are."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features.describe import unobserved
from pipeline.features.dictionary import Feature
from services.explain.words.catalogue import catalogue
from services.explain.words.standing import Standing, beside_others

FEATURES = unobserved().by_name
ENGLISH = catalogue("en")


def said(feature: Feature, value: float, others: list[float]) -> str:
    values = np.array(others)
    percentile = float(((values < value) + (values == value) / 2).mean())
    return beside_others("", feature, value, Standing(float(np.median(values)), percentile), ENGLISH)


@given(st.lists(st.integers(0, 4).map(float), min_size=1, max_size=60), st.integers(0, 4).map(float))
def test_most_clients_are_at_least_half_of_them(others: list[float], value: float) -> None:
    text = said(FEATURES["CC_CNT_DRAWINGS_CURRENT_MAX"], value, others)
    if "higher than for most" in text:
        assert sum(other < value for other in others) * 2 >= len(others)
    elif "lower than for most" in text:
        assert sum(other > value for other in others) * 2 >= len(others)
    elif "as for most" in text:
        assert sum(other == value for other in others) * 2 >= len(others)
    else:
        assert "about average" in text
        assert value == np.median(others)


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=60, unique=True), st.floats(1, 1e6))
def test_a_share_of_clients_is_never_too_large(others: list[float], value: float) -> None:
    """A value that no other client has: half of a tie is the client itself."""
    others = [other for other in others if other != value] + [value]
    text = said(FEATURES["AMT_CREDIT"], value, others)
    if match := re.search(r"(higher|lower) than for (\d+)% of clients", text):
        beyond = [other < value if match[1] == "higher" else other > value for other in others]
        assert int(match[2]) / 100 <= (sum(beyond) + 0.5) / len(others)
        assert int(match[2]) >= 55
    else:
        assert "about average" in text


def test_times_before_the_application_are_compared_by_their_length() -> None:
    longer = Standing(-1000.0, 0.1)
    assert "longer than for 90%" in beside_others("", FEATURES["DAYS_EMPLOYED"], -4000.0, longer, ENGLISH)
    assert "higher than for 90%" in beside_others("", FEATURES["DAYS_BIRTH"], -22_000.0, longer, ENGLISH)
    assert "longer ago than for 90%" in beside_others("", FEATURES["DAYS_ID_PUBLISH"], -4000.0, longer, ENGLISH)
    assert "more recent than for 90%" in beside_others(
        "", FEATURES["DAYS_ID_PUBLISH"], -40.0, Standing(-1000.0, 0.9), ENGLISH
    )
