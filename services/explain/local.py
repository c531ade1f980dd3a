"""One client's score and what made it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pipeline.model.applicants import Applicant
from pipeline.model.score import Score
from services.explain.ensemble import Floats
from services.explain.explainer import Explainer


@dataclass(frozen=True, slots=True)
class LocalExplanation:
    """Contributions have the shape (features,), in the explainer's order.

    ``margin`` is the log-odds of default: the base value plus the contributions. ``points`` are of the probability of
    repayment; with the base probability they add up to the score's.
    """

    applicant: Applicant
    score: Score
    margin: float
    contributions: Floats
    points: Floats

    @property
    def by_weight(self) -> list[int]:
        """The places of the features, the largest absolute contribution first."""
        return [int(k) for k in np.argsort(-np.abs(self.contributions), kind="stable")]


@dataclass(frozen=True, slots=True)
class Group:
    """The sum of some features' contributions and points."""

    name: str
    contribution: float
    points: float


def explain(explainer: Explainer, applicant: Applicant) -> LocalExplanation:
    """Explains one client.

    Raises:
        NotAdditive: contributions, margin and served score do not agree.
    """
    contributions = explainer.contributions(applicant.vector)
    margins = explainer.margins(applicant.vector)
    return LocalExplanation(
        applicant,
        score(explainer, applicant),
        float(margins[0]),
        contributions[0],
        explainer.points(contributions, margins)[0],
    )


def score(explainer: Explainer, applicant: Applicant) -> Score:
    """What the served model says of a client."""
    default, rate = explainer.model.probabilities(applicant.vector)
    return Score.of(explainer.manifest, float(default[0]), float(rate[0]))


def grouped(explanation: LocalExplanation, names: Iterable[str]) -> list[Group]:
    """Adds up contributions by group, the largest absolute sum first; ``names`` gives every feature's group."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(name, []).append(place)
    groups = [
        Group(name, float(explanation.contributions[own].sum()), float(explanation.points[own].sum()))
        for name, own in places.items()
    ]
    return sorted(groups, key=lambda group: -abs(group.contribution))
