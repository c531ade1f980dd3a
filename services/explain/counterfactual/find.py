"""Counterfactuals of one client: what would have to change for the client to be accepted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.model.applicants import Applicant
from pipeline.model.manifest import Decision
from pipeline.model.validation import Value
from services.common.errors import FailedPrecondition, InvalidInput, Violation
from services.explain.counterfactual.candidates import Ranks, candidates
from services.explain.counterfactual.limits import Limit, by_feature
from services.explain.counterfactual.search import Search
from services.explain.counterfactual.versions import Versions
from services.explain.ensemble import Floats
from services.explain.explainer import Explainer

MOST_ANSWERS = 10
MOST_CHANGES = 5


class Neighbours(Protocol):
    """The portfolio's clients, by their contributions."""

    def plausibility(self, contributions: Floats, exclude: int = 0) -> float:
        """Share of the clients (0..1) further from their nearest ones than these contributions, (features,), are.

        ``exclude`` identifies a client who is left out; 0 for nobody.
        """


@dataclass(frozen=True, slots=True)
class CounterfactualChange:
    """One feature's new value."""

    feature: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Changes with which the served model accepts the client.

    Attributes:
        changes: the dearest first.
        version: the changed client.
        probability_of_repayment: of the changed client, by the served model, 0..1.
        cost: sum over the changes of the share of the portfolio's clients between old and new value (a category: 0.5).
        plausibility: share of the portfolio's clients that are further from their own nearest clients, 0..1.
    """

    changes: tuple[CounterfactualChange, ...]
    version: Applicant
    probability_of_repayment: float
    cost: float
    plausibility: float


@dataclass(frozen=True, slots=True)
class Found:
    """Answers that change different sets of features, the cheapest first.

    ``complete``: the whole search space of ``search`` was gone through. Then an empty answer means that nothing in it
    is accepted; where it was thinned, that is not a proof that no combination of values at all would be.
    """

    counterfactuals: tuple[Counterfactual, ...]
    complete: bool


def find(
    explainer: Explainer,
    ranks: Ranks,
    neighbours: Neighbours,
    applicant: Applicant,
    *,
    limits: Sequence[Limit] = (),
    count: int = 3,
    max_changes: int = 3,
    sk_id_curr: int = 0,
    stop: Callable[[], bool],
) -> Found:
    """Searches the cheapest changes of actionable features that bring a refused client over the threshold.

    Args:
        explainer: of the live model.
        ranks: of the portfolio: what values cost, and how far they may go.
        neighbours: of the portfolio, explained by the same model.
        applicant: the client as it is.
        limits: what the officer allows.
        count: most answers, 1 to 10.
        max_changes: most features changed at once, 1 to 5.
        sk_id_curr: the client's own identifier; 0 where it is not in the portfolio.
        stop: asked every few milliseconds; once it says true, the best answers so far are given, which takes some
            milliseconds more. The same input gives the same answers where it never does.

    Raises:
        InvalidInput: a limit, ``count`` or ``max_changes`` is wrong.
        FailedPrecondition: the client is accepted as it is.
    """
    allowed = by_feature(limits, explainer.model.dictionary)
    _check(count, max_changes)
    repayment = _repayment(explainer, applicant)
    if explainer.model.manifest.decision(repayment) is Decision.ACCEPT:
        raise FailedPrecondition(
            "The client is already accepted: there is nothing to change.", probability_of_repayment=str(repayment)
        )
    movable = [f for f in explainer.model.dictionary.base if f.actionable and explainer.depends_on(f.name)]
    found = (candidates(f, applicant.base[f.name], allowed.get(f.name), ranks) for f in movable)
    moves = [move for move in found if move is not None]
    if not moves:
        return Found((), complete=True)
    versions = Versions(explainer, applicant, moves, ranks)
    search = Search(versions, moves, count, max_changes, stop)
    complete = search.run()
    answers = []
    for subset in search.chosen():
        cost, row = search.answers[subset]
        changes = versions.changes(row)
        version = explainer.applicants.record(applicant.base, changes)
        probability = _repayment(explainer, version)
        # The trees' own sum left a margin for the served model's rounding; it has the last word all the same.
        if explainer.model.manifest.decision(probability) is Decision.ACCEPT:
            plausibility = neighbours.plausibility(explainer.contributions(version.vector)[0], sk_id_curr)
            named = tuple(CounterfactualChange(n, applicant.base[n], value) for n, value in changes.items())
            answers.append(Counterfactual(named, version, probability, cost, plausibility))
    return Found(tuple(answers), complete)


def _repayment(explainer: Explainer, applicant: Applicant) -> float:
    return 1 - float(explainer.model.probability_of_default(applicant.vector)[0])


def _check(count: int, max_changes: int) -> None:
    violations = [
        Violation(name, f"must be between 1 and {most}, not {value}")
        for name, value, most in (("count", count, MOST_ANSWERS), ("max_changes", max_changes, MOST_CHANGES))
        if not 1 <= value <= most
    ]
    if violations:
        raise InvalidInput(violations)
