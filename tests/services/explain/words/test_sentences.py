"""The sentences of ``sentences.toml``, which a French and an English reader approved."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline.features.describe import unobserved
from pipeline.model.manifest import Band
from services.common.errors import InvalidInput
from services.explain.words.outcomes import Change, comparison_summary, counterfactual_sentence, decision_summary
from services.explain.words.reasons import Contribution, reason_sentence, reasons
from services.explain.words.standing import Standing

FEATURES = unobserved().by_name

_FILE = Path(__file__).with_name("sentences.toml")
APPROVED: dict[str, list[dict[str, Any]]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("case", APPROVED["reason"], ids=lambda case: case["feature"])
def test_reasons(case: dict[str, Any]) -> None:
    standing = Standing(case["median"], case["percentile"]) if "median" in case else None
    points = case["points"]
    contribution = Contribution(FEATURES[case["feature"]], case.get("value"), -points, points, standing)
    for language in ("fr", "en"):
        assert plain(reason_sentence(contribution, language)) == case[language]


def test_reasons_are_the_strongest_on_each_side() -> None:
    names = ("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE", "AMT_INCOME_TOTAL", "EXT_SOURCE_2", "OWN_CAR_AGE")
    sizes = (0.2, -0.3, 0.4, -0.3, 0.0, 0.1)
    given = [Contribution(FEATURES[n], 10.0, c, -c / 10) for n, c in zip(names, sizes, strict=True)]
    found = reasons(given, "fr", 2)
    assert [r.contribution.feature.name for r in found.speaking_for] == ["AMT_ANNUITY", "AMT_INCOME_TOTAL"]
    assert [r.contribution.feature.name for r in found.speaking_against] == ["AMT_GOODS_PRICE", "AMT_CREDIT"]
    assert reasons(given[::-1], "fr", 2) == found
    assert all("augmente" in r.sentence for r in found.speaking_for)
    assert all("diminue" in r.sentence for r in found.speaking_against)


@pytest.mark.parametrize(
    ("repayment", "band", "french", "english"),
    [
        (
            0.284,
            Band.HIGH,
            "La probabilité de remboursement est de 28,4 % (risque élevé), au-dessous du seuil d’acceptation de 52 % : "
            "un refus est proposé.",
            "The probability of repayment is 28.4% (high risk), below the acceptance threshold of 52%: "
            "refusal is proposed.",
        ),
        (
            0.52,
            Band.MEDIUM,
            "La probabilité de remboursement est de 52 % (risque moyen), au-dessus du seuil d’acceptation de 52 % : "
            "un accord est proposé.",
            "The probability of repayment is 52% (medium risk), above the acceptance threshold of 52%: "
            "approval is proposed.",
        ),
        (
            0.5198,
            Band.SLIGHTLY_HIGH,
            "La probabilité de remboursement est de 51,98 % (risque plutôt élevé), au-dessous du seuil d’acceptation "
            "de 52 % : un refus est proposé.",
            "The probability of repayment is 51.98% (slightly high risk), below the acceptance threshold of 52%: "
            "refusal is proposed.",
        ),
    ],
)
def test_decisions(repayment: float, band: Band, french: str, english: str) -> None:
    assert plain(decision_summary(repayment, 0.52, band, "fr")) == french
    assert plain(decision_summary(repayment, 0.52, band, "en")) == english


def changes(case: dict[str, Any]) -> list[Change]:
    return [
        Change(FEATURES[c["feature"]], c.get("before"), c.get("after"), c.get("points", 0.0)) for c in case["changes"]
    ]


@pytest.mark.parametrize("case", APPROVED["comparison"])
def test_comparisons(case: dict[str, Any]) -> None:
    given = changes(case)
    for language in ("fr", "en"):
        text = comparison_summary(case["before"], case["after"], 0.52, given, language)
        assert plain(text) == case[language]
        assert comparison_summary(case["before"], case["after"], 0.52, given[::-1], language) == text


@pytest.mark.parametrize("case", APPROVED["advice"])
def test_advice(case: dict[str, Any]) -> None:
    for language in ("fr", "en"):
        text = counterfactual_sentence(case["before"], case["after"], 0.52, changes(case), language)
        assert plain(text) == case[language]


def test_what_no_customer_can_change_is_no_advice() -> None:
    """Protected features above all; the error names them alone."""
    allowed = Change(FEATURES["AMT_CREDIT"], 2.0, 1.0)
    forbidden = [f for f in FEATURES.values() if f.protected or not f.actionable]
    assert {"CODE_GENDER", "DAYS_BIRTH", "CNT_CHILDREN", "DEF_30_CNT_SOCIAL_CIRCLE"} <= {f.name for f in forbidden}
    for feature in forbidden:
        with pytest.raises(InvalidInput) as caught:
            counterfactual_sentence(0.4, 0.6, 0.52, [allowed, Change(feature, 1.0, 2.0)], "fr")
        assert [v.field for v in caught.value.violations] == [feature.name]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_advice_has_words(language: str) -> None:
    """A flag without a condition of its own would read "if … were yes instead of no"."""
    for feature in FEATURES.values():
        if feature.actionable:
            old, new = ("Cash loans", "Revolving loans") if feature.categories else (0.0, 1.0)
            text = counterfactual_sentence(0.4, 0.6, 0.52, [Change(feature, old, new)], language)
            assert " oui " not in text
            assert " yes " not in text
