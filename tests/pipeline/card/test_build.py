from collections.abc import Callable

import numpy as np
import pytest

from pipeline.card.build import CUSTOMER_THRESHOLD
from pipeline.card.document import LimitCode, ModelCard
from pipeline.card.render import render

Make = Callable[..., ModelCard]


def codes(card: ModelCard) -> set[LimitCode]:
    return {limit.code for limit in card.limits}


def test_json_loses_nothing(card: ModelCard) -> None:
    assert ModelCard.model_validate_json(card.model_dump_json()) == card


def test_the_same_input_gives_the_same_card(make_card: Make) -> None:
    assert make_card().model_dump_json() == make_card().model_dump_json()


def test_importances_are_summed_over_a_features_categories(card: ModelCard) -> None:
    shares = {f.feature: f.share for f in card.inputs.top}
    assert shares == pytest.approx({"INCOME": 0.6, "CONTRACT": 0.4, "ACTIVE_AMT_ANNUITY_MAX": 0, "DAYS_BIRTH": 0})
    assert (card.inputs.features, card.inputs.inputs) == (4, 5)
    assert card.inputs.protected == ("DAYS_BIRTH",)


def test_threshold_in_use_stands_beside_the_customers(card: ModelCard) -> None:
    operations = {o.role: o for o in card.acceptance.operations}
    assert card.acceptance.operations[0].role == "in_use"
    assert operations["in_use"].point.threshold == 0.45
    assert operations["customer"].point.threshold == CUSTOMER_THRESHOLD
    assert operations["customer"].point.accepted_share.value <= operations["in_use"].point.accepted_share.value
    for operation in operations.values():
        counted = operation.confusion
        assert counted.refused_defaults + counted.accepted_defaults == card.performance.defaults
        assert counted.refused_repaid + counted.accepted_repaid == card.performance.clients - card.performance.defaults


def test_no_operation_is_dearer_than_the_cheapest(card: ModelCard) -> None:
    costs = {o.role: o.point.cost for o in card.acceptance.operations}
    assert costs["cheapest"] == min(costs.values())


def test_histogram_holds_everyone(card: ModelCard) -> None:
    found = card.performance.distribution
    assert len(found.edges) == len(found.repaid) + 1
    assert sum(found.repaid) == pytest.approx(1)
    assert sum(found.defaults) == pytest.approx(1)


def test_bands_are_the_manifests(card: ModelCard) -> None:
    assert card.bands.limits[2] == 0.45
    assert sum(b.clients for b in card.bands.bands) == card.performance.clients


def test_groups_hold_everyone(card: ModelCard) -> None:
    assert [f.attribute for f in card.fairness] == ["gender"]
    assert sum(g.clients for g in card.fairness[0].groups) == card.performance.clients


def test_drift_is_found_listed_and_named_as_a_limit(card: ModelCard, make_card: Make) -> None:
    assert card.drift is not None
    assert (card.drift.compared, card.drift.alarms, card.drift.listed[0].feature) == (3, 1, "INCOME")
    assert next(x for x in card.limits if x.code is LimitCode.DRIFT).names == ("INCOME",)
    assert LimitCode.DRIFT not in codes(make_card())


def test_limits_follow_from_data_and_figures(card: ModelCard, make_card: Make) -> None:
    assert codes(card) >= {
        LimitCode.ACCEPTED_ONLY, LimitCode.NOT_OUT_OF_TIME, LimitCode.ABSENT_TABLES, LimitCode.FEW_DEFAULTS,
        LimitCode.PROTECTED_INPUTS,
    }  # fmt: skip
    assert LimitCode.SYNTHETIC not in codes(card)
    other = make_card(synthetic=True, new=False)
    assert LimitCode.SYNTHETIC in codes(other)
    assert LimitCode.ABSENT_TABLES not in codes(other)
    assert other.drift is None


def test_a_group_that_is_refused_more_often_is_named(make_card: Make) -> None:
    unfair = make_card(unfair=True)
    assert next(x for x in unfair.limits if x.code is LimitCode.FOUR_FIFTHS).names == ("gender=F",)
    assert "Femmes" in render(unfair)
    assert LimitCode.FOUR_FIFTHS not in codes(make_card())


def test_every_named_feature_has_its_label(card: ModelCard) -> None:
    assert card.label("DAYS_BIRTH", "fr") == "Âge"
    assert card.label("DAYS_BIRTH", "en") == "Age"
    assert card.label("unheard of", "fr") == "unheard of"
    assert card.drift is not None
    assert {d.feature for d in card.drift.listed} <= card.labels.keys()


def test_figures_are_of_the_calibrated_sample(card: ModelCard) -> None:
    assert card.performance.gini.value == pytest.approx(2 * card.performance.roc_auc.value - 1)
    assert card.calibration.brier.value == pytest.approx(card.performance.brier.value)
    assert card.stability.roc_auc_mean == pytest.approx(card.performance.roc_auc.value, abs=0.02)
    assert np.mean([d.default_rate for d in card.performance.deciles]) == pytest.approx(card.data.default_rate)
