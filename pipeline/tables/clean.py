"""What every raw value goes through before a feature sees it, in the pipeline and in the services alike."""

import ibis

from pipeline.tables.layout import Column, ColumnType, Unit, layout
from pipeline.tables.placeholders import NO_DAY, PLACEHOLDERS, TABLES_WITH_NO_DAY


def known_categories(column: Column) -> tuple[str, ...]:
    """The categories that a cleaned column can hold.

    An application's placeholder is a missing value. In a history it stays a category: "no purpose was asked for" is a
    fact about a past request, and its share of the requests is a feature of the reference.
    """
    values = tuple(category.value for category in column.categories)
    if column.table == "application":
        return tuple(value for value in values if value not in PLACEHOLDERS)
    return values


def clean(table: ibis.Table, name: str) -> ibis.Table:
    """Returns a typed raw table with placeholders made missing.

    Args:
        table: numbers as float64, categories as strings (known ones only), identifiers as int64.
        name: the table's name in the layout.
    """
    changed: dict[str, ibis.Value] = {}
    for column in layout()[name].columns.values():
        if column.name not in table.columns:
            continue
        value = table[column.name]
        if column.type is ColumnType.CATEGORY and name == "application":
            for placeholder in PLACEHOLDERS:
                value = value.nullif(placeholder)
            changed[column.name] = value
        elif column.unit is Unit.DAYS and name in TABLES_WITH_NO_DAY:
            changed[column.name] = value.nullif(NO_DAY)
    return table.mutate(**changed)
