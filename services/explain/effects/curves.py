"""What the score would be at every value of a feature: for clients on average, and for one of them.

Partial dependence: Friedman (2001), "Greedy function approximation: a gradient boosting machine", Ann. Stat. 29.
Individual conditional expectation: Goldstein et al. (2015), "Peeking inside the black box", JCGS 24. Here derived
features follow the one that is set, as they do when an officer edits it: no ratio contradicts its own parts.
"""

from collections.abc import Callable

import numpy as np

from pipeline.features.dictionary import Feature, Kind
from pipeline.model.applicants import Applicant, Clients, Column
from services.common.errors import DeadlineExceeded
from services.explain.binning import bin_edges
from services.explain.ensemble import Floats
from services.explain.explainer import Explainer


def grid_of(feature: Feature, quantiles: Floats, points: int) -> Floats:
    """The values at which curves are drawn, rising, at most ``points`` of a number; none if it has no known value.

    Of a number quantiles of the portfolio, its extremes included: the curves go no further than real clients. Of a
    category the positions of all that the dictionary knows.

    Args:
        feature: the feature.
        quantiles: the portfolio's, of a number, in any number.
        points: at least 2.
    """
    if feature.kind is Kind.CATEGORY:
        return np.arange(float(len(feature.categories)))
    return np.unique(bin_edges(quantiles, points - 1))


def partial_dependence(
    explainer: Explainer, clients: Clients, feature: Feature, grid: Floats, stop: Callable[[], bool] = lambda: False
) -> Floats:
    """Mean probability of repayment (0..1) of the clients with the feature set to each grid value, shape (g,).

    Raises:
        DeadlineExceeded: ``stop`` said, between two values, that nobody waits any more.
    """
    means = []
    for matrix in explainer.applicants.all_with(clients, feature.name, _values(feature, grid)):
        if stop():
            raise DeadlineExceeded("The partial dependence did not come in time; ask for fewer points.")
        means.append(1 - explainer.model.probability_of_default(matrix).mean())
    return np.array(means)


def individual_expectation(explainer: Explainer, applicant: Applicant, feature: Feature, grid: Floats) -> Floats:
    """The client's own probability of repayment (0..1) with the feature set to each grid value, shape (g,)."""
    if not len(grid):
        return np.empty(0)
    versions = explainer.applicants.versions(applicant, {feature.name: _values(feature, grid)})
    return np.asarray(1 - explainer.model.probability_of_default(versions))


def _values(feature: Feature, grid: Floats) -> Column:
    return grid if feature.kind is Kind.NUMBER else [feature.categories[int(position)].value for position in grid]
