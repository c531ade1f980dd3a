"""Two versions of one client: what each changed base feature did to margin and probability.

The changed features are the players of a game whose worth is the margin of the client with some of them at their new
values; derived features follow. Their Shapley values (Shapley 1953) add up to the change of the margin, whatever the
order in which the features are named or changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

from pipeline.model.applicants import Applicant, Column
from pipeline.model.encoding import Matrix
from pipeline.model.validation import Value
from services.explain.ensemble import Floats
from services.explain.explainer import Explainer

# Up to so many changed features all their coalitions are scored: 1,024 rows, some 0.1 s with 800 trees.
EXACT_FEATURES = 10
# Above that, so many rows are spent on orders of the features; a pair of opposite orders at least.
_SAMPLED_ROWS = 2_048

# Which changed features have their new values, shape (coalitions, features).
Coalitions = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FeatureChange:
    """A base feature with another value, what that did to margin (log-odds of default) and probability of repayment."""

    feature: str
    before: Value
    after: Value
    margin_change: float
    points_change: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The largest absolute change of the margin first; they add up to ``margin_after - margin_before``.

    ``exact``: false where the Shapley values are estimated over a sample of orders; they add up all the same.
    """

    margin_before: float
    margin_after: float
    changes: tuple[FeatureChange, ...]
    exact: bool


def compare(explainer: Explainer, before: Applicant, after: Applicant) -> Comparison:
    """Attributes the difference between two versions of a client to the base features that differ.

    The probability's change is shared out in proportion to the margin's. The same input always gives the same answer,
    and with the versions swapped the same one with opposite signs.

    Raises:
        NotAdditive: the served model scores one of the mixed versions otherwise than its trees do.
    """
    changed = sorted(name for name in before.base if before.base[name] != after.base[name])
    players = [name for name in changed if explainer.depends_on(name)]
    exact = len(players) <= EXACT_FEATURES
    coalitions = _all_coalitions(len(players)) if exact else _sampled_orders(len(players))
    margins = explainer.margins(_mixed(explainer, before, after, players, coalitions))
    start, end = float(margins[0]), float(margins[-1])
    values = _shapley_values(coalitions, margins) if exact else _estimated_values(coalitions, margins)
    # From the lower to the higher margin, so that rounding is the same both ways.
    slope = float(explainer.slope(np.array([min(start, end)]), np.array([max(start, end)]))[0])
    # What the model does not read changes nothing.
    attributed = {**dict.fromkeys(changed, 0.0), **dict(zip(players, values.tolist(), strict=True))}
    changes = (FeatureChange(n, before.base[n], after.base[n], v, v * slope) for n, v in attributed.items())
    return Comparison(start, end, tuple(sorted(changes, key=lambda c: (-abs(c.margin_change), c.feature))), exact)


def _mixed(
    explainer: Explainer, before: Applicant, after: Applicant, players: Sequence[str], coalitions: Coalitions
) -> Matrix:
    if not players:
        return np.repeat(before.vector, len(coalitions), axis=0)
    columns = {name: _column(before.base[name], after.base[name], coalitions[:, k]) for k, name in enumerate(players)}
    return explainer.applicants.versions(before, columns)


def _column(before: Value, after: Value, changed: npt.NDArray[np.bool_]) -> Column:
    if isinstance(before, str) or isinstance(after, str):
        return [_category(after if new else before) for new in changed]
    return np.where(changed, _number(after), _number(before))


def _category(value: Value) -> str | None:
    return None if value is None else str(value)


def _number(value: Value) -> float:
    return np.nan if value is None else float(value)


def _all_coalitions(players: int) -> Coalitions:
    """Row c holds the bits of the number c: nobody first, everybody last."""
    return np.asarray((np.arange(2**players)[:, None] >> np.arange(players)) % 2 == 1)


def _shapley_values(coalitions: Coalitions, worth: Floats) -> Floats:
    """Over all coalitions, in the order of ``_all_coalitions``; shape (players,)."""
    players = coalitions.shape[1]
    values = np.empty(players)
    for player in range(players):
        without = ~coalitions[:, player]
        size = coalitions[without].sum(axis=1)
        weight = np.array([1 / (players * comb(players - 1, k)) for k in range(players)])
        terms = weight[size] * (worth[~without] - worth[without])
        # Swapped versions give the same terms from the end to the start: this sum is the same both ways.
        values[player] = (terms + terms[::-1]).sum() / 2
    return values


def _sampled_orders(players: int) -> Coalitions:
    """Features changed one after the other in random orders, each also from its end to its start; always the same.

    Of each order all coalitions on the way from nobody to everybody: ``players + 1`` rows.
    """
    random = np.random.default_rng(0)
    pairs = max(1, _SAMPLED_ROWS // (2 * (players + 1)))
    orders = [order for _ in range(pairs) for order in _both_ways(random.permutation(players))]
    # A feature is in a coalition when fewer features come before it than the coalition has.
    return np.concatenate([np.argsort(order) < np.arange(players + 1)[:, None] for order in orders])


def _both_ways(order: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    return order, order[::-1]


def _estimated_values(coalitions: Coalitions, worth: Floats) -> Floats:
    """Mean over the orders of ``_sampled_orders`` of what each player added when it came; shape (players,).

    Antithetic sampling (Mitchell et al. 2022, arXiv 2104.12199): opposite orders cancel much of each other's error.
    Swapped versions exchange the two orders of a pair and the signs.
    """
    players = coalitions.shape[1]
    by_order = coalitions.reshape(-1, players + 1, players)
    added = np.diff(worth.reshape(-1, players + 1))
    newcomer = np.argmax(by_order[:, 1:] & ~by_order[:, :-1], axis=2)
    values = np.empty(added.shape)
    np.put_along_axis(values, newcomer, added, axis=1)
    return np.asarray((values[::2] + values[1::2]).sum(axis=0) / len(values))
