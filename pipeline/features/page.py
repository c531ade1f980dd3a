"""The feature dictionary as a page of Markdown, for people."""

from collections.abc import Iterator

from pipeline.features.dictionary import Feature, FeatureDictionary

_HEADER = (
    "Feature",
    "Libellé",
    "Label",
    "Unit",
    "Source table",
    "Source column",
    "Aggregation",
    "Editable",
    "Actionable",
    "Protected",
)
_INTRODUCTION = """# Features

Written by `clairscore dictionary`; do not edit by hand.

Names follow the public recipe for the Home Credit layout. Days and months count from the application: before it they
are negative. A share of 1 means 100 %. SHARE is the share of a client's rows that have the category in the name.

*Editable*: an officer may change the value to see what happens. *Actionable*: a customer can really move it, in this
direction, by no less than the step given in the feature's unit. *Protected*: gender, age, family and social circle, and
what is computed from them; never offered as advice.
"""


def page(dictionary: FeatureDictionary) -> str:
    """Returns the page: one table, one line for each feature, in the dictionary's order."""
    lines = [_INTRODUCTION, f"{len(dictionary.features)} features.\n", *_table(dictionary)]
    return "\n".join(lines) + "\n"


def _table(dictionary: FeatureDictionary) -> Iterator[str]:
    yield _line(_HEADER)
    yield _line(("---",) * len(_HEADER))
    for feature in dictionary.features:
        yield _line(
            (
                f"`{feature.name}`",
                feature.label_fr,
                feature.label_en,
                feature.unit,
                feature.source_table,
                feature.source_column,
                feature.aggregation,
                _mark(feature.editable),
                _action(feature),
                _mark(feature.protected),
            )
        )


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _mark(holds: bool) -> str:
    return "yes" if holds else ""


def _action(feature: Feature) -> str:
    if feature.direction is None:
        return ""
    return feature.direction if feature.step is None else f"{feature.direction}, {feature.step:g}"
