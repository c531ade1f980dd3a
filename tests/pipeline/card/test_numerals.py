import pytest

from pipeline.card.numerals import ENGLISH, FRENCH
from pipeline.evaluation.result import Interval


@pytest.mark.parametrize(
    ("value", "digits", "french", "english"),
    [
        (19947, 0, "19\u202f947", "19,947"),
        (0.7567, 3, "0,757", "0.757"),
        (-1234.5, 1, "\u22121\u202f234,5", "\u22121,234.5"),
        (-0.0001, 2, "0,00", "0.00"),
        (0.0, 0, "0", "0"),
    ],
)
def test_decimals(value: float, digits: int, french: str, english: str) -> None:
    assert (FRENCH.decimal(value, digits), ENGLISH.decimal(value, digits)) == (french, english)


def test_percent() -> None:
    assert (FRENCH.percent(0.0801), ENGLISH.percent(0.0801)) == ("8,0\u202f%", "8.0%")
    assert (FRENCH.percent_tick(0.025, 3), FRENCH.percent_tick(0.2, 1)) == ("2,5\u202f%", "20\u202f%")


def test_estimate_breaks_only_before_its_interval() -> None:
    text = FRENCH.estimate(Interval(value=0.5, low=0.4, high=0.6), FRENCH.percent)
    assert text.split(" ") == ["50,0\u202f%", "(40,0\u202f%\u00a0à\u00a060,0\u202f%)"]
