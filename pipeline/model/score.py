"""A client's score and what it means."""

from dataclasses import dataclass
from typing import Self

from pipeline.model.manifest import Band, Decision, Manifest


@dataclass(frozen=True, slots=True)
class Score:
    """One client's score; the probabilities add up to 1, on the scale of threshold and bands.

    ``expected_default_rate`` is the share of such clients that defaults (0..1).
    """

    probability_of_default: float
    probability_of_repayment: float
    band: Band
    decision: Decision
    expected_default_rate: float

    @classmethod
    def of(cls, manifest: Manifest, default: float, rate: float) -> Self:
        """Bands and decides a probability of default and an expected default rate, as the model gives them."""
        repayment = 1.0 - default
        return cls(default, repayment, manifest.band(repayment), manifest.decision(repayment), rate)
