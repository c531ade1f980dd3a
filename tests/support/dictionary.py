"""The real feature dictionary, as the dashboard reads it from the portfolio service."""

from frontend.clients.types import Feature, FeatureDictionary, Label, Role, Unit
from pipeline.features.describe import unobserved


def real_dictionary() -> FeatureDictionary:
    """Every feature of the recipe, without observed ranges."""
    features = {
        f.name: Feature(
            f.name,
            Label(f.label_fr, f.label_en),
            Unit(f.unit.value),
            {c.value: Label(c.label_fr, c.label_en) for c in f.categories},
            role=Role(f.role.value),
            source_table=f.source_table,
            source_column=f.source_column,
            aggregation=f.aggregation,
            editable=f.editable,
            protected=f.protected,
            actionable=f.actionable,
        )
        for f in unobserved().features
    }
    return FeatureDictionary(features, contract="")
