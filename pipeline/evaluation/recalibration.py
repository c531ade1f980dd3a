"""Fits calibrators and chooses between them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import StratifiedKFold

from pipeline.evaluation.ranking import rank
from pipeline.evaluation.sample import Bools, Floats, checked
from pipeline.model.calibrator import IDENTITY, TINY, BetaCalibrator, IsotonicCalibrator
from services.common.errors import InvalidInput, Violation

Method = Literal["none", "beta", "isotonic"]

# From the simplest to the most flexible: an equal fit is decided in this order.
METHODS: tuple[Method, ...] = ("none", "beta", "isotonic")


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen calibrator, fitted on all rows, and what speaks for it.

    ``log_loss`` is each method's cross-validated mean log loss (nats); ``out_of_fold`` is the chosen method's
    calibrated probability of default of each row by a calibrator that had not seen the row, shape (n,): evaluate on it.
    """

    method: Method
    calibrator: BetaCalibrator | IsotonicCalibrator
    log_loss: Mapping[Method, float]
    out_of_fold: Floats


def fit_beta(labels: npt.NDArray[Any], probability: npt.NDArray[Any]) -> BetaCalibrator:
    """Fits beta calibration by maximum likelihood with a, b >= 0 (Kull et al. 2017); constant if nothing orders.

    Raises:
        InvalidInput: as ``rank``: both outcomes are needed.
    """
    ranking = rank(labels, probability)
    p = np.clip(ranking.probability, TINY, 1 - TINY)
    inputs = np.column_stack([np.log(p), -np.log1p(-p), np.ones_like(p)])
    clients = ranking.defaults + ranking.repaid
    total = clients.sum()

    def loss(weights: Floats) -> tuple[float, Floats]:
        odds = inputs @ weights
        value = clients @ np.logaddexp(0, odds) - ranking.defaults @ odds
        gradient = inputs.T @ (clients * 0.5 * (1 + np.tanh(odds / 2)) - ranking.defaults)
        return float(value / total), gradient / total

    # The likelihood is concave, so that bounds give what Kull et al. reach by dropping a negative parameter.
    fit = minimize(
        loss,
        np.array([1.0, 1.0, 0.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None), (0, None), (None, None)],
        options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 1000},
    )
    a, b, c = (float(value) for value in fit.x)
    return BetaCalibrator(a=a, b=b, c=c)


def fit_isotonic(labels: npt.NDArray[Any], probability: npt.NDArray[Any]) -> IsotonicCalibrator:
    """Fits the best non-decreasing map (pool adjacent violators; Zadrozny & Elkan 2002).

    The ends are kept off 0 and 1 by Laplace's rule, ``1 / (n + 2)``: a sample of n cannot prove certainty, and one
    contrary outcome would make the log loss infinite.

    Raises:
        InvalidInput: as ``rank``: both outcomes are needed.
    """
    ranking = rank(labels, probability)
    clients = ranking.defaults + ranking.repaid
    edge = 1 / (float(clients.sum()) + 2)
    model = IsotonicRegression(y_min=0, y_max=1)
    model.fit(ranking.probability, ranking.defaults / clients, sample_weight=clients)
    knots = np.clip(model.y_thresholds_, edge, 1 - edge)
    return IsotonicCalibrator(x=tuple(map(float, model.X_thresholds_)), y=tuple(map(float, knots)))


def _unchanged(labels: npt.NDArray[Any], probability: npt.NDArray[Any]) -> BetaCalibrator:
    del labels, probability
    return IDENTITY


_FIT: Mapping[Method, Callable[[npt.NDArray[Any], npt.NDArray[Any]], BetaCalibrator | IsotonicCalibrator]] = {
    "none": _unchanged,
    "beta": fit_beta,
    "isotonic": fit_isotonic,
}


def log_losses(labels: Bools, probability: Floats) -> Floats:
    """Log loss of each row in nats, shape (n,)."""
    p = np.clip(probability, TINY, 1 - TINY)
    return np.asarray(-np.where(labels, np.log(p), np.log1p(-p)))


def choose(labels: npt.NDArray[Any], probability: npt.NDArray[Any], *, folds: int = 5, seed: int = 0) -> Choice:
    """Chooses between no calibration, beta and isotonic by cross-validated log loss.

    The one-standard-error rule (Breiman et al. 1984), on paired differences: the simplest method whose mean loss is
    within one standard error of the best one's. Beta keeps the order of clients strictly; isotonic makes ties, and has
    to earn them.

    Args:
        labels: 1 for a default, 0 for a repaid loan, shape (n,).
        probability: of default, by a model that had not seen the row, shape (n,).
        folds: number of stratified folds.
        seed: of their shuffling.

    Raises:
        InvalidInput: as ``checked``, or an outcome has fewer rows than folds.
    """
    target, score = checked(labels, probability)
    rarest = int(min(target.sum(), (~target).sum()))
    if rarest < folds:
        raise InvalidInput([Violation("labels", f"the rarer outcome has {rarest} rows; {folds} folds need as many")])
    calibrated = {method: np.empty_like(score) for method in METHODS}
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for train, test in splitter.split(score.reshape(-1, 1), target):
        for method in METHODS:
            calibrated[method][test] = _FIT[method](target[train], score[train]).apply(score[test])
    losses = {method: log_losses(target, calibrated[method]) for method in METHODS}
    means = {method: float(losses[method].mean()) for method in METHODS}
    best = min(METHODS, key=means.__getitem__)
    method = next(m for m in METHODS if means[m] - means[best] <= _standard_error(losses[m] - losses[best]))
    return Choice(method, _FIT[method](target, score), means, calibrated[method])


def _standard_error(differences: Floats) -> float:
    return float(differences.std(ddof=1) / np.sqrt(differences.size))
