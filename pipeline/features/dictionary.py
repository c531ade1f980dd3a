"""The feature dictionary: what each feature is, for everyone who reads one.

Made by the pipeline with the features, kept in the features file, copied beside the model and into the portfolio.
"""

import hashlib
from enum import StrEnum
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.tables.layout import Unit

# SHARE is the share of a client's history rows that have a category, 0..1.
Aggregation = Literal["MIN", "MAX", "MEAN", "SUM", "VAR", "COUNT", "SHARE"]


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
    """One entry. ``minimum``, ``maximum``, ``median`` and ``missing_rate`` (0..1) are those of the training clients."""

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
    protected: bool


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
