"""Calibrators: small monotone maps of a probability of default, made of plain numbers.

The model manifest holds one; applying it needs NumPy alone.
"""

from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

Floats = npt.NDArray[np.float64]

# Logarithms of exactly 0 and 1 are infinite; float64 tells probabilities apart down to here on both ends.
TINY = 1e-15


class _Map(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="forbid")


class BetaCalibrator(_Map):
    """``1 / (1 + exp(-(a ln p - b ln(1 - p) + c)))``, a, b >= 0; a = b = 1, c = 0 changes nothing.

    Kull, M., Silva Filho, T., Flach, P. (2017), "Beta calibration", AISTATS.
    """

    kind: Literal["beta"] = "beta"
    a: float = Field(ge=0)
    b: float = Field(ge=0)
    c: float

    def apply(self, probability: npt.NDArray[Any]) -> Floats:
        """Maps probabilities of default, any shape, to calibrated ones of that shape."""
        # Not np.clip: it alone takes as long as the rest, and a service scores one client at a time.
        p = np.minimum(np.maximum(np.asarray(probability, dtype=np.float64), TINY), 1 - TINY)
        odds = self.a * np.log(p) - self.b * np.log1p(-p) + self.c
        # The logistic function by tanh never overflows.
        return np.asarray(0.5 * (1 + np.tanh(odds / 2)))


class IsotonicCalibrator(_Map):
    """A piecewise linear map through the knots (x, y), constant outside of them; x rises, y does not fall."""

    kind: Literal["isotonic"] = "isotonic"
    x: tuple[float, ...] = Field(min_length=1)
    y: tuple[float, ...]

    @model_validator(mode="after")
    def _monotone(self) -> "IsotonicCalibrator":
        if len(self.x) != len(self.y):
            raise ValueError("x and y need the same length")
        if any(b <= a for a, b in pairwise(self.x)) or any(b < a for a, b in pairwise(self.y)):
            raise ValueError("x must rise and y must not fall")
        if self.y[0] < 0 or self.y[-1] > 1:
            raise ValueError("y must be probabilities")
        return self

    def apply(self, probability: npt.NDArray[Any]) -> Floats:
        """Maps probabilities of default, any shape, to calibrated ones of that shape."""
        return np.interp(np.asarray(probability, dtype=np.float64), self.x, self.y)


Calibrator = Annotated[BetaCalibrator | IsotonicCalibrator, Field(discriminator="kind")]

#: Reads a calibrator back: ``CALIBRATOR.validate_python(calibrator.model_dump())``, or ``validate_json``.
CALIBRATOR: TypeAdapter[BetaCalibrator | IsotonicCalibrator] = TypeAdapter(Calibrator)

#: The map that changes nothing.
IDENTITY = BetaCalibrator(a=1.0, b=1.0, c=0.0)
