"""Makes the feature dictionary: labels, units, sources and rights of every feature, and what was observed."""

from dataclasses import dataclass

from pipeline.features import application
from pipeline.features.derived import DERIVED, Derived
from pipeline.features.dictionary import Feature, FeatureCategory, FeatureDictionary, Kind, Role
from pipeline.features.family import Aggregate, Wording
from pipeline.features.recipe import FAMILIES
from pipeline.tables.clean import known_categories
from pipeline.tables.layout import Column, ColumnType, Unit


@dataclass(frozen=True, slots=True)
class Observed:
    """What the training clients' values are; ``missing_rate`` in 0..1, the others null without a numeric value."""

    missing_rate: float = 1.0
    minimum: float | None = None
    maximum: float | None = None
    median: float | None = None


# French (before "parmi les …") and English (before "among …") words for an aggregate of a column.
_WORDS: dict[tuple[str, Wording], tuple[str, str]] = {
    ("MIN", Wording.MASCULINE): ("{} le plus bas", "Lowest {}"),
    ("MIN", Wording.FEMININE): ("{} la plus basse", "Lowest {}"),
    ("MIN", Wording.DATE): ("{} la plus ancienne", "Earliest {}"),
    ("MIN", Wording.MONTH): ("{} le plus ancien", "Earliest {}"),
    ("MAX", Wording.MASCULINE): ("{} le plus élevé", "Highest {}"),
    ("MAX", Wording.FEMININE): ("{} la plus élevée", "Highest {}"),
    ("MAX", Wording.DATE): ("{} la plus tardive", "Latest {}"),
    ("MAX", Wording.MONTH): ("{} le plus récent", "Latest {}"),
}
# Words that agree with every label.
_PLAIN_WORDS: dict[str, tuple[str, str]] = {
    "MEAN": ("{} en moyenne", "Average {}"),
    "SUM": ("{}, total", "Total {}"),
    "VAR": ("{}, variance", "Variance of {}"),
    "NUNIQUE": ("{}, nombre de valeurs distinctes", "Number of distinct values of {}"),
}
# Aggregates that move as the values do. A customer who pays back what is due lowers each of them.
_MOVING = ("MAX", "MEAN", "SUM")


def unobserved() -> FeatureDictionary:
    """The dictionary before any data was seen: the same entries and contract, with everything missing."""
    return dictionary({})


def dictionary(observed: dict[str, Observed]) -> FeatureDictionary:
    """The dictionary of all features, in the order of the features file.

    Args:
        observed: by feature name; a feature that is not in it was always missing.
    """
    base = [_application(column) for column in application.columns()]
    base += [_history(feature) for family in FAMILIES for feature in family.aggregates]
    by_name = {feature.name: feature for feature in base}
    features = base + [_derived(derived, by_name) for derived in DERIVED]
    return FeatureDictionary(features=tuple(_observe(f, observed.get(f.name, Observed())) for f in features))


def _observe(feature: Feature, observed: Observed) -> Feature:
    return feature.model_copy(
        update={
            "missing_rate": observed.missing_rate,
            "minimum": observed.minimum,
            "maximum": observed.maximum,
            "median": observed.median,
        }
    )


def _application(column: Column) -> Feature:
    known = known_categories(column)
    return Feature(
        name=column.name,
        label_fr=column.label_fr,
        label_en=column.label_en,
        kind=Kind.CATEGORY if column.type is ColumnType.CATEGORY else Kind.NUMBER,
        role=Role.APPLICATION,
        unit=column.unit,
        source_table=column.table,
        source_column=column.name,
        categories=tuple(
            FeatureCategory(value=c.value, label_fr=c.label_fr, label_en=c.label_en)
            for c in column.categories
            if c.value in known
        ),
        missing_rate=1.0,
        editable=column.editable,
        actionable=column.direction is not None,
        direction=column.direction,
        step=column.step,
        protected=column.protected,
    )


def _history(feature: Aggregate) -> Feature:
    label_fr, label_en = _labels(feature)
    # A customer changes today's facts, not the past.
    movable = feature.column if feature.editable and feature.aggregation in _MOVING else None
    return Feature(
        name=feature.name,
        label_fr=label_fr,
        label_en=label_en,
        kind=Kind.NUMBER,
        role=Role.HISTORY,
        unit=_unit(feature),
        source_table=feature.source_table,
        source_column=", ".join(feature.sources),
        aggregation=feature.aggregation,
        missing_rate=1.0,
        editable=feature.editable,
        actionable=movable is not None and movable.direction is not None,
        direction=movable.direction if movable else None,
        step=movable.step if movable else None,
        protected=feature.column is not None and feature.column.protected,
    )


def _unit(feature: Aggregate) -> Unit:
    if feature.aggregation in ("COUNT", "NUNIQUE") or feature.column is None:
        return Unit.COUNT
    if feature.aggregation == "SHARE":
        return Unit.SHARE
    return Unit.VARIANCE if feature.aggregation == "VAR" else feature.column.unit


def _labels(feature: Aggregate) -> tuple[str, str]:
    subset, column = feature.subset, feature.column
    if column is None:
        return f"Nombre de {subset.rows_fr}", f"Number of {subset.rows_en}"
    if feature.aggregation == "SHARE":
        category = next(c for c in column.categories if c.value == feature.category)
        return (
            f"Part des {subset.rows_fr} ({_inside(column.label_fr)} : {_inside(category.label_fr)})",
            f"Share of {subset.rows_en} ({_inside(column.label_en)}: {_inside(category.label_en)})",
        )
    words = _PLAIN_WORDS.get(feature.aggregation) or _WORDS[feature.aggregation, feature.wording]
    french, english = words
    return (
        f"{french.format(column.label_fr)} parmi les {subset.rows_fr}",
        f"{english.format(_inside(column.label_en))} among {subset.rows_en}",
    )


def _inside(label: str) -> str:
    """The label as it stands inside a sentence; acronyms keep their capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _derived(derived: Derived, base: dict[str, Feature]) -> Feature:
    return Feature(
        name=derived.name,
        label_fr=derived.label_fr,
        label_en=derived.label_en,
        kind=Kind.NUMBER,
        role=Role.DERIVED,
        unit=derived.unit,
        source_table="",
        missing_rate=1.0,
        editable=False,
        protected=any(base[name].protected for name in derived.inputs),
    )
