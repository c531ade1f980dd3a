"""What every figure of an evaluation has in common: frozen, finite, and written to JSON without loss."""

from pydantic import BaseModel, ConfigDict


class Result(BaseModel):
    """Base of all results. What cannot be computed is None, never NaN: JSON has no NaN."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="forbid")


class Interval(Result):
    """An estimate with its confidence interval."""

    value: float
    low: float
    high: float
