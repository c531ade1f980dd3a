"""Typing errors and cut texts, for any text."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.products.study.corruption import truncated, typos

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=300)


@given(TEXTS, st.integers(0, 9))
def test_no_typos_at_rate_zero(text: str, seed: int) -> None:
    assert typos(text, 0.0, seed) == text


@given(TEXTS, st.floats(0, 1), st.integers(0, 9))
def test_typos_are_the_same_again_and_touch_letters_alone(text: str, rate: float, seed: int) -> None:
    typed = typos(text, rate, seed)

    assert typed == typos(text, rate, seed)
    assert bool(typed.strip()) == bool(text.strip())
    assert len(typed) <= 2 * len(text)


def test_about_as_many_typos_as_asked_for() -> None:
    text = "the quick brown fox jumps over the lazy dog " * 50

    kept = sum(word in set(text.split()) for word in typos(text, 0.05, 0).split())

    # A word of four letters escapes with a probability of 0.95**4.
    assert 0.7 < kept / len(text.split()) < 0.95


@given(TEXTS, st.integers(1, 30))
def test_truncated_keeps_the_first_words(text: str, words: int) -> None:
    assert truncated(text, words).split() == text.split()[:words]
