from collections.abc import Callable

import numpy as np
import pytest

from pipeline.card.build import CUSTOMER_THRESHOLD
from pipeline.card.document import LimitCode, ModelCard
from pipeline.card.render import render
from pipeline.model import scale

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


def test_threshold_and_bands_are_on_the_scores_scale_and_calibration_on_that_of_default_rates(card: ModelCard) -> None:
    prior = card.data.default_rate
    # The cheapest threshold of calibrated rates refuses from 1 default in 11 on, whatever the scale.
    assert scale.real(1 - card.acceptance.cost.theoretical, prior) == pytest.approx(1 / 11)
    predicted = sum(b.clients * b.predicted for b in card.calibration.reliability)
    assert predicted / card.performance.clients == pytest.approx(prior, abs=0.005)
    # The average client scores one half, so that the threshold of 45 % accepts somewhat more than that.
    in_use = card.acceptance.operations[0].point
    assert in_use.threshold == 0.45
    assert 0.5 < in_use.accepted_share.value < 0.9


def test_groups_are_accepted_at_the_same_threshold_as_everyone(card: ModelCard) -> None:
    accepted = sum(g.clients * g.acceptance.value for g in card.fairness[0].groups)
    assert accepted / card.performance.clients == pytest.approx(
        card.acceptance.operations[0].point.accepted_share.value
    )


def test_a_validation_out_of_time_has_its_figures_and_lifts_the_limit(card: ModelCard, make_card: Make) -> None:
    dated = make_card(dated=True)
    assert card.out_of_time is None
    assert dated.out_of_time is not None
    assert (dated.out_of_time.clients, dated.out_of_time.trained_until) == (500, "2026-03-31")
    assert dated.out_of_time.roc_auc.low < dated.out_of_time.roc_auc.value < dated.out_of_time.roc_auc.high
    assert LimitCode.NOT_OUT_OF_TIME not in codes(dated)
    assert "2026-03-31" in render(dated, "en")
    assert "Out of time" not in render(card, "en")


def test_inputs_that_were_left_out_are_counted(card: ModelCard) -> None:
    assert card.inputs.deselected == 1
    assert "Inputs left out: 1." in render(card, "en")
