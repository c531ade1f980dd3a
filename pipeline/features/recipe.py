"""The base features of a client: application and histories joined. The one recipe for training and serving.

A further history table is one more module with a ``FAMILY``, and one more entry in ``FAMILIES``.
"""

from collections.abc import Mapping, Sequence

import ibis

from pipeline.features import application, bureau, credit_card, instalments, pos_cash, previous
from pipeline.features.aggregate import aggregate
from pipeline.features.family import Family
from pipeline.features.store import ID

# In the order of the feature columns.
FAMILIES: tuple[Family, ...] = (
    bureau.FAMILY,
    previous.FAMILY,
    pos_cash.FAMILY,
    instalments.FAMILY,
    credit_card.FAMILY,
)


def base(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """Returns one row per client: ``SK_ID_CURR`` and every base feature.

    The columns are always the same, whichever histories are there: features of an absent (empty) history are null.

    Args:
        tables: clean tables by name: ``application`` and the tables of all families.
    """
    return join(tables[application.TABLE], [aggregate(tables, family) for family in FAMILIES])


def join(table: ibis.Table, histories: Sequence[ibis.Table]) -> ibis.Table:
    """Returns every base feature, from the application table and the aggregates of each family in their order."""
    result = application.application(table)
    for family, history in zip(FAMILIES, histories, strict=True):
        result = result.left_join(history, ID).select(result, *(history[feature.name] for feature in family.aggregates))
    return result
