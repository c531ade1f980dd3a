"""Numbers, amounts and durations as people write them in French and English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.format import Format

FR, EN = Format("fr"), Format("en")


def plain(text: str) -> str:
    """The text with every kind of space as an ordinary one."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FR.currency(202_500.0), "202 500 €"),
        (EN.currency(202_500.4), "€202,500"),
        (FR.integer(1234), "1 234"),
        (FR.percent(0.648), "64,8 %"),
        (EN.percent(0.648), "64.8%"),
        (FR.percent_short(0.52), "52 %"),
        (FR.percent_short(0.525), "52,5 %"),
        (FR.percent_short(1 / 7), "14,285714 %"),
        (FR.age(-12_500), "34 ans"),
        (EN.age(-12_500), "34 years"),
        (FR.duration(-1185), "3 ans et 2 mois"),
        (FR.duration(-366), "1 an"),
        (FR.duration(12), "12 jours"),
        (EN.duration(0), "0 days"),
        (FR.months(24), "24 mois"),
        (FR.decimal(0), "0"),
        (FR.decimal(16.456), "16,46"),
        (FR.decimal(0.001234), "0,00123"),
        (FR.date("2026-11-22T11:42:12Z"), "22 novembre 2026"),
        (FR.date(""), ""),
    ],
)
def test_reads_as_people_write_it(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize("text", [FR.currency(202_500), FR.percent(0.5), FR.years(34), FR.integer(1_000_000)])
def test_never_breaks_between_number_and_unit(text: str) -> None:
    assert " " not in text


def test_rounding_does_not_cross_the_limit() -> None:
    assert plain(FR.percent_beside(0.5196, 0.52)) == "51,96 %"
    assert plain(FR.percent_beside(0.52, 0.52)) == "52,0 %"


@given(share=st.floats(0, 1), limit=st.sampled_from([0.5, 0.52, 0.525]))
def test_percent_beside_is_on_the_side_of_the_share(share: float, limit: float) -> None:
    shown = float(EN.percent_beside(share, limit).rstrip("%")) / 100

    if abs(share - limit) > 1e-7:
        assert (shown >= limit - 1e-12) == (share >= limit)


@given(days=st.floats(-40_000, 40_000))
def test_a_duration_never_shows_a_negative_number(days: float) -> None:
    assert not set("-−") & set(FR.duration(days))
