"""The attributes that clients can be searched by."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.model.manifest import Band, Decision


class AttributeKind(StrEnum):
    """How an attribute is filtered: by range or by categories."""

    NUMBER = "number"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One searchable attribute: a column of the ``clients`` table of the same name.

    ``feature`` is where its value comes from, divided by ``divisor``; None for a part of the score.
    ``choices`` are all of its categories when they are a closed set.
    """

    name: str
    kind: AttributeKind
    feature: str | None = None
    divisor: float = 1.0
    choices: tuple[str, ...] = ()


# DAYS_BIRTH counts backwards from the application, in days; an age is in years.
_DAYS_A_YEAR = 365.25

ATTRIBUTES: Mapping[str, Attribute] = {
    attribute.name: attribute
    for attribute in (
        Attribute("gender", AttributeKind.CATEGORY, "CODE_GENDER"),
        Attribute("age", AttributeKind.NUMBER, "DAYS_BIRTH", -_DAYS_A_YEAR),
        Attribute("income", AttributeKind.NUMBER, "AMT_INCOME_TOTAL"),
        Attribute("credit", AttributeKind.NUMBER, "AMT_CREDIT"),
        Attribute("contract_type", AttributeKind.CATEGORY, "NAME_CONTRACT_TYPE"),
        Attribute("income_type", AttributeKind.CATEGORY, "NAME_INCOME_TYPE"),
        Attribute("education", AttributeKind.CATEGORY, "NAME_EDUCATION_TYPE"),
        Attribute("family_status", AttributeKind.CATEGORY, "NAME_FAMILY_STATUS"),
        Attribute("band", AttributeKind.CATEGORY, choices=tuple(Band)),
        Attribute("decision", AttributeKind.CATEGORY, choices=tuple(Decision)),
        Attribute("probability_of_repayment", AttributeKind.NUMBER),
    )
}
