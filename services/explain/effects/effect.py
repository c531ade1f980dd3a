"""One feature's effect on the score over a cohort, put together."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.features.dictionary import Feature, Kind
from pipeline.features.store import TARGET
from pipeline.model.applicants import Applicant
from services.explain.columns import feature_of, outcomes_of, values_of
from services.explain.effects.curves import grid_of, individual_expectation, partial_dependence
from services.explain.effects.rates import RateBin, category_rates, missing_rate, number_rates
from services.explain.effects.zones import Zone, risk_zones
from services.explain.ensemble import Floats
from services.explain.explainer import Explainer
from services.explain.portfolio.cohort import Cohort
from services.explain.portfolio.parts import contribution_of
from services.explain.portfolio.store import ExplainedPortfolio, Selection

# Clients whose curves are averaged: all of them are set to the same values, so that the shape of their mean is steady
# long before its level is (standard error of that below 0.01).
CURVE_CLIENTS = 500


@dataclass(frozen=True, slots=True)
class Effect:
    """How a feature acts. Of a category every value is its position among the dictionary's categories."""

    feature: Feature
    # Of the cohort.
    clients: int
    # Of the drawn clients, shapes (d,): NaN means missing; log-odds of default.
    values: Floats
    contributions: Floats
    # Shapes (g,): values of the feature, and probabilities of repayment (0..1) with it set to them.
    grid: Floats
    partial_dependence: Floats
    # Of the client asked for; empty without one.
    individual: Floats
    # Numbers only, rising.
    zones: tuple[Zone, ...]
    # Without the clients who have no value; these are ``missing``, None if there are none.
    default_rates: tuple[RateBin, ...]
    missing: RateBin | None

    @property
    def critical_values(self) -> tuple[float, ...]:
        """Where the contribution's level changes: the borders between the zones, rising."""
        return tuple(zone.lower for zone in self.zones[1:])


def effect_of(
    explainer: Explainer,
    portfolio: ExplainedPortfolio,
    selection: Selection,
    name: str,
    *,
    points: int,
    clients: int,
    applicant: Applicant | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Effect:
    """Computes a feature's effect; the same cohort gives the same answer.

    Dependence is of a sample of the cohort, partial dependence of another (at most ``CURVE_CLIENTS``), zones and rates
    are of all its clients.

    Args:
        explainer: of the portfolio's model.
        portfolio: explained.
        selection: the cohort's clients.
        name: the feature.
        points: values of the grid at most, at least 2; a category has one for each category.
        clients: drawn for ``values`` and ``contributions``.
        applicant: whose own curve is wanted.
        stop: says that nobody waits for the answer any more.

    Raises:
        NotFound: the model has no such feature.
        DeadlineExceeded: ``stop`` said so.
    """
    feature = feature_of(explainer, name)
    contribution = contribution_of(name)
    everybody = portfolio.read(portfolio.select(Cohort()), [name])
    cohort = portfolio.read(selection, [name, TARGET, contribution])
    drawn = portfolio.read(selection, [name, contribution], sample=clients)
    followed = portfolio.read(selection, explainer.applicants.columns, sample=CURVE_CLIENTS)
    grid = grid_of(feature, values_of(everybody, feature), points)
    values, outcomes, contributions = values_of(cohort, feature), outcomes_of(cohort), _numbers(cohort, contribution)
    number = feature.kind is Kind.NUMBER
    return Effect(
        feature=feature,
        clients=selection.clients,
        values=values_of(drawn, feature),
        contributions=_numbers(drawn, contribution),
        grid=grid,
        partial_dependence=partial_dependence(explainer, explainer.applicants.clients(followed), feature, grid, stop),
        individual=np.empty(0) if applicant is None else individual_expectation(explainer, applicant, feature, grid),
        zones=risk_zones(values, contributions, portfolio.ranks.importance(name)) if number else (),
        default_rates=number_rates(values, outcomes, contributions)
        if number
        else category_rates(values, [c.value for c in feature.categories], outcomes, contributions),
        missing=missing_rate(values, outcomes, contributions),
    )


def _numbers(table: pa.Table, column: str) -> Floats:
    return np.asarray(table[column].to_numpy(), np.float64)
