import re

import pytest

from pipeline.features.describe import Observed, dictionary, unobserved
from pipeline.features.dictionary import Kind, Role
from pipeline.tables.layout import Unit

FEATURES = unobserved()

# The customer's own screens use these names.
PROMISED = (
    "ACTIVE_AMT_ANNUITY_MAX",
    "ACTIVE_AMT_ANNUITY_MEAN",
    "AMT_REQ_CREDIT_BUREAU_DAY",
    "APPROVED_AMT_GOODS_PRICE_MEAN",
    "PREV_NAME_CONTRACT_STATUS_Canceled_MEAN",
    "PREV_NAME_CONTRACT_STATUS_Unused_offer_MEAN",
)


@pytest.mark.parametrize("name", PROMISED)
def test_the_promised_names_exist_and_can_be_edited(name):
    assert FEATURES.by_name[name].editable


def test_names_are_unique_and_plain():
    names = [feature.name for feature in FEATURES.features]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_]+", name) for name in names)


def test_neither_identifier_nor_target_is_a_feature():
    assert not {"SK_ID_CURR", "SK_ID_BUREAU", "SK_ID_PREV", "TARGET"} & set(FEATURES.by_name)


@pytest.mark.parametrize("language", ["label_fr", "label_en"])
def test_labels_are_complete_and_tell_features_apart(language):
    labels = [getattr(feature, language) for feature in FEATURES.features]
    assert all(label and label == label.strip() and label[0].isupper() for label in labels)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("name", "french", "english"),
    [
        (
            "ACTIVE_AMT_ANNUITY_MAX",
            "Annuité la plus élevée parmi les crédits en cours dans d'autres établissements",
            "Highest annuity among open loans with other lenders",
        ),
        (
            "BURO_DAYS_CREDIT_MIN",
            "Date de la demande de crédit la plus ancienne parmi les crédits dans d'autres établissements",
            "Earliest date of the loan application among loans with other lenders",
        ),
        (
            "PREV_NAME_CONTRACT_STATUS_Unused_offer_MEAN",
            "Part des demandes précédentes (suite donnée à la demande : offre non utilisée)",
            "Share of previous applications (outcome of the application: unused offer)",
        ),
        ("REFUSED_COUNT", "Nombre de demandes précédentes refusées", "Number of refused previous applications"),
    ],
)
def test_labels_read_naturally(name, french, english):
    assert FEATURES.by_name[name].label_fr == french
    assert FEATURES.by_name[name].label_en == english


@pytest.mark.parametrize(
    ("name", "unit", "table", "column", "aggregation"),
    [
        ("AMT_CREDIT", Unit.CURRENCY, "application", "AMT_CREDIT", ""),
        ("BURO_AMT_CREDIT_SUM_SUM", Unit.CURRENCY, "bureau", "AMT_CREDIT_SUM", "SUM"),
        ("BURO_DAYS_CREDIT_VAR", Unit.VARIANCE, "bureau", "DAYS_CREDIT", "VAR"),
        ("BURO_COUNT", Unit.COUNT, "bureau", "", "COUNT"),
        ("PREV_CHANNEL_TYPE_Stone_MEAN", Unit.SHARE, "previous_application", "CHANNEL_TYPE", "SHARE"),
        ("INCOME_PER_PERSON", Unit.CURRENCY, "", "", ""),
    ],
)
def test_units_and_sources(name, unit, table, column, aggregation):
    feature = FEATURES.by_name[name]
    assert (feature.unit, feature.source_table, feature.source_column, feature.aggregation) == (
        unit,
        table,
        column,
        aggregation,
    )


def test_categories_are_those_that_a_cleaned_value_can_have():
    feature = FEATURES.by_name["CODE_GENDER"]
    assert feature.kind is Kind.CATEGORY
    assert [(c.value, c.label_fr) for c in feature.categories] == [("F", "Femme"), ("M", "Homme")]


def test_what_may_be_edited():
    for feature in FEATURES.features:
        if feature.role is Role.DERIVED:
            assert not feature.editable
        if feature.role is Role.HISTORY:
            current = feature.name.startswith(("ACTIVE_", "APPROVED_"))
            assert feature.editable == (
                current or (feature.name.startswith("PREV_") and feature.aggregation == "SHARE")
            )


def test_a_ratio_of_a_protected_feature_is_protected():
    assert FEATURES.by_name["DAYS_EMPLOYED_PERC"].protected
    assert FEATURES.by_name["INCOME_PER_PERSON"].protected
    assert not FEATURES.by_name["PAYMENT_RATE"].protected


def test_observed_figures_do_not_change_the_contract():
    seen = dictionary({"AMT_CREDIT": Observed(0.0, 1.0, 3.0, 2.0)})
    assert seen.by_name["AMT_CREDIT"].median == 2
    assert seen.by_name["AMT_ANNUITY"].missing_rate == 1
    assert seen.contract == FEATURES.contract
