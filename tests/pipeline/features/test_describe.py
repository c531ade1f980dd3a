import re

import pytest
from pydantic import ValidationError

from pipeline.features.describe import Observed, dictionary, unobserved
from pipeline.features.dictionary import Feature, Kind, Role
from pipeline.tables.layout import Direction, Unit

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
        (
            "BURO_STATUS_0_MEAN_MEAN",
            "Part des mois suivis (aucun retard) en moyenne parmi les crédits dans d'autres établissements",
            "Average share of months on record (no arrears) among loans with other lenders",
        ),
        (
            "POS_SK_DPD_MAX",
            "Nombre de jours de retard le plus élevé parmi les relevés mensuels de prêts précédents",
            "Highest number of days overdue among monthly statements of previous loans",
        ),
        (
            "CC_MONTHS_BALANCE_MIN",
            "Mois du relevé le plus ancien parmi les relevés mensuels de cartes de crédit",
            "Earliest month of the statement among monthly credit card statements",
        ),
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
        ("BURO_STATUS_C_MEAN_MEAN", Unit.SHARE, "bureau_balance", "STATUS", "MEAN"),
        ("ACTIVE_MONTHS_BALANCE_MIN_MIN", Unit.MONTHS, "bureau_balance", "MONTHS_BALANCE", "MIN"),
        ("PREV_APP_CREDIT_PERC_MAX", Unit.SHARE, "previous_application", "AMT_APPLICATION, AMT_CREDIT", "MAX"),
        (
            "INSTAL_NUM_INSTALMENT_VERSION_NUNIQUE",
            Unit.COUNT,
            "installments_payments",
            "NUM_INSTALMENT_VERSION",
            "NUNIQUE",
        ),
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


@pytest.mark.parametrize(
    ("name", "direction", "step"),
    [
        ("AMT_CREDIT", Direction.ANY, 1000),
        ("AMT_INCOME_TOTAL", Direction.UP, 1000),
        # Time passes: the days before the application become more negative, a month at a time.
        ("DAYS_EMPLOYED", Direction.DOWN, 30.4375),
        ("NAME_CONTRACT_TYPE", Direction.ANY, None),
        ("ACTIVE_AMT_CREDIT_SUM_DEBT_SUM", Direction.DOWN, 1000),
        # What is past, and whom one is, stays.
        ("CLOSED_AMT_CREDIT_SUM_DEBT_SUM", None, None),
        ("BURO_AMT_CREDIT_SUM_DEBT_SUM", None, None),
        ("EXT_SOURCE_1", None, None),
        ("DAYS_BIRTH", None, None),
        ("PAYMENT_RATE", None, None),
    ],
)
def test_what_a_customer_can_act_on(name, direction, step):
    feature = FEATURES.by_name[name]
    assert (feature.actionable, feature.direction, feature.step) == (direction is not None, direction, step)


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": None},
        {"actionable": False},
        {"step": None},
        {"protected": True},
        {"editable": False},
        {"role": Role.DERIVED},
        {"kind": Kind.CATEGORY},
    ],
)
def test_unsound_advice_is_refused(changes):
    sound = FEATURES.by_name["AMT_CREDIT"].model_dump()
    with pytest.raises(ValidationError):
        Feature.model_validate({**sound, **changes})


def test_observed_figures_do_not_change_the_contract():
    seen = dictionary({"AMT_CREDIT": Observed(0.0, 1.0, 3.0, 2.0)})
    assert seen.by_name["AMT_CREDIT"].median == 2
    assert seen.by_name["AMT_ANNUITY"].missing_rate == 1
    assert seen.contract == FEATURES.contract
