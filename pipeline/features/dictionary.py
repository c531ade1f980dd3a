"""The feature dictionary: what each feature is, for everyone who reads one.

Made by the pipeline with the features, kept in the features file, copied beside the model and into the portfolio.
"""

import hashlib
from enum import StrEnum
from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from pipeline.tables.layout import Direction, Unit

# SHARE is the share of a client's history rows that have a category, 0..1.
Aggregation = Literal["MIN", "MAX", "MEAN", "SUM", "VAR", "NUNIQUE", "COUNT", "SHARE"]


class Kind(StrEnum):
    """What a feature's values are."""

    NUMBER = "number"
    CATEGORY = "category"


class Role(StrEnum):
    """Where a feature comes from. Application and history features are the *base*; derived ones follow from them."""

    APPLICATION = "application"
    HISTORY = "history"
    DERIVED = "derived"


class FeatureCategory(BaseModel):
    """One category of a feature, with its labels."""

    model_config = ConfigDict(frozen=True)

    value: str
    label_fr: str
    label_en: str


class Feature(BaseModel):
    """One entry. ``minimum``, ``maximum``, ``median`` and ``missing_rate`` (0..1) are those of the training clients.

    ``source_column`` names several columns, separated by commas, where a history value is computed from them.
    ``editable``: an officer may change it to see what happens. ``actionable``: a customer can really move it, in this
    ``direction`` by no less than ``step`` (in the feature's unit; null for a category).
    """

    model_config = ConfigDict(frozen=True)

    name: str
    label_fr: str
    label_en: str
    kind: Kind
    role: Role
    unit: Unit
    source_table: str
    source_column: str = ""
    aggregation: Aggregation | Literal[""] = ""
    categories: tuple[FeatureCategory, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    median: float | None = None
    missing_rate: float
    editable: bool
    actionable: bool = False
    direction: Direction | None = None
    step: float | None = None
    protected: bool

    @model_validator(mode="after")
    def _advice_is_sound(self) -> Self:
        if self.actionable != (self.direction is not None):
            raise ValueError("a feature has a direction exactly when a customer can act on it")
        if self.actionable and (self.protected or not self.editable or self.role is Role.DERIVED):
            raise ValueError("a customer can only act on a base feature that is editable and not protected")
        if (self.step is not None) != (self.actionable and self.kind is Kind.NUMBER):
            raise ValueError("a feature has a step exactly when it is an actionable number")
        return self


class FeatureDictionary(BaseModel):
    """All features, in the order of the features file's columns."""

    model_config = ConfigDict(frozen=True)

    features: tuple[Feature, ...]

    @cached_property
    def by_name(self) -> dict[str, Feature]:
        """The entries by feature name."""
        return {feature.name: feature for feature in self.features}

    @cached_property
    def base(self) -> tuple[Feature, ...]:
        """The features that a client record holds: all but the derived ones."""
        return tuple(feature for feature in self.features if feature.role is not Role.DERIVED)

    @cached_property
    def contract(self) -> str:
        """Hash of what a caller relies on: names, kinds, categories and order of the base features."""
        lines = (f"{f.name}|{f.kind}|{','.join(c.value for c in f.categories)}" for f in self.base)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
