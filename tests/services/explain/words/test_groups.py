"""Families and source tables of all features have labels in both languages."""

from collections import Counter

import pytest

from pipeline.features.describe import unobserved
from services.explain.words.groups import family_label, family_of, table_label, table_of

FEATURES = unobserved().features
FAMILIES = {"application", "derived", "BURO", "ACTIVE", "CLOSED", "PREV", "APPROVED", "REFUSED", "POS", "INSTAL", "CC"}


def test_every_feature_has_one_of_the_families_of_the_contract() -> None:
    families = Counter(family_of(feature) for feature in FEATURES)
    assert families.keys() == FAMILIES
    assert families["derived"] == 12
    by_name = {feature.name: family_of(feature) for feature in FEATURES}
    assert by_name["ACTIVE_DEBT_INCOME_PERC"] == "derived"
    assert by_name["ACTIVE_AMT_ANNUITY_MAX"] == "ACTIVE"
    assert by_name["AMT_CREDIT"] == "application"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_group_has_a_label_of_its_own(language: str) -> None:
    families = {family_label(family, language) for family in FAMILIES}
    tables = {table_of(feature): table_label(table_of(feature), language) for feature in FEATURES}
    assert len(families) == len(FAMILIES)
    assert len(set(tables.values())) == len(tables) == 8
    assert not any("_" in label for label in {*families, *tables.values()})


def test_labels() -> None:
    assert family_label("CLOSED", "fr") == "Crédits clôturés dans d’autres établissements"
    assert table_label("bureau", "en") == "Credit bureau"
    assert table_of(next(f for f in FEATURES if f.name == "PAYMENT_RATE")) == "derived"
