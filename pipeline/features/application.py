"""Features that the application itself holds."""

import ibis

from pipeline.features.store import ID, TARGET
from pipeline.tables.layout import Column, layout

TABLE = "application"


def columns() -> tuple[Column, ...]:
    """The application's columns that are features: all but the identifier and the target."""
    return tuple(column for column in layout()[TABLE].columns.values() if column.name not in (ID, TARGET))


def application(table: ibis.Table) -> ibis.Table:
    """One row per client: ``SK_ID_CURR`` and the application's features, in the layout's order."""
    return table.select(ID, *(column.name for column in columns()))
