"""Messages of the explain contract become plain types."""

import pytest
from clairscore.common.v1 import record_pb2
from clairscore.explain.v1 import explain_pb2

from frontend.clients import convert_explanations as convert
from frontend.clients.explanations import Cohort, ZoneRisk
from frontend.clients.types import Band, Decision
from services.common.errors import ClairscoreError

SCORE = record_pb2.Score(
    probability_of_repayment=0.6, band=record_pb2.RISK_BAND_LOW, decision=record_pb2.DECISION_ACCEPT
)


def test_what_a_contribution_cannot_compare_with_is_none() -> None:
    alone = explain_pb2.Contribution(feature="A", points=0.1, value=record_pb2.FieldValue(number=3))
    compared = explain_pb2.Contribution(feature="B", portfolio_percentile=0.0, global_importance=0.2)
    explanation = convert.to_explanation(
        explain_pb2.ExplainClientResponse(score=SCORE, contributions=[alone, compared])
    )

    first, second = explanation.contributions
    assert (first.value, first.portfolio_percentile, first.global_importance) == (3, None, None)
    assert (second.value, second.portfolio_percentile, second.global_importance) == (None, 0.0, 0.2)


def test_an_explanation_knows_whether_it_compares_with_the_portfolio() -> None:
    alone = explain_pb2.Contribution(feature="A")
    compared = explain_pb2.Contribution(feature="A", global_importance=0.0)
    answers = [explain_pb2.ExplainClientResponse(score=SCORE, contributions=[one]) for one in (alone, compared)]
    before, after = (convert.to_explanation(answer) for answer in answers)

    assert (before.compared, after.compared) == (False, True)
    assert after.of("A") is after.contributions[0]
    assert after.of("B") is None


def test_comparable_clients_keep_their_side_and_order() -> None:
    accepted = [explain_pb2.ComparableClient(sk_id_curr=n, distance=n, probability_of_repayment=0.9) for n in (1, 2)]
    refused = [explain_pb2.ComparableClient(sk_id_curr=3, distance=0.5, probability_of_repayment=0.3)]
    found = convert.to_comparable(explain_pb2.FindComparableClientsResponse(accepted=accepted, refused=refused))

    assert [(one.sk_id_curr, one.distance) for one in found.accepted] == [(1, 1.0), (2, 2.0)]
    assert [(one.sk_id_curr, one.probability_of_repayment) for one in found.refused] == [(3, 0.3)]


def test_reasons_keep_their_side() -> None:
    explanation = convert.to_explanation(
        explain_pb2.ExplainClientResponse(
            score=SCORE,
            reasons_for=[explain_pb2.Reason(feature="A", sentence="good", points=0.1)],
            reasons_against=[explain_pb2.Reason(feature="B", sentence="bad", points=-0.1)],
        )
    )

    assert [reason.sentence for reason in explanation.reasons_for] == ["good"]
    assert [reason.sentence for reason in explanation.reasons_against] == ["bad"]


@pytest.mark.parametrize("number", [n for n in explain_pb2.ZoneRisk.values() if n])
def test_every_risk_of_a_zone_is_known(number: explain_pb2.ZoneRisk) -> None:
    effect = convert.to_effect(explain_pb2.GetEffectResponse(zones=[explain_pb2.Zone(risk=number)]))

    assert effect.zones[0].risk is list(ZoneRisk)[number - 1]


def test_a_zone_without_a_risk_is_a_fault_of_the_service() -> None:
    with pytest.raises(ClairscoreError, match="ZONE_RISK_UNSPECIFIED"):
        convert.to_effect(explain_pb2.GetEffectResponse(zones=[explain_pb2.Zone()]))


def test_a_bin_without_a_known_outcome_has_no_rate() -> None:
    known = explain_pb2.RateBin(clients=5, known=5, default_rate=0.0, default_rate_low=0.0, default_rate_high=0.4)
    effect = convert.to_effect(explain_pb2.GetEffectResponse(default_rates=[known, explain_pb2.RateBin(clients=3)]))

    assert [one.default_rate for one in effect.default_rates] == [0.0, None]
    assert effect.default_rates[0].default_rate_high == 0.4
    assert effect.missing is None


@pytest.mark.parametrize("band", list(Band))
def test_a_cohort_is_written(band: Band) -> None:
    message = convert.from_cohort(Cohort(Decision.REFUSE, band))

    assert message.decision == record_pb2.DECISION_REFUSE
    assert [record_pb2.RiskBand.Name(one) for one in message.bands] == [f"RISK_BAND_{band.name}"]
    assert convert.from_cohort(Cohort()) == explain_pb2.Cohort()
