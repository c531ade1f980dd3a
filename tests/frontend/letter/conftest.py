"""What the services might have said of a client whose refusal is proposed, and of one who is accepted."""

from dataclasses import replace

import pytest
from support.dictionary import real_dictionary

from frontend.clients.changes import Comparison, Counterfactual, Counterfactuals, FieldChange, ProposedChange
from frontend.clients.explanations import Contribution, Explanation, GroupContribution, Reason
from frontend.clients.types import Band, BandRange, Client, Decision, Model, Publication, Score
from frontend.letter.answers import Answers, Trial

_EDGES = (0.0, 0.44, 0.48, 0.5, 0.54, 0.56, 0.6, 1.0)
MODEL = Model(
    "v7", "2026-11-02T08:00:00Z", 0.52, [BandRange(*one) for one in zip(Band, _EDGES[:-1], _EDGES[1:], strict=True)]
)
REFUSED = Score(0.431, Band.VERY_HIGH, Decision.REFUSE, "v7")
ACCEPTED = Score(0.553, Band.SLIGHTLY_LOW, Decision.ACCEPT, "v7")
# Base 0.505, and points that lead from there to 0.431.
_POINTS = {"AMT_CREDIT": -0.05, "DAYS_BIRTH": -0.02, "EXT_SOURCE_2": -0.01, "BURO_DAYS_CREDIT_VAR": 0.006}
_RECORD = {"AMT_CREDIT": 1_200_000.0, "DAYS_BIRTH": -12_500.0, "EXT_SOURCE_2": 0.31, "TARGET": 1.0}


def counterfactual(feature: str, after: float, sentence: str) -> Counterfactual:
    """An answer with one change."""
    change = ProposedChange(feature, feature, _RECORD.get(feature), after)
    return Counterfactual((change,), ACCEPTED, 0.8, sentence)


@pytest.fixture(scope="session")
def refused() -> Answers:
    """A client of demonstration data whose refusal is proposed; advice on age must not get through."""
    dictionary = real_dictionary()
    contributions = [
        Contribution(name, name, _RECORD.get(name), -points, points, protected=dictionary.features[name].protected)
        for name, points in _POINTS.items()
    ]
    explanation = Explanation(
        REFUSED,
        0.505,
        contributions,
        families=(),
        tables=(
            GroupContribution("application", "Loan application", 0.1, -0.08),
            GroupContribution("bureau", "Credit bureau", 0.0, 0.006),
        ),
        summary="",
        reasons_for=(),
        reasons_against=(
            Reason("AMT_CREDIT", "The credit is high & costly.", -0.05),
            Reason("DAYS_BIRTH", "The client is young.", -0.02),
        ),
    )
    return Answers(
        client=Client(100_001, _RECORD, {}),
        publication=Publication(400, True, "2026-11-02T08:00:00Z", "contract"),
        dictionary=dictionary,
        model=MODEL,
        explanation=explanation,
        counterfactuals=Counterfactuals(
            (
                counterfactual("AMT_CREDIT", 900_000.0, "Ask for less credit."),
                counterfactual("DAYS_BIRTH", -15_000.0, "Be older."),
            ),
            complete=True,
        ),
    )


@pytest.fixture(scope="session")
def accepted(refused: Answers) -> Answers:
    """The same client accepted, of real data."""
    return replace(
        refused,
        publication=replace(refused.publication, synthetic=False),
        explanation=replace(refused.explanation, score=ACCEPTED),
        counterfactuals=None,
    )


@pytest.fixture(scope="session")
def tried(refused: Answers) -> Answers:
    """The refused client with a scenario that brings acceptance."""
    changes = (FieldChange("AMT_CREDIT", "Amount of the credit", 1_200_000.0, 900_000.0, 0.122),)
    comparison = Comparison(REFUSED, ACCEPTED, changes, True, "From 43.1% to 55.3%.")
    return replace(refused, trial=Trial("less <credit>", comparison))
