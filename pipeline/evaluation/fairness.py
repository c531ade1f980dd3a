"""Whether the score treats groups of clients alike: outcomes, errors and calibration by group, with intervals.

Acceptance is the favourable outcome. Hardt, M., Price, E., Srebro, N. (2016), "Equality of opportunity in supervised
learning", for the error rates. The four-fifths rule is 29 CFR 1607.4 D: it compares with the group that is accepted
most, groups below 2 % of the clients left out (1607.15 A). It is read with the interval here and not with the estimate
alone, so that a small group neither fails nor passes it by chance.
"""

from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.evaluation.discrimination import roc_auc
from pipeline.evaluation.proportion import difference, ratio, wilson
from pipeline.evaluation.ranking import RESAMPLES, bootstrap, rank
from pipeline.evaluation.result import Interval, Result
from pipeline.evaluation.sample import Bools, Floats, accepted, checked
from services.common.errors import InvalidInput, Violation

FOUR_FIFTHS = 0.8
_SMALLEST_REFERENCE = 0.02


class FourFifths(StrEnum):
    """Where a group's acceptance ratio lies: above 0.8, below it, or its interval holds 0.8 inside."""

    MET = "met"
    NOT_MET = "not_met"
    UNCERTAIN = "uncertain"


class GroupFigures(Result):
    """One group. None stands for what the group's clients cannot tell: no defaults, no repaid loans, no acceptance."""

    name: str
    clients: int
    acceptance: Interval
    default_rate: Interval
    # Among the clients who repaid, those accepted: the true positive rate, acceptance being the favourable outcome.
    accepted_among_repaid: Interval | None
    # Among the clients who defaulted, those accepted: the false positive rate.
    accepted_among_defaults: Interval | None
    # Mean predicted minus observed default rate: above 0 the group is judged riskier than it is.
    calibration_gap: Interval
    roc_auc: Interval | None
    # Against the reference group, whose own are None.
    acceptance_ratio: Interval | None
    four_fifths: FourFifths | None
    equal_opportunity_difference: Interval | None


class Fairness(Result):
    """All groups of one attribute at one threshold, by name."""

    attribute: str
    threshold: float
    reference: str
    groups: tuple[GroupFigures, ...]


def age_band(years: npt.NDArray[Any]) -> npt.NDArray[np.str_]:
    """Names of the age bands that clients of these ages in years fall into, shape (n,); an unknown age is "?"."""
    age = np.asarray(years, dtype=np.float64)
    names = np.array(["18–29", "30–39", "40–49", "50–59", "60+"])
    return np.where(np.isnan(age), "?", names[np.searchsorted([30.0, 40.0, 50.0, 60.0], age, side="right").clip(0, 4)])


def fairness(
    attribute: str,
    groups: npt.NDArray[Any],
    labels: npt.NDArray[Any],
    probability: npt.NDArray[Any],
    threshold: float,
    *,
    reference: str | None = None,
    number: int = RESAMPLES,
    seed: int = 0,
) -> Fairness:
    """Outcomes and errors of each group of an attribute at a threshold on the probability of repayment.

    Args:
        attribute: name of the attribute, kept in the result.
        groups: each client's group, shape (n,), as text.
        labels: 1 for a default, 0 for a repaid loan, shape (n,).
        probability: of default, shape (n,).
        threshold: accept from this probability of repayment on.
        reference: the group that others are compared with; by default the one accepted most among those that have
            2 % of the clients.
        number: bootstrap resamples for the interval of the ROC AUC.
        seed: of the bootstrap.

    Raises:
        InvalidInput: as ``checked``, ``groups`` has another length, or nobody is in the reference group.
    """
    target, score = checked(labels, probability)
    names = np.asarray(groups).astype(np.str_)
    if names.shape != target.shape:
        raise InvalidInput([Violation("groups", f"{names.size} groups for {target.size} clients")])
    found, sizes = np.unique(names, return_counts=True)
    members = {str(name): _Members(target, score, threshold, names == name) for name in found}
    if reference is None:
        eligible = found[sizes >= min(_SMALLEST_REFERENCE * names.size, sizes.max())]
        chosen = max((str(name) for name in eligible), key=lambda name: members[name].taken / members[name].size)
    elif reference in members:
        chosen = reference
    else:
        groups_there = ", ".join(found)
        raise InvalidInput([Violation("reference", f"no client is in group {reference}; groups are {groups_there}")])
    base = members[chosen]
    return Fairness(
        attribute=attribute,
        threshold=threshold,
        reference=chosen,
        groups=tuple(_figures(name, own, None if own is base else base, number, seed) for name, own in members.items()),
    )


class _Members:
    """A group's outcomes."""

    def __init__(self, target: Bools, score: Floats, threshold: float, rows: Bools) -> None:
        self.target, self.score = target[rows], score[rows]
        taken = accepted(self.score, threshold)
        self.size, self.taken = self.target.size, int(taken.sum())
        self.defaults = int(self.target.sum())
        self.repaid = self.size - self.defaults
        self.taken_defaults = int((taken & self.target).sum())
        self.among_defaults = wilson(self.taken_defaults, self.defaults) if self.defaults else None
        self.among_repaid = wilson(self.taken - self.taken_defaults, self.repaid) if self.repaid else None


def _figures(name: str, own: _Members, base: _Members | None, number: int, seed: int) -> GroupFigures:
    against = None if base is None else ratio(own.taken, own.size, base.taken, base.size)
    opportunity = None
    if base is not None and own.among_repaid and base.among_repaid:
        opportunity = difference(own.among_repaid, base.among_repaid)
    area = None
    if own.defaults and own.repaid:
        area = bootstrap(rank(own.target, own.score), {"roc_auc": roc_auc}, number=number, seed=seed)["roc_auc"]
    return GroupFigures(
        name=name,
        clients=own.size,
        acceptance=wilson(own.taken, own.size),
        default_rate=wilson(own.defaults, own.size),
        accepted_among_repaid=own.among_repaid,
        accepted_among_defaults=own.among_defaults,
        calibration_gap=_gap(own.target, own.score),
        roc_auc=area,
        acceptance_ratio=against,
        four_fifths=None if against is None else _rule(against),
        equal_opportunity_difference=opportunity,
    )


def _rule(against: Interval) -> FourFifths:
    if against.low >= FOUR_FIFTHS:
        return FourFifths.MET
    return FourFifths.NOT_MET if against.high < FOUR_FIFTHS else FourFifths.UNCERTAIN


def _gap(target: Bools, score: Floats) -> Interval:
    """Mean prediction minus default rate. The scores are given, so the interval is that of the default rate."""
    predicted, observed = float(score.mean()), wilson(int(target.sum()), target.size)
    return Interval(value=predicted - observed.value, low=predicted - observed.high, high=predicted - observed.low)
