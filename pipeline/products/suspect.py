"""A product whose label looks wrong."""

from pipeline.evaluation.result import Result


class Suspect(Result):
    """A product whose label looks wrong.

    ``given`` is the label in the file, ``suggested`` the one that products like it have;
    ``probability_given`` and ``probability_suggested`` (0..1) come from a model that has not seen the product.
    """

    identifier: str
    name: str
    given: str
    suggested: str
    probability_given: float
    probability_suggested: float
