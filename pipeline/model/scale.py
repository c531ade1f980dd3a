"""The scale of the score: the probability of default if one client in two defaulted (ADR 2).

Bayes' rule translates between it and the real default rate: with a prior π, the default rate of the training clients,
a score s and a default rate p have the odds ``s / (1 - s) = p / (1 - p) · (1 - π) / π``. At p = π the score is 1/2.
"""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", float, npt.NDArray[np.float64])


def balanced(default_rate: Number, prior: float) -> Number:
    """The score (probability of default, balanced classes) of a real default rate; both in [0, 1], 0 < prior < 1."""
    default = default_rate * (1 - prior)
    return default / (default + (1 - default_rate) * prior)


def real(score: Number, prior: float) -> Number:
    """The real default rate of a score: undoes ``balanced``."""
    default = score * prior
    return default / (default + (1 - score) * (1 - prior))
