"""The groups that contributions are added up by: families of features and source tables, and their labels."""

from pipeline.features.dictionary import Feature, Role
from services.explain.words.catalogue import catalogue
from services.explain.words.measures import aggregate_of

APPLICATION = "application"
DERIVED = "derived"


def family_of(feature: Feature) -> str:
    """The family: "application", "derived", or the prefix of the history's subset: "BURO", "ACTIVE" …"""
    if feature.role is Role.APPLICATION:
        return APPLICATION
    if feature.role is Role.DERIVED:
        return DERIVED
    aggregate = aggregate_of(feature)
    return aggregate.subset.prefix if aggregate else feature.name.partition("_")[0]


def table_of(feature: Feature) -> str:
    """The source table; "derived" for a feature that follows from others."""
    return feature.source_table or DERIVED


def family_label(family: str, language: str) -> str:
    """The label of a family.

    Raises:
        InvalidInput: the language is not known.
    """
    return _label("family", family, language)


def table_label(table: str, language: str) -> str:
    """The label of a source table; the same errors."""
    return _label("table", table, language)


def _label(kind: str, name: str, language: str) -> str:
    words = catalogue(language)
    return words.typeset(words.find(f"{kind}.{name}") or name)
