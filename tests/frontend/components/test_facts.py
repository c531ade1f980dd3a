"""The facts of a client in human units."""

import re
from collections.abc import Mapping

import pytest
from support.dictionary import real_dictionary

from frontend.clients.explanations import Contribution, Explanation
from frontend.clients.types import Band, Client, Decision, Feature, Label, Score, Unit, Value
from frontend.components import facts
from frontend.components.values import value_text
from frontend.language import language

FR, EN = language("fr"), language("en")


def shown(record: Mapping[str, Value], feature: str, *, french: bool = True) -> str:
    """The text of one fact, with ordinary spaces."""
    spoken = FR if french else EN
    client = Client(1, record, {})
    for group in facts.groups(spoken):
        for fact, line in zip(group.facts, facts.lines(group, client, real_dictionary(), None, spoken), strict=True):
            if fact.feature == feature:
                return line.text.replace("\u00a0", " ").replace("\u202f", " ")
    raise KeyError(feature)


def test_every_fact_is_a_feature_of_the_real_dictionary() -> None:
    known = real_dictionary().features

    assert all(fact.feature in known for group in facts.groups(FR) for fact in group.facts)


@pytest.mark.parametrize(
    ("feature", "value", "text"),
    [
        ("DAYS_BIRTH", -12_500.0, "34 ans"),
        ("DAYS_EMPLOYED", -637.0, "1 an et 8 mois"),
        ("AMT_INCOME_TOTAL", 202_500.0, "202 500 €"),
        ("CREDIT_TERM", 16.46, "environ 16 annuités"),
        ("CNT_CHILDREN", 0.0, "0"),
        ("BURO_CREDIT_DAY_OVERDUE_MAX", 0.0, "aucun"),
        ("BURO_CREDIT_DAY_OVERDUE_MAX", 30.0, "30 jours"),
        ("BURO_DAYS_CREDIT_MIN", -1461.0, "il y a 4 ans"),
    ],
)
def test_values_are_in_human_units(feature: str, value: float, text: str) -> None:
    assert shown({feature: value}, feature) == text


def test_a_category_is_shown_by_its_label_and_an_unknown_one_as_it_is() -> None:
    label = real_dictionary().features["NAME_FAMILY_STATUS"].categories["Married"]

    assert shown({"NAME_FAMILY_STATUS": "Married"}, "NAME_FAMILY_STATUS") == label.fr
    assert shown({"NAME_FAMILY_STATUS": "Married"}, "NAME_FAMILY_STATUS", french=False) == label.en
    assert shown({"NAME_FAMILY_STATUS": "Hermit"}, "NAME_FAMILY_STATUS") == "Hermit"


def test_what_nobody_gave_is_said() -> None:
    assert shown({"DAYS_EMPLOYED": None}, "DAYS_EMPLOYED") == "non renseigné"
    assert shown({}, "OCCUPATION_TYPE", french=False) == "not provided"


def beside(feature: str, value: float, median: float | None, percentile: float | None) -> str:
    """What is said beside a fact, in French, with ordinary spaces."""
    place = Contribution(feature, "", value, 0.1, 0.0, portfolio_median=median, portfolio_percentile=percentile)
    score = Score(0.6, Band.MEDIUM, Decision.ACCEPT, "v1")
    explanation = Explanation(score, 0.6, (place,), (), (), "", (), ())
    client = Client(1, {feature: value}, {})
    every = [
        line.beside
        for group in facts.groups(FR)
        for line in facts.lines(group, client, real_dictionary(), explanation, FR)
        if line.beside
    ]
    return " ".join(every).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("feature", "value", "median", "percentile", "text"),
    [
        ("AMT_CREDIT", 200_000.0, 513_531.0, 0.123, "médiane : 513 531 € ; plus que chez 12 % des clients"),
        # Born earlier: lower in the data, older for a person.
        ("DAYS_BIRTH", -20_000.0, -15_750.0, 0.2, "médiane : 43 ans ; plus que chez 80 % des clients"),
        ("CNT_CHILDREN", 0.0, 0.0, 0.35, "comme la médiane des clients"),
        ("AMT_CREDIT", 200_000.0, None, None, ""),
    ],
)
def test_numbers_stand_beside_the_portfolio(
    feature: str, value: float, median: float | None, percentile: float | None, text: str
) -> None:
    assert beside(feature, value, median, percentile) == text


def test_values_cannot_inject_html() -> None:
    html = facts.facts_html(Client(1, {"OCCUPATION_TYPE": "<script>"}, {}), real_dictionary(), None, FR)

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_target_and_negative_days_are_never_shown() -> None:
    days = {name: -1000.0 for name, feature in real_dictionary().features.items() if feature.unit is Unit.DAYS}
    html = facts.facts_html(Client(1, {**days, "TARGET": 1.0}, {}), real_dictionary(), None, FR)

    assert "TARGET" not in html
    assert not re.search(r">\s*[-−]\d", html)
    assert re.search(r"2\sans", html)


@pytest.mark.parametrize("unit", list(Unit))
def test_every_unit_has_a_text_in_both_languages(unit: Unit) -> None:
    feature = Feature("F", Label("F", "F"), unit, {})

    assert value_text(1.0, feature, FR)
    assert value_text(-40.0, feature, EN)
